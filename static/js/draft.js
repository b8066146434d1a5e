// The wizard's pages: a chip puts its variable where the caret is. Keeping the draft is htmx's;
// changes are only counted here, so that a request which was overtaken by a later one changes nothing.

function count(form) {
  const turn = form?.querySelector("[data-turn]");
  if (turn) turn.value = Number(turn.value) + 1;
}

for (const name of ["input", "change", "submit"]) {
  document.addEventListener(name, (event) => count(event.target.closest("[data-draft]")), true);
}

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-insert]");
  if (!chip) return;
  const field = document.getElementById(chip.closest("[data-insert-into]").dataset.insertInto);
  field.setRangeText(chip.dataset.insert, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// Ctrl+Enter goes on from inside a text, where Enter is a new line.

document.addEventListener("keydown", (event) => {
  const form = event.target.closest("[data-draft]");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  const next = form.querySelector("[data-next]");
  if (next) form.requestSubmit(next);
});
