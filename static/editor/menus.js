// Small menus beside a card: which answer to add, what to do with a step.

import { DIGITS, ROOT, find, freeDigits, hasSilence } from "./model.js";
import { $, $$, html, icon, isNarrow, t } from "./dom.js";

let menu = null;
let opener = null;

export const isMenuOpen = () => menu !== null;

export function closeMenu({ giveBack = false } = {}) {
  menu?.remove();
  menu = null;
  if (giveBack) opener?.focus();
}

/** What a subscriber may press or say next: busy keys are crossed out. */
export function addMenu(button, store, id, choose) {
  const { steps } = find(store.document, id).step;
  const free = freeDigits(steps);
  const key = (digit) =>
    html`<button type="button" data-kind="digit" data-digit="${digit}" ${free.includes(digit) ? "" : html`disabled title="${t("busy_key")}"`}>${digit}</button>`;
  const markup = html`<p class="ed-mh">${t("subscriber_presses")}</p>
    <div class="ed-pad">${DIGITS.map(key)}</div>
    <button type="button" data-kind="words">${icon("microphone")}${t("subscriber_says")}</button>
    <button type="button" data-kind="silence" ${hasSilence(steps) ? "disabled" : ""}>${icon("hourglass")}${t("subscriber_waits")}</button>`;
  show(button, t("add_answer"), markup, ({ kind, digit }) => {
    if (kind === "digit") choose({ kind, digit: Number(digit) });
    else choose(kind === "words" ? { kind, words: [] } : { kind });
  });
}

/** Everything that can be done with a step. */
export function actionsMenu(button, store, id, run) {
  const { step, parent, place } = find(store.document, id);
  const menuSteps = (parent ?? store.document).steps;
  const item = (command, picture, words, keys, isOff = false) =>
    html`<button type="button" data-command="${command}" ${isOff ? "disabled" : ""}>${icon(picture)}<span>${words}</span>${keys && html`<kbd>${keys}</kbd>`}</button>`;
  const fold = item("fold", "chevron-up", t(store.folded.has(id) ? "unfold" : "fold"), t("space"));
  const own = [
    item("up", "arrow-up", t("move_up"), "Alt ↑", place === 0),
    item("down", "arrow-down", t("move_down"), "Alt ↓", place === menuSteps.length - 1),
    item("move", "arrows-move", t("move_to"), "M"),
    item("copy", "copy", t("make_copy"), "Ctrl D"),
    item("remove", "trash", t("remove_step"), "Del"),
  ];
  const markup = html`${item("add", "plus", t("add_answer"), "N")}${step.steps.length > 0 && fold}${id !== ROOT && own}`;
  show(button, t("actions"), markup, ({ command }) => run(command, id));
}

function show(button, label, markup, choose) {
  closeMenu();
  opener = button;
  menu = document.createElement("div");
  menu.className = "ed-menu";
  menu.setAttribute("role", "dialog");
  menu.setAttribute("aria-label", label);
  menu.innerHTML = markup.text;
  document.body.append(menu);
  place(button);
  menu.addEventListener("click", (event) => {
    const chosen = event.target.closest("button");
    if (!chosen) return;
    const back = opener;
    closeMenu();
    back?.focus();
    choose(chosen.dataset);
  });
  menu.addEventListener("keydown", pressed);
  $("button:not(:disabled)", menu)?.focus();
}

// Beside its button, so that it does not hide the menu it adds to; under it where that is narrow.
function place(button) {
  const from = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const isBeside = !isNarrow() && from.right + 8 + width < innerWidth - 8;
  const left = isBeside ? from.right + 8 : Math.max(8, Math.min(from.left, innerWidth - width - 8));
  const top = Math.max(8, Math.min(isBeside ? from.top - 6 : from.bottom + 4, innerHeight - height - 12));
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}

function pressed(event) {
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  if (event.key === "Escape") {
    event.stopPropagation();
    closeMenu({ giveBack: true });
  } else if (event.key === "Tab") {
    event.preventDefault();
    closeMenu({ giveBack: true });
  } else if (steps[event.key]) {
    event.preventDefault();
    const buttons = $$("button:not(:disabled)", menu);
    const next = buttons.indexOf(document.activeElement) + steps[event.key];
    buttons.at(next % buttons.length).focus();
  } else if (/^[0-9]$/.test(event.key)) {
    event.preventDefault(); // or the digit lands in the field that gets the focus
    $(`[data-digit="${event.key}"]:not(:disabled)`, menu)?.click();
  }
}

document.addEventListener("pointerdown", (event) => {
  if (menu && !event.target.closest(".ed-menu")) closeMenu();
});
