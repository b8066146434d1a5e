// The keys of the review page. By their place on the keyboard: «y» is «н» where one types Russian.

import { current, finish, say } from "./review.js";

const ANSWERS = { KeyY: "yes", KeyN: "no", KeyX: "na" };
const TYPED = "input:not([type=radio]):not([type=checkbox]):not([type=range]), textarea, select, [contenteditable], dialog";

const OPEN = "[data-work-form]:not([inert])"; // keys write no more than hands can
const lines = () => [...document.querySelectorAll(`${OPEN} [data-line]`)];
const radio = (line, value) => line.querySelector(`[value="${value}"]`);
const isAnswered = (line) => Boolean(line.querySelector(":checked"));

function focusLine(line) {
  (line.querySelector(":checked") ?? radio(line, "yes")).focus();
}

function check(input) {
  if (!input) return;
  input.checked = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// The line one is in, else the first without an answer. Focus moves only from line to line: in a
// line the arrows choose an answer, elsewhere they jump in the recording.
function answer(value) {
  const all = lines();
  const inside = all.find((line) => line.contains(document.activeElement));
  const here = inside ?? all.find((line) => !isAnswered(line));
  if (!here) return;
  const input = radio(here, value);
  check(input);
  say(`${here.querySelector("legend").textContent.trim()}: ${input.parentElement.textContent.trim()}`);
  const after = all[all.indexOf(here) + 1];
  if (inside && after) focusLine(after);
}

function moveLine(step) {
  const all = lines();
  const here = all.findIndex((line) => line.contains(document.activeElement));
  const there = here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step;
  if (all[there]) focusLine(all[there]);
}

function onKey(event) {
  const { code } = event;
  if (ANSWERS[code]) answer(ANSWERS[code]);
  else if (/^(Digit|Numpad)[1-5]$/.test(code)) check(document.querySelector(`${OPEN} [name=mark][value="${code.at(-1)}"]`));
  else if (code === "KeyT") document.querySelector("[data-tag-input]").focus();
  else if (code === "KeyC") document.querySelector("[data-comment-input]").focus();
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (!current() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const { code, target } = event;
  const typed = target.closest?.(TYPED);
  if (code === "Escape" && target.closest?.("input, textarea, select") && !target.closest("dialog")) {
    target.blur();
    return;
  }
  if (typed) return;
  if ((code === "Enter" || code === "NumpadEnter") && !target.closest?.("button, a, summary")) {
    event.preventDefault();
    finish();
  } else if (code === "Backspace") {
    event.preventDefault();
    document.querySelector("[data-back]").requestSubmit();
  } else if (code === "ArrowDown" || code === "ArrowUp") {
    if (!lines().length || target.closest?.("[name=mark], [type=range]")) return;
    event.preventDefault();
    moveLine(code === "ArrowDown" ? 1 : -1);
  } else if (!document.body.hasAttribute("data-no-shortcuts") && !event.shiftKey) onKey(event);
});
