// What is being edited: the document, the chosen step, folded branches, undo and redo. Every
// change goes through `commit`, so everything can be taken back.

import { ROOT, find, idOf, walk } from "./model.js";
import { fill, problems } from "./check.js";

const LEVELS = 100; // of undo
const TYPING_MS = 900; // changes of one field within this time are one level

export class Store extends EventTarget {
  #undo = [];
  #redo = [];
  #lastKey = "";
  #lastAt = 0;
  #found = null;

  constructor({ document, name, records, limits, rules }) {
    super();
    Object.assign(this, { document, name, records, limits, rules });
    this.selected = ROOT;
    this.folded = new Set();
  }

  /**
   * Put a new state in place. Changes with the same `key`, one after another, are one level;
   * `isTyping` says that the field shows it already.
   */
  commit(change, { key = "", select, isTyping = false } = {}) {
    const now = performance.now();
    const isMore = key && key === this.#lastKey && now - this.#lastAt < TYPING_MS;
    if (!isMore) this.#undo = [...this.#undo, this.#snapshot()].slice(-LEVELS);
    this.#lastKey = key;
    this.#lastAt = now;
    this.#redo = [];
    Object.assign(this, change);
    if (select) this.selected = select;
    this.#say("change", { isTyping });
  }

  undo() {
    return this.#travel(this.#undo, this.#redo);
  }

  redo() {
    return this.#travel(this.#redo, this.#undo);
  }

  get canUndo() {
    return this.#undo.length > 0;
  }

  get canRedo() {
    return this.#redo.length > 0;
  }

  select(id) {
    this.selected = id;
    this.#unfoldTo(id);
    this.#say("select");
  }

  /** Unfold what hides a step. */
  show(id) {
    const before = this.folded.size;
    this.#unfoldTo(id);
    if (this.folded.size !== before) this.#say("select");
  }

  toggleFold(id) {
    if (!this.folded.delete(id)) this.folded.add(id);
    if (this.folded.has(id) && this.#isHidden(this.selected)) this.selected = id;
    this.#say("select");
  }

  /** Facts of records, by our key: of those just chosen, or as the server knows them now. */
  learn(records) {
    this.records = { ...this.records, ...records };
    this.#found = null;
  }

  /** Facts of every record that the document plays: one that is not told of is gone. */
  know(records) {
    const played = [this.document.opening, ...[...walk(this.document)].map(({ step }) => step.sound)];
    const kept = { ...this.records };
    for (const sound of played) if (sound?.record) delete kept[sound.record];
    const next = { ...kept, ...records };
    if (JSON.stringify(next) === JSON.stringify(this.records)) return;
    this.records = next;
    this.#found = null;
    this.#say("facts");
  }

  /** The chosen step where it stands; the opening when it is gone. */
  get current() {
    return find(this.document, this.selected) ?? find(this.document, ROOT);
  }

  /** Problems by step id (ROOT: the opening), each `{id, field, level, sentence}`. */
  get problems() {
    if (this.#found?.document !== this.document) {
      this.#found = { document: this.document, byId: this.#check() };
    }
    return this.#found.byId;
  }

  get allProblems() {
    const ids = [ROOT, ...[...walk(this.document)].map(({ step }) => step.id)];
    return ids.flatMap((id) => this.problems.get(id) ?? []);
  }

  /** Fields with errors by step id, "" for the opening. */
  get wrongFields() {
    const wrong = {};
    for (const { id, field, level } of this.allProblems) {
      if (level === "error") (wrong[id === ROOT ? "" : id] ??= []).push(field);
    }
    return wrong;
  }

  #check() {
    const byId = new Map();
    for (const { id, code, values } of problems(this.document, this)) {
      const place = id || ROOT;
      const { field, level, sentence } = this.rules[code];
      const found = { id: place, field, level, sentence: fill(sentence, values) };
      byId.set(place, [...(byId.get(place) ?? []), found]);
    }
    return byId;
  }

  #snapshot() {
    return { document: this.document, name: this.name, selected: this.selected };
  }

  #travel(from, to) {
    if (!from.length) return false;
    to.push(this.#snapshot());
    Object.assign(this, from.pop());
    this.#lastKey = "";
    if (!find(this.document, this.selected)) this.selected = ROOT;
    this.#unfoldTo(this.selected);
    this.#say("change", { isTyping: false });
    return true;
  }

  #unfoldTo(id) {
    for (const above of this.#above(id)) this.folded.delete(above);
  }

  #isHidden(id) {
    return this.#above(id).some((above) => this.folded.has(above));
  }

  // Ids of the menus over a step, the nearest first.
  #above(id) {
    const ids = [];
    let found = find(this.document, id);
    while (found && found.depth) {
      const parent = found.parent ?? this.document;
      ids.push(idOf(this.document, parent));
      found = find(this.document, ids.at(-1));
    }
    return ids;
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
