// What the top bar and the footer say: saved or not, which version, how many errors, the price.

import { estimate } from "./cost.js";
import { lengths } from "./sim.js";
import { $, $$, data, html, icon, priceRange, t } from "./dom.js";

const STATES = {
  dirty: ["saving", "is-muted"],
  saving: ["saving", "is-muted"],
  offline: ["offline", "is-warn"],
  conflict: ["conflict_state", "is-bad"],
  out: ["signed_out", "is-bad"],
};

export class Bar {
  constructor(store, autosave) {
    Object.assign(this, { store, autosave, version: data.version, savedAt: data.savedAt });
  }

  draw() {
    this.#counts();
    this.#version();
    this.drawSaved();
    for (const [name, can] of [["undo", this.store.canUndo], ["redo", this.store.canRedo]]) {
      for (const button of $$(`[data-do="${name}"]`)) button.disabled = !can;
    }
    const name = $("#ed-name");
    if (name.value !== this.store.name) name.value = this.store.name;
    document.title = document.title.replace(/^[^·]*/, `${this.store.name} `);
  }

  drawSaved() {
    const box = $("#ed-saved");
    const { state, sentence } = this.autosave;
    const [key, look] = STATES[state] ?? ["", ""];
    const gone = state === "conflict" && (this.autosave.faster.isArchived || this.autosave.faster.isGone);
    const texts = { saved: t("saved_at", { at: this.savedAt }), refused: sentence };
    const text = texts[state] ?? t(gone ? "conflict_gone_state" : key);
    const markup = html`${text}${whatToDo(state)}`.text;
    if (box.innerHTML !== markup) box.innerHTML = markup;
    box.className = state === "refused" ? "is-bad" : look;
  }

  #version() {
    const box = $("#ed-version");
    const isSame = this.version?.isSame && !this.autosave.isDirty;
    const next = (this.version?.number ?? 0) + 1;
    box.textContent = isSame ? t("version_published", { n: this.version.number }) : t("version_draft", { n: next });
    box.className = `badge ${isSame ? "is-ok" : "is-info"}`;
    $("#ed-publish").disabled = Boolean(isSame);
  }

  #counts() {
    const all = this.store.allProblems;
    const errors = all.filter(({ level }) => level === "error").length;
    const warnings = all.length - errors;
    const chip = $("#ed-issues");
    chip.className = `btn ed-chip ${errors ? "is-bad" : warnings ? "is-warn" : "is-ok"}`;
    const words = errors ? t("errors", { n: errors }) : warnings ? t("warnings", { n: warnings }) : t("no_errors");
    const [number, ...rest] = words.split(" ");
    const picture = errors ? "alert-circle" : warnings ? "alert-triangle" : "check";
    chip.innerHTML = (all.length
      ? html`${icon(picture)}<b class="num">${number}</b><span>${rest.join(" ")}</span>`
      : html`${icon(picture)}<span>${words}</span>`
    ).text;
    chip.setAttribute("aria-label", words);
    const cost = estimate(this.store.document, data.prices, lengths(this.store.records));
    $("#ed-price").textContent = priceRange(cost);
  }
}

// What a person can do about a state, beside it.
function whatToDo(state) {
  if (state === "conflict") return html` <button type="button" data-do="resolve">${t("resolve")}</button>`;
  return state === "out" && html` <a href="${data.urls.login}" target="_blank">${t("sign_in")}</a>`;
}
