// The draft saves itself: shortly after the last change, one request at a time, with the revision
// it began from. What is not saved yet is kept in the browser too.

import { randomHex } from "./model.js";
import { currentToken, isOut, renew } from "./session.js";

const DELAY_MS = 700;
const RETRY_SECONDS = [2, 5, 10, 30];
const DEADLINE_MS = 15_000;

/**
 * Sends drafts. Events: "state" (see `state`), "conflict" and "saved" with the server's answer.
 * State: saved, dirty, saving, offline, conflict, refused or out.
 */
export class Autosave extends EventTarget {
  #read; // → {name, document}
  #url;
  #backup;
  #timer;
  #failures = 0;
  #sent = ""; // what the server has, as text
  #sending = null; // promise of the request on its way
  #keys = []; // of requests not answered yet, or never: the server may have done them
  #isPaused = false;

  constructor({ url, revision, backup, read }) {
    super();
    this.#url = url;
    this.#backup = backup;
    this.#read = read;
    this.revision = revision;
    this.state = "saved";
    this.sentence = ""; // why the server refused a draft
    this.faster = null; // who saved before us, in a conflict
    this.isLeaving = false; // the page is left on purpose: nothing is asked
    this.#sent = JSON.stringify(read());
    addEventListener("online", () => this.state === "offline" && this.flush());
    addEventListener("focus", () => this.state === "out" && this.#comeBack());
    addEventListener("beforeunload", (event) => {
      if (this.isDirty && !this.isLeaving) event.preventDefault();
    });
    document.addEventListener("visibilitychange", () => document.hidden && this.flush());
  }

  get isDirty() {
    return this.#keys.length > 0 || JSON.stringify(this.#read()) !== this.#sent;
  }

  /** Something was changed. */
  touch() {
    if (!this.isDirty && !this.#sending) {
      clearTimeout(this.#timer);
      this.#backup.drop();
      if (this.state !== "conflict") this.#set("saved");
      return;
    }
    this.#keep();
    if (this.state === "conflict" || this.state === "out") return;
    if (this.state !== "offline") this.#set("dirty");
    this.#wait(DELAY_MS);
  }

  /** Save now. Resolves to whether the server has everything. */
  async flush() {
    clearTimeout(this.#timer);
    if (this.state === "out" && !(await this.#comeBack())) return false;
    while (this.#sending) await this.#sending;
    if (this.state === "conflict" || this.state === "out" || this.#isPaused) return false;
    if (!this.isDirty) return true;
    this.#sending = this.#send().finally(() => (this.#sending = null));
    await this.#sending;
    if (this.state === "saved" && this.isDirty) return this.flush();
    return this.state === "saved";
  }

  /** Send nothing while `action` runs: what it does is about the draft as it is saved now. */
  async whilePaused(action) {
    this.#isPaused = true;
    try {
      return await action();
    } finally {
      this.#isPaused = false;
      if (this.state !== "conflict" && this.isDirty) this.#wait(0);
    }
  }

  /** Somebody else was faster. */
  conflict(said) {
    this.faster = said;
    this.#set("conflict");
    this.#say("conflict", said);
  }

  async #send() {
    const draft = this.#read();
    const text = JSON.stringify(draft);
    const key = randomHex(18);
    const lost = this.#keys;
    this.#keys = [...lost, key].slice(-20);
    this.#keep();
    if (this.state !== "offline") this.#set("saving");
    try {
      const answer = await fetch(this.#url, {
        method: "PUT",
        headers: { "Content-Type": "application/json", "X-CSRFToken": currentToken() },
        body: JSON.stringify({ ...draft, revision: this.revision, key, lost }),
        redirect: "manual",
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      await this.#heard(answer, text);
    } catch {
      this.#failed();
    }
  }

  async #heard(answer, text) {
    if (answer.ok) {
      const said = await answer.json();
      this.revision = said.revision;
      this.#sent = text;
      this.#failures = 0;
      this.#keys = [];
      if (this.isDirty) this.#keep();
      else this.#backup.drop();
      this.#set("saved");
      this.#say("saved", said);
    } else if (answer.status === 409 || answer.status === 410) {
      this.conflict(await answer.json());
    } else if (answer.status === 422) {
      this.#keys = [];
      this.sentence = (await answer.json()).error;
      this.#set("refused");
    } else if (isOut(answer)) {
      this.#keys = [];
      this.#set("out");
    } else this.#failed();
  }

  // Signed in again in another tab: this one goes on.
  async #comeBack() {
    if (!(await renew())) return false;
    this.#set("dirty");
    this.#wait(0);
    return true;
  }

  #failed() {
    this.#failures += 1;
    this.#set("offline");
    this.#wait(RETRY_SECONDS[Math.min(this.#failures, RETRY_SECONDS.length) - 1] * 1000);
  }

  #keep() {
    this.#backup.write({ ...this.#read(), revision: this.revision, keys: this.#keys });
  }

  #wait(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), milliseconds);
  }

  #set(state) {
    this.state = state;
    this.#say("state");
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
