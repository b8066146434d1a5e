// Unsaved work kept in this browser: a copy for each tab, offered after a crash.

import { randomHex } from "./model.js";

/** Copies of one scenario and person. Each is `{name, document, revision, keys, at}`. */
export class Backup {
  #prefix;
  #own;

  constructor({ id, user }) {
    this.#prefix = `obzvon:scenario:${id}:${user}:`;
    this.#own = this.#prefix + tabId();
  }

  /** Keep what this tab holds. A full or forbidden store is no trouble: the server's copy counts. */
  write(draft) {
    quietly(() => localStorage.setItem(this.#own, JSON.stringify({ ...draft, at: Date.now() })));
  }

  /** Forget what this tab has kept, or another copy by its key. */
  drop(key = this.#own) {
    quietly(() => localStorage.removeItem(key));
  }

  /** Every copy with its key, the newest first. */
  all() {
    const keys = quietly(() => Object.keys(localStorage)) ?? [];
    return keys
      .filter((key) => key.startsWith(this.#prefix))
      .map((key) => ({ key, kept: quietly(() => JSON.parse(localStorage.getItem(key))) }))
      .filter(({ kept }) => kept?.document)
      .sort((one, other) => other.kept.at - one.kept.at);
  }
}

function tabId() {
  const kept = quietly(() => sessionStorage.getItem("obzvon:tab"));
  const id = kept ?? randomHex(8);
  quietly(() => sessionStorage.setItem("obzvon:tab", id));
  return id;
}

function quietly(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
