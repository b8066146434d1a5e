// Sends the chosen or dropped file of contacts with a bar that says how far it is, and names the
// list after the file. Without this module the form is an ordinary one.
const form = document.querySelector("[data-list-upload]");
const input = form.querySelector("input[type=file]");
const drop = form.querySelector("[data-list-upload-drop]");
const chosen = form.querySelector("[data-list-upload-file]");
const going = form.querySelector("[data-list-upload-going]");
const bar = going.querySelector("progress");
const line = going.querySelector("p");
const button = form.querySelector("[data-list-upload-send]");
const name = form.querySelector("[name=name]");
const list = form.querySelector("[name=contact_list]");
let ownName = ""; // what we have typed for the person
let request = null;

input.classList.add("vh"); // the label does all it does, in the language of the page

function complain(text) {
  form.querySelector("[data-list-upload-error]").textContent = text;
  input.toggleAttribute("aria-invalid", Boolean(text));
}

function tooBig(file) {
  return file.size > Number(form.dataset.maxBytes);
}

function look() {
  const file = input.files[0];
  chosen.hidden = !file;
  complain(file && tooBig(file) ? form.dataset.tooBig : "");
  if (!file) return;
  const isSmall = file.size < 1e6;
  const number = isSmall ? Math.ceil(file.size / 1024) : (file.size / 1048576).toFixed(1);
  const size = (isSmall ? form.dataset.kilobytes : form.dataset.megabytes).replace("{n}", number);
  chosen.textContent = `${file.name} · ${size}`;
  if (name.value && name.value !== ownName) return;
  ownName = file.name.replace(/\.[^.]+$/, "").replaceAll("_", " ").trim().slice(0, name.maxLength);
  name.value = ownName;
}

function showList() {
  if (list) name.closest(".field").hidden = Boolean(list.value);
}

function stop(text) {
  request = null;
  going.hidden = true;
  button.disabled = false;
  complain(text);
}

function finish(answer) {
  const elsewhere = answer.status && answer.getResponseHeader("HX-Redirect");
  if (elsewhere) {
    request = null;
    window.location.assign(elsewhere);
    return;
  }
  const page = new DOMParser().parseFromString(answer.responseText, "text/html");
  const said = [...page.querySelectorAll(".err")].map((part) => part.textContent.trim());
  stop(answer.status === 422 && said.length ? said.join(" ") : form.dataset.lost);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  const file = input.files[0];
  if (request || !form.reportValidity()) return;
  if (!file || tooBig(file)) {
    complain(file ? form.dataset.tooBig : form.dataset.none);
    return;
  }
  complain("");
  button.disabled = true;
  going.hidden = false;
  bar.value = 0;
  request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (step) => {
    if (!step.lengthComputable) return;
    bar.value = step.loaded / step.total;
    line.textContent = `${form.dataset.going}: ${Math.floor(bar.value * 100)} %`;
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    line.textContent = form.dataset.checking;
  });
  const own = request;
  request.addEventListener("loadend", () => finish(own));
  request.open("POST", form.action || window.location.href);
  request.setRequestHeader("HX-Request", "true"); // answer with an address, or with the form alone
  request.send(new FormData(form));
});

// Who leaves now loses what is still on its way.
window.addEventListener("beforeunload", (event) => {
  if (request) event.preventDefault();
});

input.addEventListener("change", look);
list?.addEventListener("change", showList);
drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("is-over");
});
drop.addEventListener("dragleave", () => drop.classList.remove("is-over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("is-over");
  if (!event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  look();
});
showList();
look(); // the browser may have put back what was chosen before
