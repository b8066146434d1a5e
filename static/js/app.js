// What every page needs: polite polling, notices, confirmations, drawer, theme, keys. One file,
// because each file is a request of the first page; what few pages need stands in its own.
// Each behaviour is found by its data- attribute; listeners sit on document and survive swaps.

const words = () => document.getElementById("words").dataset;

// Polling: hidden tabs are silent, failing fragments wait longer and say so.

const BACKOFF = [5, 10, 20, 60]; // seconds
const failures = new WeakMap(); // element → failures in a row
const waiting = new WeakMap(); // element → timer of its next try; nothing is asked before
const missed = new Set(); // elements that were not asked because nobody was looking

function isPoll(context) {
  const method = context?.request?.method ?? "GET";
  const trigger = context?.sourceElement?.getAttribute("hx-trigger") ?? "";
  return method === "GET" && /\bevery\b|\bload\b/.test(trigger);
}

function ask(element) {
  if (!element.isConnected || !element.hasAttribute("hx-get")) return;
  window.htmx.ajax("GET", element.getAttribute("hx-get"), { source: element, target: element });
}

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (!isPoll(ctx)) return;
  if (document.hidden) missed.add(ctx.sourceElement);
  if (document.hidden || waiting.has(ctx.sourceElement)) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  missed.forEach(ask);
  missed.clear();
});

function tryAgain(element) {
  clearTimeout(waiting.get(element));
  waiting.delete(element);
  ask(element);
}

function showOffline(element, seconds) {
  let line = element.querySelector(":scope > .offline");
  if (!line) {
    line = document.createElement("p");
    line.className = "offline";
    line.append(document.createElement("span"), document.createElement("button"));
    line.lastChild.type = "button";
    line.lastChild.className = "btn btn-s";
    line.lastChild.textContent = words().retry;
    line.lastChild.addEventListener("click", () => tryAgain(element));
    element.append(line);
  }
  line.firstChild.textContent = words().offline.replace("{seconds}", seconds);
}

function failed(context) {
  const element = context?.sourceElement;
  if (!element) return;
  if (!isPoll(context)) {
    toast(context.response ? words().refused : words().failed);
    return;
  }
  const count = (failures.get(element) ?? 0) + 1;
  const seconds = BACKOFF[Math.min(count, BACKOFF.length) - 1];
  failures.set(element, count);
  waiting.set(element, setTimeout(() => tryAgain(element), seconds * 1000));
  showOffline(element, seconds);
}

// An invalid form (422) and a conflict (409) are fragments; other errors are whole pages:
// what is shown stays, with a line that it is not fresh.
function isFragment(status) {
  return status < 400 || status === 409 || status === 422;
}

document.addEventListener("htmx:error", (event) => failed(event.detail?.ctx));
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (isFragment(ctx?.response?.status ?? 0)) return;
  event.preventDefault();
  failed(ctx);
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (!isFragment(ctx?.response?.status ?? 0)) return;
  failures.delete(ctx.sourceElement);
  ctx.sourceElement?.querySelector?.(":scope > .offline")?.remove();
});

// Where errors came, the summary of them is where the person should be.

function showErrors() {
  const summary = document.querySelector("[data-errors]:not([data-seen])");
  if (!summary) return;
  summary.dataset.seen = "";
  summary.focus();
}

showErrors();
document.addEventListener("htmx:after:swap", showErrors);

// Notices: close by hand, or by themselves when they are good news.

function toast(text) {
  const note = document.createElement("div");
  note.className = "note is-bad";
  note.textContent = text;
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 8000);
}

for (const note of document.querySelectorAll("[data-toast].is-ok")) {
  setTimeout(() => note.remove(), 8000);
}

// Dialogs and confirmations.

let confirmed = null;

