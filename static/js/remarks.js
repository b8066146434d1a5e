// Comments and tags beside a recording: a comment is about the second at which one begins to type
// it, what was typed and not sent is there when the page is opened again, and what was sent leaves
// its field, which a morph of the page would keep.

const FIELDS = "[data-comment-form] input[id]";
const keyOf = (input) => own(input.id); // the id names the recording

// One browser may be used by several people: each has keys of their own.
export function own(name) {
  return `obz.${document.body.dataset.person}.${name}`;
}

function remember(input) {
  try {
    if (input.value) localStorage.setItem(keyOf(input), input.value);
    else localStorage.removeItem(keyOf(input));
  } catch {
    // A full or forbidden store: nothing is remembered.
  }
}

// It went along with the review: opened again, the page must not offer it as if it were new.
export function forget(article) {
  for (const input of article.querySelectorAll(FIELDS)) {
    input.value = "";
    remember(input);
  }
}

function recall() {
  for (const input of document.querySelectorAll(FIELDS)) {
    try {
      if (!input.value) input.value = localStorage.getItem(keyOf(input)) ?? "";
    } catch {
      return;
    }
  }
}

function stamp(input) {
  const second = input.form.querySelector("[data-comment-second]");
  const audio = document.querySelector("[data-heard] audio");
  const now = Math.floor(audio?.currentTime ?? 0);
  if (second.value || !now) return;
  second.value = `${Math.floor(now / 60)}:${String(now % 60).padStart(2, "0")}`;
}

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-comment-input]")) stamp(event.target);
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-comment-form]");
  form?.querySelectorAll("input[id]").forEach(remember);
});

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const form = ctx?.sourceElement;
  if (ctx?.response?.status !== 200 || !form?.matches?.(".rv-part form")) return;
  for (const input of form.querySelectorAll("input:not([type=hidden]), select")) {
    input.value = input.type === "date" ? input.defaultValue : "";
    if (input.matches(FIELDS)) remember(input);
  }
});

document.addEventListener("htmx:after:swap", recall);
recall();
