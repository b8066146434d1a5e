// Questions to the server besides saving. Each answer is an object; one with `error` says in a
// sentence why there is nothing else in it.

import { data, t } from "./dom.js";
import { currentToken, isOut } from "./session.js";

const DEADLINE_MS = 20_000;

export class Server {
  publish(revision) {
    return this.#post(data.urls.publish, new URLSearchParams({ revision }));
  }

  copy(draft) {
    return this.#post(data.urls.copy, JSON.stringify({ ...draft, revision: 0 }));
  }

  probe(webhook) {
    return this.#post(data.urls.probe, JSON.stringify(webhook));
  }

  saveTemplate(template) {
    return this.#post(data.urls.saveTemplate, JSON.stringify(template));
  }

  /** `form`: a FormData with `file` or `text`. */
  read(form) {
    return this.#post(data.urls.import, form);
  }

  template(key) {
    return this.#ask(`${data.urls.templates}${encodeURIComponent(key)}/`, { method: "GET" });
  }

  #post(url, body) {
    const isText = typeof body === "string";
    const headers = { "X-CSRFToken": currentToken(), ...(isText && { "Content-Type": "application/json" }) };
    return this.#ask(url, { method: "POST", headers, body });
  }

  async #ask(url, options) {
    try {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      const answer = await fetch(url, { ...options, redirect: "manual", signal });
      if (isOut(answer)) return { error: t("signed_out") };
      if (!answer.headers.get("Content-Type")?.includes("json")) return { error: t("server_failed") };
      return await answer.json();
    } catch {
      return { error: t("no_connection") };
    }
  }
}
