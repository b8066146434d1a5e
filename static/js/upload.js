// Sends chosen or dropped files one by one, each with a row of its own: progress, then what the
// server said. Without this module the form sends them all at once.
const form = document.querySelector("[data-upload]");
const input = form.querySelector("input[type=file]");
const drop = form.querySelector("[data-upload-drop]");
const section = document.getElementById("results");
const waiting = [];
let isBusy = false;

form.querySelector("[data-upload-plain]").hidden = true;
input.required = false;
input.classList.add("vh"); // the label does all it does, in the language of the page

function rowFor(file) {
  const row = document.createElement("li");
  row.className = "card card-b upload";
  const body = document.createElement("div");
  body.className = "grow";
  const name = document.createElement("b");
  name.className = "upload-name";
  name.textContent = file.name;
  body.append(name);
  row.append(body);
  section.querySelector("h2").hidden = false;
  section.querySelector("[data-upload-list]").prepend(row);
  return row;
}

function fail(row, file, text, canRepeat) {
  const body = row.querySelector(".grow");
  body.querySelectorAll(":not(.upload-name)").forEach((element) => element.remove());
  const line = document.createElement("p");
  line.className = "err";
  line.textContent = text;
  body.append(line);
  row.classList.add("is-bad");
  row.prepend(form.querySelector("[data-upload-bad]").content.cloneNode(true));
  if (!canRepeat) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-s";
  button.textContent = form.dataset.retry;
  button.addEventListener("click", () => {
    row.remove();
    take([file]);
  });
  row.append(button);
}

function take(files) {
  for (const file of files) {
    const row = rowFor(file);
    if (file.size > Number(form.dataset.maxBytes)) {
      fail(row, file, form.dataset.tooBig, false);
    } else {
      waiting.push([file, row]);
    }
  }
  next();
}

function next() {
  if (isBusy || !waiting.length) return;
  isBusy = true;
  send(...waiting.shift());
}

function send(file, row) {
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  const line = document.createElement("p");
  line.className = "sub muted num";
  bar.setAttribute("aria-label", `${form.dataset.going}: ${file.name}`);
  row.querySelector(".grow").append(bar, line);

  const data = new FormData(form);
  data.delete(input.name);
  data.append(input.name, file);
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = event.loaded / event.total;
    line.textContent = `${form.dataset.going}: ${Math.floor(bar.value * 100)} %`;
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    line.textContent = form.dataset.checking;
  });
  request.addEventListener("loadend", () => {
    finish(request, file, row);
    isBusy = false;
    next();
  });
  request.open("POST", form.action || window.location.href);
  request.setRequestHeader("HX-Request", "true"); // answer with the part «results»
  request.send(data);
}

function finish(request, file, row) {
  const elsewhere = request.status && request.getResponseHeader("HX-Redirect");
  if (elsewhere) {
    window.location.assign(elsewhere); // the session is over
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const said = page.querySelector("#results li");
  if ([200, 422].includes(request.status) && said) row.replaceWith(document.adoptNode(said));
  else fail(row, file, form.dataset.lost, true);
}

// Who leaves now loses what is still on its way.
window.addEventListener("beforeunload", (event) => {
  if (isBusy || waiting.length) event.preventDefault();
});

input.addEventListener("change", () => {
  take([...input.files]);
  input.value = ""; // so that the same file can be chosen again
});
drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("is-over");
});
drop.addEventListener("dragleave", () => drop.classList.remove("is-over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("is-over");
  take([...event.dataTransfer.files]);
});