function askFirst(event, element, go) {
  if (!element?.dataset.confirm || confirmed === element) {
    confirmed = null;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const dialog = document.getElementById("confirm");
  dialog.querySelector("#confirm-text").textContent = element.dataset.confirm;
  const yes = dialog.querySelector("[data-confirm-yes]");
  yes.textContent = element.textContent.trim() || words().yes; // «Удалить ролик», not «Да»
  yes.onclick = () => {
    dialog.close();
    confirmed = element;
    go();
  };
  dialog.querySelector("[data-confirm-no]").onclick = () => dialog.close();
  dialog.showModal();
}

document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("button[data-confirm], a[data-confirm]");
    if (button) askFirst(event, button, () => button.click());
  },
  true,
);

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) document.getElementById(opener.dataset.dialogOpen)?.showModal();
  event.target.closest("[data-dialog-close]")?.closest("dialog")?.close();
  event.target.closest("[data-toast-close]")?.closest("[data-toast]")?.remove();
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A form is sent once: a second click while the first is on its way does nothing.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// The drawer of a narrow screen: a plain link to #side without this module.

for (const button of document.querySelectorAll("[data-drawer]")) {
  button.setAttribute("role", "button");
  button.setAttribute("aria-expanded", "false");
}

function toggleDrawer(button, open) {
  const drawer = document.getElementById(button.dataset.drawer);
  drawer.classList.toggle("is-open", open);
  drawer.nextElementSibling.inert = open;
  button.setAttribute("aria-expanded", String(open));
  if (open) drawer.querySelector("a")?.focus();
  else button.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-drawer]");
  if (button) {
    event.preventDefault();
    toggleDrawer(button, true);
    return;
  }
  const open = document.querySelector('[data-drawer][aria-expanded="true"]');
  if (open && !event.target.closest(".side")) toggleDrawer(open, false);
});

// Theme: changed at once, remembered by the server.

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-toggle]");
  if (!form) return;
  event.preventDefault();
  delete form.dataset.sent;
  const root = document.documentElement;
  const night = matchMedia("(prefers-color-scheme: dark)").matches;
  const isDark = root.dataset.theme === "dark" || (root.dataset.theme === "auto" && night);
  const theme = isDark ? "light" : "dark";
  root.dataset.theme = theme;
  const body = new FormData(form);
  body.set("theme", theme);
  fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
});

// Phones are put into the usual form on leaving the field, never while typing.

document.addEventListener("focusout", (event) => {
  const input = event.target.closest("[data-phone-input]");
  if (!input) return;
  const digits = input.value.replace(/\D/g, "").replace(/^8(?=\d{10}$)/, "7");
  const match = /^7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(digits);
  if (match) input.value = `+7 (${match[1]}) ${match[2]}-${match[3]}-${match[4]}`;
});

// Keys, by their place on the keyboard: «g» is «п» where one types Russian. Single letters can be
// turned off in the profile.

const PLACES = { KeyO: "/", KeyJ: "/calls/", KeyN: "/calls/new/", KeyC: "/contacts/", KeyR: "/records/", KeyS: "/scenarios/" };
let gTime = -Infinity; // when «g» was pressed, milliseconds

function moveInList(step) {
  const links = [...document.querySelectorAll("main .table .tlink")];
  const place = links.indexOf(document.activeElement) + step;
  links[Math.max(place, 0)]?.focus();
}

document.addEventListener("keydown", (event) => {
  const { code } = event;
  if (code === "Escape") {
    const open = document.querySelector('[data-drawer][aria-expanded="true"]');
    if (open) toggleDrawer(open, false);
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    return;
  }
  if (code === "Space" && event.target.matches("[data-drawer]")) {
    event.preventDefault();
    toggleDrawer(event.target, true);
  }
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog");
  const off = document.body.hasAttribute("data-no-shortcuts");
  if (typing || off || event.ctrlKey || event.metaKey || event.altKey) return;
  const isAfterG = event.timeStamp - gTime < 1500;
  gTime = code === "KeyG" ? event.timeStamp : -Infinity;
  if (isAfterG && PLACES[code]) location.href = PLACES[code];
  else if (code === "KeyJ") moveInList(1);
  else if (code === "KeyK") moveInList(-1);
  else if (event.key === "?" || (code === "Slash" && event.shiftKey)) {
    document.getElementById("shortcuts")?.showModal();
  } else if (event.key === "/" || code === "Slash") {
    event.preventDefault();
    document.getElementById("search")?.focus();
  }
});
