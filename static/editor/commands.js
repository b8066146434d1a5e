// What a person can do with the scenario, whichever way it is asked for: a button, a key, a drag.

import { ROOT, copied, countUnder, depthUnder, find, fitting, inserted, isWithin, menuOf, moved, newStep, opened, removed, shifted, walk } from "./model.js";
import { $, data, isNarrow, t, toast } from "./dom.js";
import { ask, askImport, askMenu, askReplace, askTemplate, openFragment } from "./dialogs.js";
import { addMenu } from "./menus.js";
import { speak } from "./sim.js";
import { titleOf, triggerOf } from "./titles.js";

export class Commands {
  constructor(parts) {
    Object.assign(this, parts); // store, tree, panel, sim, autosave, server, show
  }

  run(name, id = this.store.selected) {
    this[name](id);
  }

  undo() {
    if (this.store.undo()) toast(t("undone"));
  }

  redo() {
    if (this.store.redo()) toast(t("redone"));
  }

  add(id) {
    if (this.#isFull(id)) return;
    this.store.select(id);
    this.tree.draw();
    const button = document.activeElement?.closest("[data-add]") ?? $(`[data-actions="${id}"]`);
    addMenu(button, this.store, id, (trigger) => this.#addStep(id, trigger));
  }

  #addStep(id, trigger) {
    const step = newStep(trigger);
    this.store.folded.delete(id);
    this.store.commit({ document: inserted(this.store.document, id, step) }, { select: step.id });
    this.show("step");
    this.panel.focusFirst();
    this.tree.reveal(step.id);
    toast(t("added", { title: triggerOf(step) }));
  }

  // Whether a menu takes no more: neither one step nor `branch` with all under it.
  #isFull(id, branch = null) {
    const { limits, document } = this.store;
    const more = 1 + (branch ? countUnder(branch) : 0);
    const isMany = [...walk(document)].length + more > limits.steps.max;
    const depth = find(document, id).depth + 1 + (branch ? depthUnder(branch) : 0);
    const isDeep = depth > limits.depth.max;
    if (isMany) toast(t("too_many", { n: limits.steps.max }));
    else if (isDeep) toast(t("too_deep", { n: limits.depth.max }));
    return isMany || isDeep;
  }

