// Windows over the editor. Each resolves to what was chosen, or null; focus returns by itself.

import { ROOT, depthUnder, find, isWithin, menuOf, walk } from "./model.js";
import { $, data, html, icon, t } from "./dom.js";
import { isOut } from "./session.js";
import { titleOf, triggerIcon } from "./titles.js";

const DEADLINE_MS = 15_000;
const dialog = $("#ed-dialog");
let resolve = null;
let mustAnswer = false; // neither Esc nor the backdrop is an answer

function open(markup, { wide = false, must = false } = {}) {
  mustAnswer = must;
  dialog.innerHTML = markup.text;
  dialog.classList.toggle("is-wide", wide);
  dialog.showModal();
  return new Promise((done) => (resolve = done));
}

/** Close with an answer. */
export function answer(value) {
  const done = resolve;
  resolve = null;
  if (dialog.open) dialog.close();
  dialog.replaceChildren();
  document.dispatchEvent(new Event("obz:shown")); // what sounded in it stops
  done?.(value);
}

// By the time the event comes the next window may be open already.
dialog.addEventListener("close", () => !dialog.open && answer(null));
dialog.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-answer]");
  if (button) answer(button.dataset.answer);
  else if (event.target === dialog && !mustAnswer) answer(null); // the backdrop
});
dialog.addEventListener("cancel", (event) => mustAnswer && event.preventDefault());

const head = (title) => html`<h2 id="ed-dialog-title">${title}</h2>`;
const close = (words = t("close")) => html`<button type="button" class="btn" data-answer="">${words}</button>`;

/** A question with one or more answers: `choices` are [value, words, isMain]. */
export function ask(title, text, choices, { mustAnswer: must = false } = {}) {
  const buttons = choices.map(
    ([value, words, isMain]) => html`<button type="button" class="btn ${isMain ? "btn-p" : ""}" data-answer="${value}">${words}</button>`,
  );
  const lines = [text].flat().map((line) => html`<p>${line}</p>`);
  const markup = html`${head(title)}<div class="stack ed-said">${lines}</div><div class="dialog-acts">${buttons}</div>`;
  return open(markup, { must });
}

/** Where a step goes: the id of a menu. Its own branch and menus too deep are no answer. */
export function askMenu(store, id) {
  const moved = find(store.document, id).step;
  const now = menuOf(store.document, id);
  const deepest = store.limits.depth.max - depthUnder(moved) - 1;
  const line = (step, place, depth) => {
    const isOff = isWithin(store.document, place, id) || depth > deepest;
    const title = place === ROOT ? t("opening") : titleOf(step);
    const key = place === ROOT ? icon("phone-outgoing", 15) : triggerIcon(step, 15);
    return html`<li class="ed-depth-${Math.min(depth, 6)}"><button type="button" class="ed-kid" data-answer="${place}" ${isOff ? "disabled" : ""}><span class="ed-key">${key}</span><span>${title}${place === now && html` <span class="sub muted">${t("move_now")}</span>`}</span></button></li>`;
  };
  const lines = [...walk(store.document)].map(({ step, depth }) => line(step, step.id, depth));
  return open(html`${head(t("move_title", { title: titleOf(moved) }))}
    <p class="help">${t("move_help")}</p>
    <ul class="ed-menus">${line(store.document, ROOT, 0)}${lines}</ul>
    <div class="dialog-acts">${close(t("cancel"))}</div>`);
}

/** A part of a page from the server, in a window; the answer comes from what is clicked in it. */
export async function openFragment(title, url, { search = false, help = "" } = {}) {
  const field = html`<div class="field"><label for="ed-search">${t("search_records")}</label><input class="inp" id="ed-search" type="search" name="q" autocomplete="off"></div>`;
  const done = open(
    html`${head(title)}${help && html`<p class="help">${help}</p>`}${search && field}<div id="ed-fragment" class="ed-fragment" aria-live="polite"><p class="muted">${t("loading")}</p></div><div class="dialog-acts">${close()}</div>`,
    { wide: true },
  );
  const load = () => {
    const words = $("#ed-search")?.value ?? "";
    return loadInto($("#ed-fragment"), search ? `${url}?${new URLSearchParams({ q: words })}` : url);
  };
  let timer;
  $("#ed-search")?.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(load, 250);
  });
  await load();
  return done;
}

