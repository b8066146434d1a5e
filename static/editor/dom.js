// Small helpers of the pages' side: markup that escapes by itself, icons, words of the language.

import { fill, normalPhone } from "./check.js";

export const data = JSON.parse(document.getElementById("editor-data")?.textContent ?? "{}");

const sprite = document.body?.dataset.sprite ?? "";
const plurals = new Intl.PluralRules(data.language ?? "ru");
const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

class Markup {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** A template whose values are escaped, unless they are markup themselves; lists are joined. */
export function html(strings, ...values) {
  return new Markup(strings.reduce((all, part, i) => all + shown(values[i - 1]) + part));
}

function shown(value) {
  if (value === null || value === undefined || value === false) return "";
  if (Array.isArray(value)) return value.map(shown).join("");
  if (value instanceof Markup) return value.text;
  return String(value).replace(/[&<>"']/g, (sign) => SIGNS[sign]);
}

/** A picture of the sprite, for the eye only. */
export function icon(name, size = 18) {
  return html`<svg class="ic" width="${size}" height="${size}" aria-hidden="true"><use href="${sprite}#${name}"></use></svg>`;
}

/** Words for the eye: by key; the form by `n` where there are several. */
export function t(key, values = {}) {
  const words = data.words[key];
  if (words === undefined) throw new Error(`no words for ${key}`);
  const form = typeof words === "string" ? words : words[plurals.select(values.n)] ?? words.other;
  return fill(form, values);
}

/** Kopecks as «12,40 ₽»; without the sign for the first of two. */
export function money(kopecks, hasSign = true) {
  const [whole, rest] = (kopecks / 100).toFixed(2).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "\u00a0");
  return `${grouped},${rest}${hasSign ? "\u00a0₽" : ""}`;
}

export function priceRange({ low, high }) {
  return low === high ? money(high) : `${money(low, false)}–${money(high)}`;
}

/** A whole number as «+7 (912) 345-67-89»; anything else as it is. */
export function phone(typed) {
  const parts = /^7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(normalPhone(typed));
  return parts ? `+7 (${parts[1]}) ${parts[2]}-${parts[3]}-${parts[4]}` : typed;
}

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const isNarrow = () => innerWidth < 768;

/** Whether keys go into a field now. */
export function isTyping(target) {
  return Boolean(target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select"));
}

let timer;

/** One line for five seconds, read out too; `action` is a button: {words, run}. */
export function toast(text, action) {
  const box = $("#ed-toast");
  box.replaceChildren();
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (action) {
    const button = Object.assign(document.createElement("button"), { textContent: action.words });
    button.type = "button";
    button.addEventListener("click", () => {
      box.classList.remove("is-on");
      action.run();
    });
    box.append(button);
  }
  box.classList.add("is-on");
  clearTimeout(timer);
  timer = setTimeout(() => box.classList.remove("is-on"), action ? 8000 : 5000);
}
