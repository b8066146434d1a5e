// Shows a typed password while its button is pressed in.
for (const button of document.querySelectorAll("[data-reveal-button]")) {
  button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal-button]");
  if (!button) return;
  const input = button.closest("[data-reveal]").querySelector("input");
  const isShown = input.type === "text";
  input.type = isShown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!isShown));
});
