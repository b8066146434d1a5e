// Reviewing one call after another: the next one is there before it is asked for.

import { forget } from "./remarks.js";
import { page, post, token, waitAfter, Work } from "./review-work.js";

const RENEW = 120_000; // a hold is ten minutes
const AUTOPLAY = "obz.autoplay";

let work = null; // the call on the screen
let next = null; // the article of the next one, not yet on the page

// The next one

async function preload() {
  if (next || !work) return;
  const body = new FormData();
  body.append("besides", work.article.dataset.id);
  const answer = await fetch(page.dataset.next, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": token() },
    redirect: "error",
  }).catch(() => null);
  if (next) return;
  if (answer) page.dataset.ready = answer.status === 200 ? "next" : "last";
  if (answer?.status !== 200) return;
  const box = document.createElement("div");
  box.innerHTML = await answer.text(); // of our own server; scripts in it would not run
  next = box.querySelector("[data-work]");
  next.querySelector("audio").preload = "metadata"; // its head
  const peaks = next.querySelector("[data-heard]").dataset.peaks;
  if (peaks) fetch(peaks).catch(() => {}); // into the browser's cache
}

async function renewNext() {
  if (!next) return;
  const answer = await post(next.dataset.renew, new FormData()).catch(() => null);
  if (answer?.data?.until) next.dataset.until = answer.data.until;
  if (answer?.data?.lost) {
    next = null;
    preload();
  }
}

function play() {
  const wants = page.querySelector("[data-autoplay]").checked;
  if (wants) work.audio.play().catch(() => {}); // before the first key a browser may refuse
}

function begin(article) {
  work = new Work(article);
  // Opened again, the page shows this call, and not another that is held too.
  history.replaceState(null, "", article.dataset.page);
  work.showLease();
  work.audio.addEventListener("error", () => {
    work.part("no-sound").hidden = false;
  });
  for (const row of page.querySelectorAll("[data-row]")) {
    if (row.dataset.row === article.dataset.id) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  page.dataset.ready = "";
  setTimeout(preload, 300);
}

function onwards(words) {
  localStorage.removeItem(work.key);
  if (!next) {
    location.href = page.dataset.home;
    work = null; // nothing of it is left to let go
    return;
  }
  work.audio.pause();
  const article = next;
  next = null;
  work.article.replaceWith(article);
  window.htmx.process(article);
  begin(article);
  document.dispatchEvent(new CustomEvent("htmx:after:swap", { bubbles: true, detail: {} }));
  scrollTo({ top: 0 });
  work.part("work-title").focus({ preventScroll: true });
  say(words);
  play();
  const queue = document.getElementById("review-queue");
  window.htmx.ajax("GET", queue.getAttribute("hx-get"), { source: queue, target: queue });
}

let finishing = false;

async function finish() {
  if (finishing || work.isLost) return;
  if (!work.form.querySelector("[name=mark]:checked")) {
    work.refuse(page.dataset.markFirst);
    return;
  }
  finishing = true;
  clearTimeout(work.timer);
  if (work.saving) await work.saving;
  const pending = [
    ["comment_text", work.part("comment-input").value],
    ["comment_second", work.part("comment-second").value],
  ];
  const current = work;
  const isDone = await current.send(current.form.action, current.part("comment-input").value ? pending : []);
  finishing = false;
  if (isDone) {
    forget(current.article);
    onwards(page.dataset.onwards);
  } else if (current.sent.length) {
    clearTimeout(current.timer);
    current.timer = setTimeout(finish, waitAfter(current.tries - 1));
  }
}

async function skip(reason) {
  const body = new FormData();
  body.set("reason", reason);
  const answer = await post(page.querySelector("[data-skip]").action, body).catch(() => null);
  if (answer?.status === 200) onwards(page.dataset.skipped);
  else work.refuse(document.getElementById("words").dataset.failed);
}

// What people do

page.addEventListener("change", (event) => {
  if (event.target.form && event.target.form === work?.form) work.changed();
  if (event.target.matches("[data-autoplay]")) localStorage.setItem(AUTOPLAY, event.target.checked ? "1" : "0");
});

page.addEventListener("submit", (event) => {
  if (event.target.matches("[data-work-form]")) {
    event.preventDefault();
    delete event.target.dataset.sent;
    finish();
  } else if (event.target.matches("[data-skip]")) {
    event.preventDefault();
    skip(event.submitter?.value ?? "");
  }
});

page.addEventListener("click", (event) => {
  if (event.target.closest("[data-keep-mine]")) {
    work.keepMine();
    work.save();
  }
  if (event.target.closest("[data-take-theirs]")) work.takeTheirs();
});

export { finish };

export function say(words) {
  page.querySelector("[data-said]").textContent = words;
}
export const current = () => work;

page.querySelector(".rv-autoplay").hidden = false;
page.querySelector("[data-autoplay]").checked = localStorage.getItem(AUTOPLAY) !== "0";
const first = page.querySelector("[data-work]");
if (first) {
  begin(first);
  play();
}

setInterval(() => work?.showLease(), 10_000);
setInterval(() => {
  work?.renew();
  renewNext();
}, RENEW);
window.addEventListener("online", () => work?.later(0));
window.addEventListener("pagehide", () => {
  work?.leave();
  if (!next) return;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token());
  body.set("until", next.dataset.until);
  navigator.sendBeacon(next.dataset.release, body);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // it was let go when it was left
});