let newest; // only the answer to the last question is shown

async function loadInto(box, url) {
  newest = url;
  const { text, error } = await fragment(url);
  if (newest !== url || !box.isConnected) return;
  if (text) put(box, text);
  else box.innerHTML = html`<p class="err" role="alert">${error}</p>`.text;
}

// A form of a fragment answers with the fragment. Where no answer comes the form stays as it is:
// sent again it is the same request, which the server does once.
dialog.addEventListener("submit", async (event) => {
  const form = event.target;
  const box = form.closest("#ed-fragment");
  if (!box) return;
  event.preventDefault();
  const button = $("button:not([type=button])", form);
  if (button.disabled) return;
  const body = new FormData(form);
  button.disabled = true;
  const { text, error } = await fragment(form.action, { method: "POST", body });
  if (text) put(box, text);
  button.disabled = false;
  if (text) return;
  $("[data-lost]", form)?.remove();
  form.insertAdjacentHTML("beforeend", html`<p class="err" role="alert" data-lost>${error}</p>`.text);
});

function put(box, text) {
  box.innerHTML = text;
  document.dispatchEvent(new Event("obz:shown"));
}

// Markup from the server, or a sentence about why there is none.
async function fragment(url, options = {}) {
  const isAsked = options.method !== "POST";
  try {
    const answer = await fetch(url, {
      ...options,
      headers: { "HX-Request": "true" },
      redirect: "manual",
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    if (isOut(answer) || answer.headers.has("HX-Refresh")) return { error: t("signed_out") };
    if (answer.ok || answer.status === 422) return { text: await answer.text() };
  } catch {
    // Told below.
  }
  return { error: t(isAsked ? "not_loaded" : "not_sent") };
}

/** A scenario's JSON: `{text}` or `{file}`. */
export function askImport() {
  const done = open(html`${head(t("import_title"))}
    <p class="help">${t("import_help")}</p>
    <form id="ed-import" class="stack">
      <div class="field"><label for="ed-file">${t("import_file")}</label><input class="inp" id="ed-file" type="file" accept=".json,.txt,application/json,text/plain"></div>
      <div class="field"><label for="ed-text">${t("import_text")}</label><textarea class="inp mono" id="ed-text" rows="8" spellcheck="false"></textarea></div>
      <p class="err" role="alert" id="ed-import-error"></p>
      <div class="dialog-acts">${close(t("cancel"))}<button class="btn btn-p">${t("import_read")}</button></div>
    </form>`);
  return done;
}

/** What was read, and what was not understood, before anything is replaced. */
export function askReplace({ name, count, notes }) {
  const list = notes.map((note) => html`<li>${note}</li>`);
  return open(html`${head(t("replace_title", { name: name || t("no_name") }))}
    <p>${t("replace_count", { n: count })}</p>
    ${notes.length > 0 && html`<h3>${t("replace_notes")}</h3><ul class="ed-notes">${list}</ul>`}
    <p class="help">${t("replace_help")}</p>
    <div class="dialog-acts">${close(t("cancel"))}<button type="button" class="btn btn-p" data-answer="yes">${t("replace_yes")}</button></div>`);
}

/** A name and a line about it, for a template: `{name, about}`. */
export function askTemplate(name) {
  return open(html`${head(t("template_title"))}
    <form id="ed-template" class="stack">
      <div class="field"><label for="ed-template-name">${t("template_name")}</label><input class="inp" id="ed-template-name" maxlength="${data.nameMax}" value="${name}" required></div>
      <div class="field"><label for="ed-template-about">${t("template_about")}</label><input class="inp" id="ed-template-about" maxlength="200"></div>
      <p class="err" role="alert" id="ed-template-error"></p>
      <div class="dialog-acts">${close(t("cancel"))}<button class="btn btn-p">${t("template_save")}</button></div>
    </form>`);
}
