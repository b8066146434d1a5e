// What every page needs: polite polling, confirmations, drawer, theme, player, keys.
// Each behaviour is found by its data- attribute; listeners sit on document and survive swaps.

const words = () => document.getElementById("words").dataset;

// Polling: hidden tabs are silent, failing fragments wait longer and say so.

const BACKOFF = [5, 10, 20, 60]; // seconds
const failures = new WeakMap(); // element → failures in a row
const waiting = new WeakMap(); // element → time before which it is not asked again

function isPoll(context) {
  const method = context?.request?.method ?? "GET";
  const trigger = context?.sourceElement?.getAttribute("hx-trigger") ?? "";
  return method === "GET" && /\bevery\b|\bload\b/.test(trigger);
}

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (!isPoll(ctx)) return;
  const pause = waiting.get(ctx.sourceElement) ?? 0;
  if (document.hidden || Date.now() < pause) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[hx-get][hx-trigger*='every']")) {
    window.htmx?.ajax("GET", element.getAttribute("hx-get"), { source: element, target: element });
  }
});

function showOffline(element, seconds) {
  let line = element.querySelector(":scope > .offline");
  if (!line) {
    line = document.createElement("p");
    line.className = "offline";
    line.append(document.createElement("span"), document.createElement("button"));
    line.lastChild.type = "button";
    line.lastChild.className = "btn btn-s";
    line.lastChild.textContent = words().retry;
    line.lastChild.addEventListener("click", () => {
      waiting.delete(element);
      window.htmx.ajax("GET", element.getAttribute("hx-get"), { source: element, target: element });
    });
    element.append(line);
  }
  line.firstChild.textContent = words().offline.replace("{seconds}", seconds);
}

function failed(context) {
  const element = context?.sourceElement;
  if (!element) return;
  if (!isPoll(context)) {
    toast(words().failed, "is-bad");
    return;
  }
  const count = (failures.get(element) ?? 0) + 1;
  const seconds = BACKOFF[Math.min(count, BACKOFF.length) - 1];
  failures.set(element, count);
  waiting.set(element, Date.now() + seconds * 1000);
  showOffline(element, seconds);
}

document.addEventListener("htmx:error", (event) => failed(event.detail?.ctx));
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  // A 500 page is no fragment: what is shown stays, with a line that it is not fresh.
  if ((ctx?.response?.status ?? 0) >= 500) {
    event.preventDefault();
    failed(ctx);
  }
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const status = ctx?.response?.status ?? 0;
  if (status && status < 500 && ctx.sourceElement) {
    failures.delete(ctx.sourceElement);
    waiting.delete(ctx.sourceElement);
    ctx.sourceElement.querySelector?.(":scope > .offline")?.remove();
  }
});

// After a swap that brought errors, the first of them is where the person should be.

document.addEventListener("htmx:after:swap", () => {
  const summary = document.querySelector("[data-errors]:not([data-seen])");
  if (summary) {
    summary.dataset.seen = "";
    summary.focus();
  }
});

// Notices: close by hand, or by themselves when they are good news.

function toast(text, tone) {
  const box = document.getElementById("toasts");
  const note = document.createElement("div");
  note.className = `note ${tone}`;
  note.textContent = text;
  box.append(note);
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
  dialog.querySelector("[data-confirm-yes]").onclick = () => {
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
  for (const menu of document.querySelectorAll("details[data-menu][open], .balance-menu[open]")) {
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

// The drawer of a narrow screen.

function toggleDrawer(button, open) {
  const drawer = document.getElementById(button.dataset.drawer);
  drawer.classList.toggle("is-open", open);
  button.setAttribute("aria-expanded", String(open));
  if (open) drawer.querySelector("a")?.focus();
  else button.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-drawer]");
  if (button) {
    toggleDrawer(button, button.getAttribute("aria-expanded") !== "true");
    return;
  }
  const open = document.querySelector('[data-drawer][aria-expanded="true"]');
  if (open && !event.target.closest(".side")) toggleDrawer(open, false);
});

// Where we are.

for (const link of document.querySelectorAll("[data-nav]")) {
  const here = location.pathname;
  const path = link.getAttribute("href");
  const isDeeper = [...document.querySelectorAll("[data-nav]")].some((other) => {
    const longer = other.getAttribute("href");
    return longer.length > path.length && here.startsWith(longer);
  });
  if (path === here || (path !== "/" && here.startsWith(path) && !isDeeper)) {
    link.setAttribute("aria-current", "page");
  }
}

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

// A player's extra buttons. The sound itself is the browser's own control.

function showPlayers() {
  for (const button of document.querySelectorAll("[data-player] button")) button.hidden = false;
}

showPlayers();
document.addEventListener("htmx:after:swap", showPlayers);
document.addEventListener("click", (event) => {
  const player = event.target.closest("[data-player]");
  const audio = player?.querySelector("audio");
  if (!audio) return;
  if (event.target.closest("[data-player-back]")) audio.currentTime -= 5;
  if (event.target.closest("[data-player-forward]")) audio.currentTime += 5;
  const speed = event.target.closest("[data-player-speed]");
  if (speed) {
    const speeds = [1, 1.25, 1.5, 2];
    audio.playbackRate = speeds[(speeds.indexOf(audio.playbackRate) + 1) % speeds.length];
    speed.textContent = `${audio.playbackRate}×`.replace(".", ",");
  }
});

// Keys. Single letters can be turned off in the profile.

const PLACES = { j: "/calls/", n: "/calls/new/", r: "/records/", s: "/scenarios/", o: "/" };
let afterG = false;

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector('[data-drawer][aria-expanded="true"]');
    if (open) toggleDrawer(open, false);
    for (const menu of document.querySelectorAll("details[data-menu][open]")) menu.open = false;
    return;
  }
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog");
  const off = document.body.hasAttribute("data-no-shortcuts");
  if (typing || off || event.ctrlKey || event.metaKey || event.altKey) return;
  if (afterG && PLACES[event.key]) location.href = PLACES[event.key];
  afterG = event.key === "g";
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("search")?.focus();
  }
  if (event.key === "?") document.getElementById("shortcuts")?.showModal();
});