  remove(id) {
    if (id === ROOT) return;
    const { step, parent, place } = find(this.store.document, id);
    const menu = (parent ?? this.store.document).steps;
    const next = menu[place + 1] ?? menu[place - 1];
    const select = next?.id ?? parent?.id ?? ROOT;
    this.store.commit({ document: removed(this.store.document, id) }, { select });
    this.#focusCard(select);
    const n = countUnder(step);
    const words = n ? t("removed_with", { n }) : t("removed");
    const menuId = parent?.id ?? ROOT;
    toast(words, { words: t("undo"), run: () => this.#putBack(step, menuId, place) });
  }

  // Not undo: something else may have been done since.
  #putBack(step, menuId, place) {
    const { document } = this.store;
    const menu = find(document, menuId)?.step;
    if (!menu || find(document, step.id) || this.#isFull(menuId, step)) return;
    const back = fitting(step, menu.steps);
    this.store.commit({ document: inserted(document, menuId, back, place) }, { select: step.id });
    this.tree.focus(step.id);
    this.#sayMoved(step, back, menu);
  }

  // On a narrow screen the tree may be out of sight.
  #focusCard(id) {
    if (isNarrow()) this.show("tree");
    this.tree.focus(id);
  }

  copy(id) {
    const branch = find(this.store.document, id).step;
    if (id === ROOT || this.#isFull(menuOf(this.store.document, id), branch)) return;
    const [document, copyId] = copied(this.store.document, id);
    this.store.commit({ document }, { select: copyId });
    this.#focusCard(copyId);
    toast(t("copied_step", { title: triggerOf(find(document, copyId).step) }));
  }

  up(id) {
    this.#shift(id, -1);
  }

  down(id) {
    this.#shift(id, 1);
  }

  #shift(id, by) {
    if (id === ROOT) return;
    const document = shifted(this.store.document, id, by);
    if (!document) return;
    this.store.commit({ document });
    const { step, place, parent } = find(document, id);
    const n = (parent ?? document).steps.length;
    toast(t("shifted", { title: titleOf(step), place: place + 1, n }));
  }

  async move(id) {
    if (id === ROOT) return;
    const menu = await askMenu(this.store, id);
    if (menu) this.moveTo(id, menu, "inside");
    this.tree.focus(id);
  }

  /** Drop a step before, after or inside another. */
  moveTo(id, target, where) {
    const document = this.store.document;
    const found = find(document, target);
    const menu = where === "inside" ? target : (found.parent?.id ?? ROOT);
    const place = { before: found.place, after: found.place + 1, inside: Infinity }[where];
    const depth = find(document, menu).depth + 1 + depthUnder(find(document, id).step);
    if (isWithin(document, menu, id)) return toast(t("not_into_itself"));
    if (depth > this.store.limits.depth.max) return toast(t("too_deep", { n: this.store.limits.depth.max }));
    const next = moved(document, id, menu, place);
    if (JSON.stringify(next) === JSON.stringify(document)) return undefined;
    const was = find(document, id).step;
    this.store.folded.delete(menu);
    this.store.commit({ document: next }, { select: id });
    const { step, parent } = find(next, id);
    return this.#sayMoved(was, step, parent ?? next);
  }

  #sayMoved(was, now, menu) {
    const isRoot = menu.opening !== undefined;
    const words = { title: titleOf(now), menu: isRoot ? t("opening") : titleOf(menu) };
    if (triggerOf(was) === triggerOf(now)) return toast(t("moved", words));
    return toast(t("moved_anew", { ...words, was: triggerOf(was), now: triggerOf(now) }));
  }

  fold(id) {
    if (find(this.store.document, id).step.steps.length) this.store.toggleFold(id);
  }

  edit(id) {
    this.store.select(id);
    this.show("step");
    this.panel.focusFirst();
  }

  /** Open the first error, else the first warning. */
  issues() {
    const all = this.store.allProblems;
    const first = all.find(({ level }) => level === "error") ?? all[0];
    if (!first) return toast(t("no_problems"));
    this.store.select(first.id);
    this.show("step");
    this.tree.reveal(first.id, "center");
    return this.panel.focusProblem(first);
  }

  async publish() {
    const errors = this.store.allProblems.filter(({ level }) => level === "error").length;
    if (errors) {
      this.issues();
      return toast(t("not_published", { n: errors }));
    }
    if (!(await this.autosave.flush())) return this.#notSaved();
    const said = await this.autosave.whilePaused(() => this.server.publish(this.autosave.revision));
    if (said.version) {
      this.onVersion(said.version);
      return toast(t("published", { n: said.version.number }));
    }
    if (said.by !== undefined) return this.autosave.conflict(said);
    if (!said.problems) return toast(said.error ?? t("not_published_why"));
    this.store.know(said.records); // what it plays has changed meanwhile
    this.issues();
    return toast(t("not_published", { n: said.problems.length }));
  }

  async saveNow() {
    if (await this.autosave.flush()) toast(t("all_saved"));
    else await this.#notSaved();
  }

