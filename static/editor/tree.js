// The tree of cards: nested lists that a screen reader can walk, and connectors behind them.
// Only cards whose markup changed are written again; places are measured once a drawing.

import { ROOT, countUnder } from "./model.js";
import { lengthOf } from "./check.js";
import { $, $$, html, icon, isNarrow, phone, t } from "./dom.js";
import { titleOf, triggerIcon } from "./titles.js";

export class Tree {
  #store;
  #nodes = new Map(); // step id → {item, markup, kids}
  #path = new Set(); // ids on the way of a trial call
  #isTrial = false;

  constructor(store) {
    this.#store = store;
    this.root = $("#tree");
    new ResizeObserver(() => this.drawWires()).observe($("#canvas"));
    document.fonts?.ready.then(() => this.drawWires());
  }

  /** Draw what changed. */
  draw() {
    const focused = focusKey(document.activeElement);
    const used = new Set();
    const item = this.#node(this.#store.document, ROOT, used);
    if (this.root.firstElementChild !== item) this.root.replaceChildren(item);
    for (const id of this.#nodes.keys()) if (!used.has(id)) this.#nodes.delete(id);
    this.drawWires();
    if (!focused || document.activeElement?.closest("#tree")) return;
    const card = `[data-pick="${/"(.*)"/.exec(focused)[1]}"]`; // where the control itself is gone
    ($(focused, this.root) ?? $(card, this.root))?.focus({ preventScroll: true });
  }

  /** Show the way of a trial call (a list of ids), or nothing of it for null. */
  showPath(path) {
    this.#isTrial = path !== null;
    this.#path = new Set(path ? [ROOT, ...path] : []);
    document.body.classList.toggle("is-trial", this.#isTrial);
    const last = path?.at(-1) ?? ROOT;
    for (const box of $$(".ed-box", this.root)) {
      const isHot = this.#path.has(box.dataset.id);
      box.classList.toggle("is-hot", isHot);
      box.classList.toggle("is-now", this.#isTrial && box.dataset.id === last);
    }
    this.drawWires();
    if (path) this.reveal(last);
  }

  reveal(id, block = "nearest") {
    this.boxOf(id)?.scrollIntoView({ block, inline: "nearest" });
  }

  focus(id) {
    $(`[data-pick="${id}"]`, this.root)?.focus({ preventScroll: true });
    this.reveal(id);
  }

  boxOf(id) {
    return $(`.ed-box[data-id="${id}"]`, this.root);
  }

  #node(step, id, used) {
    used.add(id);
    let node = this.#nodes.get(id);
    if (!node) {
      const item = document.createElement("li");
      item.className = "ed-node";
      item.dataset.node = id;
      node = { item, markup: "", kids: null };
      this.#nodes.set(id, node);
    }
    const markup = this.#card(step, id).text;
    if (markup !== node.markup) this.#write(node, markup);
    const isOpen = step.steps.length > 0 && !this.#store.folded.has(id);
    if (isOpen) this.#menu(node, step, id, used);
    else node.kids?.remove();
    if (!isOpen) node.kids = null;
    return node.item;
  }

  #write(node, markup) {
    const holder = document.createElement("template");
    holder.innerHTML = markup;
    const box = holder.content.firstElementChild;
    node.item.querySelector(":scope > .ed-box")?.remove();
    node.item.prepend(box);
    node.markup = markup;
  }

  #menu(node, step, id, used) {
    if (!node.kids) {
      node.kids = document.createElement("ol");
      node.kids.className = "ed-kids";
      const add = document.createElement("li");
      add.className = "ed-last";
      add.innerHTML = addButton(id).text;
      node.kids.append(add);
      node.item.append(node.kids);
    }
    const wanted = step.steps.map((below) => this.#node(below, below.id, used));
    const last = node.kids.lastElementChild;
    for (const old of [...node.kids.children]) {
      if (old !== last && !wanted.includes(old)) old.remove();
    }
    wanted.forEach((item, place) => {
      const there = node.kids.children[place];
      if (there !== item) node.kids.insertBefore(item, there);
    });
  }

  #card(step, id) {
    const isRoot = id === ROOT;
    const isSelected = this.#store.selected === id;
    const found = this.#store.problems.get(id) ?? [];
    const errors = found.filter(({ level }) => level === "error");
    const sound = isRoot ? step.opening : step.sound;
    const title = isRoot ? t("opening") : titleOf(step);
    const isFolded = this.#store.folded.has(id) && step.steps.length > 0;
    const tab = isSelected ? "0" : "-1";
    return html`<div class="ed-box" data-id="${id}">
      <span class="ed-key ${keyClass(step, isRoot)}" data-grip>${isRoot ? icon("phone-outgoing") : triggerIcon(step)}</span>
      <div class="ed-card${isSelected ? " is-chosen" : ""}${errors.length ? " is-bad" : ""}">
        ${flag(errors.length, found.length - errors.length)}
        <button type="button" class="ed-pick" data-pick="${id}" tabindex="${tab}" aria-current="${String(isSelected)}">
          <span class="ed-t">${title}</span>
          ${sound && html`<span class="ed-x">${this.#said(sound)}</span>`}
          ${this.#tags(step, isRoot, errors)}
        </button>
        <button type="button" class="btn btn-i ed-more" data-actions="${id}" tabindex="${tab}" aria-haspopup="dialog" aria-label="${t("actions_of", { title })}">${icon("dots-vertical")}</button>
        ${isFolded ? foldButton(id, step, tab) : step.steps.length === 0 && plusButton(id, title, tab)}
      </div>
    </div>`;
  }

  #said(sound) {
    if (sound.kind === "text") return sound.text || html`<i>${t("no_text")}</i>`;
    return this.#store.records[sound.record]?.name ?? t("no_record");
  }

  #tags(step, isRoot, errors) {
    const bad = (...fields) => (errors.some(({ field }) => fields.includes(field)) ? " is-bad" : "");
    const tags = [];
    const tag = (kind, name, text, wrong) => tags.push(html`<span class="ed-tag ${kind}${wrong}">${icon(name, 14)}${text}</span>`);
    if (step.trigger?.kind === "words") {
      tag("is-mic", "microphone", step.trigger.words.slice(0, 3).join(", ") || t("no_words"), bad("words"));
    }
    const sound = isRoot ? step.opening : step.sound;
    if (sound?.kind === "record") tag("", "file-music", t("record"), bad("record"));
    if (step.sms) {
      tag("is-sms", "message", `${t("sms")} ${lengthOf(step.sms)}/${this.#store.limits.sms.max}`, bad("sms"));
    }
    if (step.manager_phone) tag("is-mgr", "user-share", phone(step.manager_phone), bad("manager_phone"));
    if (step.webhook) tag("", "webhook", t("webhook"), bad("webhook", "parameters"));
    if (step.block) tag("is-ban", "ban", t("to_blacklist"), "");
    if (step.recognize) tag("is-mic", "microphone", t("listens"), "");
    return tags.length > 0 && html`<span class="ed-tags">${tags}</span>`;
  }

  /** Connectors from each card to its answers, by where the boxes are now. */
  drawWires() {
    const stage = $("#stage").getBoundingClientRect();
    const narrow = isNarrow();
    const paths = [];
    for (const kids of $$(".ed-kids", this.root)) {
      const box = kids.parentElement.querySelector(":scope > .ed-box");
      const from = (narrow ? box.firstElementChild : box.lastElementChild).getBoundingClientRect();
      for (const kid of kids.children) {
        const target = kid.querySelector(":scope > .ed-box > .ed-key") ?? kid.firstElementChild;
        const to = target.getBoundingClientRect();
        const isHot = this.#path.has(kid.dataset.node);
        const isSoft = !kid.dataset.node || target.classList.contains("is-silence");
        const shape = (narrow ? elbow : bend)(from, to, stage);
        paths.push([isHot, html`<path class="${isSoft ? "is-soft" : ""}${isHot ? " is-hot" : ""}" d="${shape}"/>`]);
      }
    }
    paths.sort((one, other) => one[0] - other[0]); // the way lies over the rest
    $("#wires").innerHTML = paths.map(([, path]) => path.text).join("");
  }
}

const keyClass = (step, isRoot) => (isRoot ? "is-root" : `is-${step.trigger.kind}`);

function flag(errors, warnings) {
  if (errors) return html`<span class="ed-flag">${icon("alert-circle", 13)}${t("errors", { n: errors })}</span>`;
  return warnings > 0 && html`<span class="ed-flag is-warn">${icon("alert-triangle", 13)}${t("look_here")}</span>`;
}

const addButton = (id) =>
  html`<button type="button" class="ed-add" data-add="${id}" aria-haspopup="dialog">${icon("plus", 16)}${t("answer")}</button>`;

const plusButton = (id, title, tab) =>
  html`<button type="button" class="ed-plus" data-add="${id}" tabindex="${tab}" aria-haspopup="dialog" aria-label="${t("add_after", { title })}">${icon("plus", 15)}</button>`;

const foldButton = (id, step, tab) =>
  html`<button type="button" class="ed-fold num" data-unfold="${id}" tabindex="${tab}" aria-label="${t("unfold_n", { n: countUnder(step) })}">+${countUnder(step)}</button>`;

// A right angle with round corners, from the right side of a card to the left of a key.
function bend(from, to, stage) {
  const [x1, y1] = [from.right - stage.left, from.top + from.height / 2 - stage.top];
  const [x2, y2] = [to.left - stage.left - 2, to.top + to.height / 2 - stage.top];
  const middle = x1 + 22;
  const r = Math.min(12, Math.abs(y2 - y1) / 2);
  const down = Math.sign(y2 - y1);
  if (r < 1) return `M${x1} ${y1}H${x2}`;
  return (
    `M${x1} ${y1}H${middle - r}Q${middle} ${y1} ${middle} ${y1 + down * r}` +
    `V${y2 - down * r}Q${middle} ${y2} ${middle + r} ${y2}H${x2}`
  );
}

// On a narrow screen: down from the key of the parent, then right to the key of the answer.
function elbow(from, to, stage) {
  const [x1, y1] = [from.left + from.width / 2 - stage.left, from.bottom - stage.top + 3];
  const [x2, y2] = [to.left - stage.left - 2, to.top + to.height / 2 - stage.top];
  return `M${x1} ${y1}V${y2 - 10}Q${x1} ${y2} ${x1 + 10} ${y2}H${x2}`;
}

// How to find the focused control again after its card was written anew.
function focusKey(element) {
  if (!element?.closest("#tree")) return "";
  for (const name of ["pick", "actions", "add", "unfold"]) {
    if (element.dataset[name]) return `[data-${name}="${element.dataset[name]}"]`;
  }
  return "";
}
