// The form of a scenario: what is sent is what stands there now, focus follows the new step,
// records can be heard before they are chosen for good.

const FORM = "#scenario-form";

// Requests wait for each other. One that has waited carries the form as it was, with a revision
// that is already old: it is filled again at the moment it leaves.
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  const form = document.querySelector(FORM);
  if (!form || !ctx.sourceElement.matches(`${FORM}, #scenario-panel`)) return;
  const submitter = ctx.request.submitter;
  const data = new FormData(form);
  if (submitter?.name) data.append(submitter.name, submitter.value);
  ctx.request.body = new URLSearchParams(data);
});

document.addEventListener("htmx:after:swap", () => {
  document.querySelector("dialog[data-conflict]:not([open])")?.showModal();
  const step = document.querySelector("[data-focus]");
  if (!step) return;
  delete step.dataset.focus;
  step.scrollIntoView({ block: "nearest" });
  step.focus({ preventScroll: true });
});

document.addEventListener("change", (event) => {
  const select = event.target.closest("[data-record]");
  if (!select) return;
  const audio = select.closest("[data-sound]").querySelector("audio");
  const src = select.selectedOptions[0].dataset.src;
  audio.hidden = !src;
  if (src) audio.src = src;
  else audio.removeAttribute("src");
});