  #notSaved() {
    if (this.autosave.state === "conflict") return this.resolve();
    if (this.autosave.state === "out") return toast(t("signed_out"));
    return toast(t("not_saved_yet"));
  }

  call() {
    this.show("call");
    if (!this.sim.isLive) this.sim.start();
    $("#sim-silence, #sim-start")?.focus();
  }

  speak() {
    const { step } = this.store.current;
    const sound = this.store.selected === ROOT ? step.opening : step.sound;
    if (!globalThis.speechSynthesis) return toast(t("no_voice"));
    speak(sound.text, sound.gender);
    return toast(t("browser_voice"));
  }

  async probe() {
    const { url, parameters } = this.store.current.step.webhook;
    const place = $("[data-probe]");
    place.textContent = t("probing");
    const said = await this.server.probe({ url, parameters });
    const isOk = said.ok === true;
    place.className = isOk ? "ed-ok" : "err";
    place.textContent = [said.sentence ?? said.error, said.answer && `«${said.answer}»`].filter(Boolean).join(" ");
  }

  async chooseRecord(id) {
    const chosen = await openFragment(t("records_title"), data.urls.records, { search: true });
    if (!chosen) return;
    const { pk, facts } = chosen;
    this.store.learn({ [pk]: facts });
    this.store.select(id);
    this.panel.chooseRecord(pk);
  }

  async templates() {
    const key = await openFragment(t("templates"), data.urls.templates, { help: t("templates_help") });
    if (!key) return;
    const said = await this.server.template(key);
    if (said.error) return toast(said.error);
    return this.replace({ document: said.document }); // the name is the person's own
  }

  async saveTemplate() {
    const given = await askTemplate(this.store.name);
    if (given) toast(given.sentence);
  }

  async import() {
    const read = await askImport();
    if (!read) return;
    const document = opened(read.document);
    const count = [...walk(document)].length;
    if (await askReplace({ name: read.name, count, notes: read.notes })) this.replace(read);
  }

  /** Another document in place of this one; one level of undo. */
  replace({ name, document, records = {} }) {
    for (const [pk, facts] of Object.entries(records)) this.store.learn({ [pk]: facts });
    this.panel.forget();
    const before = { document: this.store.document, name: this.store.name };
    const change = { document: opened(document) };
    if (name) change.name = name.slice(0, data.nameMax);
    this.store.commit(change, { select: ROOT });
    toast(t("replaced"), { words: t("undo"), run: () => this.store.commit(before, { select: ROOT }) });
    this.tree.focus(ROOT);
  }

  async callMe() {
    if (!(await this.autosave.flush())) return this.#notSaved();
    return openFragment(t("call_me"), data.urls.callMe);
  }

  async saveCopy() {
    await this.autosave.flush();
    const { name, document } = this.store;
    const said = await this.server.copy({ name, document });
    if (!said.url) return toast(said.error ?? t("not_copied"));
    const isSame = name === this.store.name && document === this.store.document;
    if (isSame) return this.leave(said.url);
    return toast(t("copied_before"), { words: t("open_copy"), run: () => open(said.url) });
  }

  /** Somebody else was faster: theirs or mine, never over one another. */
  async conflict({ by, at, isArchived, isGone }) {
    const [title, help] = isGone
      ? [t("conflict_deleted"), t("conflict_deleted_help")]
      : isArchived
        ? [t("conflict_gone"), t("conflict_gone_help")]
        : [t("conflict", { who: by || t("somebody"), at }), t("conflict_help")];
    const choices = [["download", t("conflict_download"), isGone]];
    if (!isGone) choices.unshift(["copy", t("conflict_copy"), true]);
    if (!isGone && !isArchived) choices.push(["theirs", t("conflict_theirs")]);
    const chosen = await ask(title, help, choices);
    if (chosen === "copy") await this.saveCopy();
    if (chosen === "theirs") this.leave(location.pathname);
    if (chosen === "download") {
      this.download();
      await this.resolve();
    }
  }

  /** The same question again, for who has put it off. */
  resolve() {
    return this.conflict(this.autosave.faster);
  }

  /** What stands in the editor as a file, made here: for when the server is out of reach. */
  download() {
    const { name, document: scenario } = this.store;
    const text = JSON.stringify({ format: "obzvon.scenario", v: 1, name, document: scenario }, null, 2);
    const link = Object.assign(document.createElement("a"), {
      href: URL.createObjectURL(new Blob([text], { type: "application/json" })),
      download: `${name}.json`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}
