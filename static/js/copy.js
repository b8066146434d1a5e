// Copies the text of a read-only field.
for (const button of document.querySelectorAll("[data-copy-button]")) {
  button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-button]");
  if (!button) return;
  const input = button.closest("[data-copy]").querySelector("[data-copy-text]");
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
    button.textContent = button.dataset.copyDone;
  } catch {
    // The browser forbids it: the text is selected, Ctrl+C works.
  }
});
