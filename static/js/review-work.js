// One call on the review page: what is typed saves itself with a revision, and is kept here and
// sent again when the connection is lost; the recording is held as long as the page is open.

import { own } from "./remarks.js";

export const page = document.querySelector("[data-review]");
const RETRY = [2, 5, 10, 20, 30]; // seconds

export const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

export const waitAfter = (tries) => 1000 * RETRY[Math.min(Math.max(tries, 0), RETRY.length - 1)];

export async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    body,
    headers: { Accept: "application/json", "X-CSRFToken": token() },
    redirect: "error", // the login: what is typed stays on the page
  });
  const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
  return { status: answer.status, data: isJson ? await answer.json() : null };
}

export class Work {
  constructor(article) {
    this.article = article;
    this.form = article.querySelector("[data-work-form]");
    this.revision = Number(article.dataset.revision);
    this.until = article.dataset.until;
    this.saving = null; // a promise while a request is on its way
    this.timer = 0;
    this.tries = 0;
    this.sent = []; // what went out and was not answered
    this.isLost = this.form.inert; // another has it, or it is ended: nothing to hold or to save
    this.clean = this.content();
    this.restore();
  }

  part(name) {
    return this.article.querySelector(`[data-${name}]`);
  }

  get audio() {
    return this.article.querySelector("audio");
  }

  get key() {
    return own(`review-${this.article.dataset.id}`);
  }

  content() {
    const data = new FormData(this.form);
    const told = [...data].filter(([name]) => name === "mark" || name.startsWith("line-"));
    return JSON.stringify(told.sort());
  }

  body(content) {
    const body = new FormData();
    for (const [name, value] of JSON.parse(content)) body.set(name, value);
    body.set("revision", this.revision);
    return body;
  }

  fill(content) {
    this.form.querySelectorAll("input[type=radio]").forEach((input) => {
      input.checked = false;
    });
    for (const [name, value] of JSON.parse(content)) {
      const input = this.form.querySelector(`[name="${name}"][value="${value}"]`);
      if (input) input.checked = true;
    }
  }

  get isDirty() {
    return this.content() !== this.clean;
  }

  // What a page before this one could not send.
  restore() {
    const kept = JSON.parse(localStorage.getItem(this.key) ?? "null");
    if (!kept || kept.revision !== this.revision) return;
    this.fill(kept.content);
    if (this.isDirty) this.later(0);
  }

  changed() {
    localStorage.setItem(this.key, JSON.stringify({ revision: this.revision, content: this.content() }));
    this.later(700);
  }

  later(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  tell(text) {
    this.part("saved-words").textContent = text;
  }

  async save() {
    if (this.saving) return this.saving.then(() => this.save());
    if (!this.isDirty) return true;
    this.saving = this.send(this.article.dataset.save).finally(() => {
      this.saving = null;
    });
    return this.saving;
  }

  // One request; true when the server has what the page holds.
  async send(url, more = []) {
    const content = this.content();
    const body = this.body(content);
    for (const [name, value] of more) body.set(name, value);
    this.tell(page.dataset.saving);
    let answer;
    try {
      answer = await post(url, body);
    } catch {
      return this.failed(content);
    }
    if (answer.status >= 500 || !answer.data) return this.failed(content);
    this.tries = 0;
    if (answer.status === 409 && answer.data.review) return this.conflict(answer.data, url, more);
    this.sent = [];
    return this.heard(answer, content);
  }

  failed(content) {
    this.sent.push(content);
    this.tell(page.dataset.offline);
    this.later(waitAfter(this.tries));
    this.tries += 1;
    return false;
  }

  heard({ status, data }, content) {
    if (status === 200 && data.revision) {
      this.revision = data.revision;
      this.form.elements.revision.value = data.revision;
      this.clean = content;
      this.tell(page.dataset.saved.replace("{time}", data.at));
      this.part("score-words").textContent = data.score === null ? "" : page.dataset.score.replace("{score}", data.score);
      if (!this.isDirty) localStorage.removeItem(this.key);
      else this.later(700);
      if (data.until) this.until = data.until;
    }
    if (data.lost) this.lose(data.lost);
    else if (data.error) this.refuse(data.error);
    else this.refuse("");
    return status === 200 && !data.lost;
  }

  refuse(text, canChoose = false) {
    const note = this.part("refused");
    note.hidden = !text;
    this.part("refused-words").textContent = text;
    this.part("keep-mine").hidden = !canChoose;
    this.part("take-theirs").hidden = !canChoose;
    if (text) this.tell("");
  }

  // Another page of ours was faster, or it was us and the answer never came.
  conflict({ error, review }, url, more) {
    const told = Object.entries(review.answers).map(([line, value]) => [`line-${line}`, value]);
    if (review.mark) told.push(["mark", String(review.mark)]);
    const theirs = JSON.stringify(told.sort());
    this.theirs = { content: theirs, revision: review.revision };
    if (review.isDraft && this.sent.includes(theirs)) {
      this.keepMine();
      return this.send(url, more);
    }
    this.refuse(error, review.isDraft);
    return false;
  }

  keepMine() {
    this.revision = this.theirs.revision;
    this.clean = this.theirs.content;
    this.sent = [];
    this.refuse("");
  }

  takeTheirs() {
    this.fill(this.theirs.content);
    this.keepMine();
    localStorage.removeItem(this.key);
  }

  lose(text) {
    this.isLost = true;
    this.form.inert = true;
    this.part("lost-words").textContent = text;
    this.part("lost").hidden = false;
    this.part("lease").textContent = "";
  }

  showLease() {
    if (this.isLost) return;
    const minutes = Math.floor((new Date(this.until) - Date.now()) / 60_000);
    const words = minutes > 0 ? page.dataset.lease.replace("{minutes}", minutes) : page.dataset.leaseEnd;
    if (this.part("lease").textContent !== words) this.part("lease").textContent = words;
  }

  async renew() {
    if (this.isLost) return;
    const answer = await post(this.article.dataset.renew, new FormData()).catch(() => null);
    if (answer?.data?.until) this.until = answer.data.until;
    if (answer?.data?.lost) this.lose(answer.data.lost);
    this.showLease();
  }

  leave() {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token());
    if (this.isDirty && !this.isLost) {
      const draft = this.body(this.content());
      draft.set("csrfmiddlewaretoken", token());
      navigator.sendBeacon(this.article.dataset.save, draft);
      return; // the draft holds it longer: somebody will come back
    }
    body.set("until", this.until);
    navigator.sendBeacon(this.article.dataset.release, body);
  }
}
