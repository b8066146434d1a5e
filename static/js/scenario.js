// The form of a scenario: what is sent is what stands there now, problems stand beside their
// fields, focus follows the new step, records can be heard before they are chosen for good.

const FORM = "#scenario-form";

const typedIn = new WeakMap(); // a request → what was typed when it left
let saved = ""; // what the server has

// Requests wait for each other. One that has waited carries the form as it was, with a revision
// that is already old: it is filled again at the moment it leaves. Saving by itself has nothing
// left to do when a button has saved the same, and may even be leaving for another page.
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  const form = document.querySelector(FORM);
  if (!form || !ctx.sourceElement.matches(`${FORM}, #scenario-panel`)) return;
  const data = new FormData(form);
  const typed = typedOf(data);
  if (typed === saved && ctx.sourceElement.matches("#scenario-panel")) {
    event.preventDefault();
    return;
  }
  typedIn.set(ctx, typed);
  const submitter = ctx.request.submitter;
  if (submitter?.name) data.append(submitter.name, submitter.value);
  ctx.request.body = new URLSearchParams(data);
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (typedIn.has(ctx) && ctx.response.status < 400) saved = typedIn.get(ctx);
});

function typedOf(data) {
  const copy = new URLSearchParams(data);
  for (const name of ["revision", "csrfmiddlewaretoken"]) copy.delete(name);
  return copy.toString();
}

// The panel knows all problems; after each of its answers they stand beside the fields again.
function showProblems() {
  const form = document.querySelector(FORM);
  if (!form) return;
  for (const old of form.querySelectorAll("[data-problems]")) old.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const item of document.querySelectorAll("#scenario-problems [data-problem]")) {
    const field = document.getElementById(item.dataset.problem);
    if (field) showProblem(field, item);
  }
}

function showProblem(field, item) {
  const id = `${field.id}_error`;
  const isError = item.dataset.level === "error";
  let box = document.getElementById(id);
  if (!box) {
    box = document.createElement("div");
    box.id = id;
    box.dataset.problems = "";
    const head = field.querySelector(":scope > .sc-head"); // a problem of the whole step
    if (head) head.after(box);
    else if (field.closest(".sc-pair")) field.closest(".sc-pair").after(box);
    else field.parentElement.append(box);
  }
  box.className = isError ? "err" : "sc-warning";
  const line = document.createElement("p");
  line.textContent = item.querySelector("span").textContent;
  box.append(line);
  if (!field.matches("fieldset")) {
    field.setAttribute("aria-describedby", id);
    if (isError) field.setAttribute("aria-invalid", "true");
  }
}

document.addEventListener("htmx:after:swap", () => {
  showProblems();
  document.querySelector("dialog[data-conflict]:not([open])")?.showModal();
  const step = document.querySelector("[data-focus]");
  if (!step) return;
  delete step.dataset.focus;
  step.scrollIntoView({ block: "nearest" });
  step.focus({ preventScroll: true });
});

document.addEventListener("change", (event) => {
  const digit = event.target.closest("[data-digit]");
  if (digit) digit.closest(".sc-step").querySelector("[data-key]").textContent = digit.value || "?";
  const select = event.target.closest("[data-record]");
  if (!select) return;
  const audio = select.closest("[data-sound]").querySelector("audio");
  const src = select.selectedOptions[0].dataset.src;
  audio.hidden = !src;
  if (src) audio.src = src;
  else audio.removeAttribute("src");
});
