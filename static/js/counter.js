// Says how many characters are left in a field with data-counter="1024", counted as the service
// does: by code point, a line break is one. The words stand in the element data-counter-of="id".
function count(field) {
  const line = document.querySelector(`[data-counter-of="${field.id}"]`);
  if (!line) return;
  const left = Number(field.dataset.counter) - [...field.value.trim()].length;
  line.hidden = false;
  line.textContent = (left < 0 ? line.dataset.over : line.dataset.left).replace("{n}", Math.abs(left));
  line.classList.toggle("err", left < 0);
  line.classList.toggle("muted", left >= 0);
}

function countAll() {
  document.querySelectorAll("[data-counter]").forEach(count);
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-counter]")) count(event.target);
});
document.addEventListener("htmx:after:swap", countAll);
window.addEventListener("pageshow", countAll); // also when the browser puts a typed text back
countAll();
