// Comments and tags beside a recording: a comment is about the second at which one begins to type
// it, and what was sent leaves its field, which a morph of the page would keep.

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

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const form = ctx?.sourceElement;
  if (ctx?.response?.status !== 200 || !form?.matches?.(".rv-part form")) return;
  for (const input of form.querySelectorAll("input:not([type=hidden]), select")) input.value = input.type === "date" ? input.defaultValue : "";
});
