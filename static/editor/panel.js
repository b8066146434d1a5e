// The form of the chosen step. It is drawn whole when another step is chosen or a part of it
// opens; while a person types only counters and problems are written, never the fields.

import { ROOT, changed, freeDigits, find, hasSilence, newSound } from "./model.js";
import { OWN_WEBHOOK, RESERVED, lengthOf, normalPhone } from "./check.js";
import { secondsOf } from "./cost.js";
import { $, $$, html, icon, phone, t } from "./dom.js";
import { chips, chipsOf, keypad, phoneForm, problemsOf, recognizeSwitch, segments, smsForm, soundForm, tool, webhookForm } from "./fields.js";
import { titleOf, triggerIcon, triggerOf } from "./titles.js";

const TEXT_PARTS = ["sms", "manager_phone"]; // empty text: not there, so that it is open is ours to keep

export class Panel {
  #store;
  #open = new Set(); // parts that stand open though they are empty: «id:sms»
  #isDrawing = false; // fields that vanish lose their focus too: nobody has left them
  #drawn = ""; // id of the step whose form is shown
  #kept = new Map(); // what was typed before another kind was chosen: «id:text» → value

  constructor(store, element) {
    this.#store = store;
    this.element = element;
    element.addEventListener("input", (event) => this.#typed(event.target));
    element.addEventListener("change", (event) => this.#changed(event.target));
    element.addEventListener("focusout", (event) => this.#left(event.target));
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("click", (event) => this.#clicked(event.target.closest("button")));
  }

  /** Draw the whole form; the focused field, by its id, keeps the focus. */
  draw() {
    const { step, parent, place } = this.#store.current;
    const id = this.#store.selected;
    const field = this.element.contains(document.activeElement) ? document.activeElement : null;
    const caret = field?.selectionEnd;
    const scroll = this.#drawn === id ? this.element.scrollTop : 0;
    this.#drawn = id;
    const body = id === ROOT ? this.#openingForm(step) : this.#stepForm(step, parent, place);
    this.#isDrawing = true;
    this.element.innerHTML = body.text;
    this.#isDrawing = false;
    this.refresh();
    this.element.scrollTop = scroll;
    if (!field) return;
    const again = document.getElementById(field.id || "-") ?? $("[data-first], #f-label", this.element);
    const target = again?.disabled ? $(".ed-tools button:not(:disabled)", this.element) : again;
    target?.focus({ preventScroll: true });
    if (typeof caret === "number" && again?.id === field.id && again.matches("textarea, .inp")) again.setSelectionRange(caret, caret);
  }

  /** Write problems and counters beside the fields as they are now. */
  refresh() {
    const { step } = this.#store.current;
    const found = this.#store.problems.get(this.#store.selected) ?? [];
    for (const box of $$("[data-problems]", this.element)) {
      const fields = box.dataset.problems.split(" ");
      const mine = found.filter(({ field }) => fields.includes(field));
      const markup = mine.map(({ level, sentence }) => html`<p class="${level === "error" ? "err" : "ed-warn"}">${sentence}</p>`);
      const text = html`${markup}`.text;
      if (box.innerHTML !== text) box.innerHTML = text;
      const isBad = mine.some(({ level }) => level === "error");
      for (const input of $$(`[aria-describedby~="${box.id}"]`, this.element)) {
        if (isBad) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
      }
    }
    this.#count("text", this.#sound(step)?.text ?? "");
    this.#count("sms", step.sms ?? "");
    const title = $("[data-title]", this.element);
    if (title && this.#store.selected !== ROOT) title.textContent = titleOf(step);
  }

  /** Forget what was typed before another kind was chosen: the scenario is another one. */
  forget() {
    this.#kept.clear();
  }

  /** Where a problem is to be mended: its field gets the focus. */
  focusProblem({ field }) {
    const names = { webhook: "f-webhook_url", step: "f-sound-on", steps: "f-add" };
    const id = field === "parameters" ? `f-parameter-${this.#wrongRow()}` : (names[field] ?? `f-${field}`);
    const box = $(`[data-problems~="${field}"]`, this.element);
    const target =
      document.getElementById(id) ??
      $(`[aria-describedby~="${box?.id}"]:not(:disabled)`, this.element) ??
      $("input:not(:disabled), textarea, button:not(:disabled)", this.element);
    target?.focus({ preventScroll: true });
    target?.scrollIntoView({ block: "center" });
  }

  #wrongRow() {
    const names = this.#store.current.step.webhook.parameters.map(([name]) => name);
    const isWrong = (name, row) => !name || name === RESERVED || names.indexOf(name) !== row;
    return Math.max(0, names.findIndex(isWrong));
  }

  /** Play a record of the library in the chosen step. */
  chooseRecord(pk) {
    this.#commitSound({ kind: "record", record: pk });
    $("#f-record", this.element)?.focus();
  }

  focusFirst() {
    const target = $("[data-first]", this.element) ?? $("#f-sound-on", this.element);
    target?.focus({ preventScroll: true });
  }

  #count(name, text) {
    const counter = $(`[data-count="${name}"]`, this.element);
    if (!counter) return;
    const length = lengthOf(text);
    const { max } = this.#store.limits[name];
    counter.textContent = `${length} / ${max}`;
    counter.classList.toggle("is-over", length > max);
    const about = $("[data-seconds]", this.element);
    if (about && name === "text") about.textContent = t("about_seconds", { n: this.#seconds() });
  }

  #seconds() {
    const sound = this.#sound(this.#store.current.step);
    return sound ? Math.ceil(secondsOf(sound, {})) : 0;
  }

  #sound(step) {
    return this.#store.selected === ROOT ? step.opening : step.sound;
  }

  // The forms

  #openingForm(document_) {
    return html`
      <div class="ed-sh"><span class="ed-key is-root">${icon("phone-outgoing")}</span><div><h2>${t("opening")}</h2><p class="sub muted">${t("picked_up")}</p></div></div>
      <fieldset class="ed-grp"><legend class="lab">${t("opening_message")}</legend><div class="stack">${soundForm(document_.opening, this.#store.records)}</div></fieldset>
      <div class="ed-grp">${recognizeSwitch(document_)}</div>
      ${this.#next(document_)}`;
  }

  #stepForm(step, parent, place) {
    const menu = (parent ?? this.#store.document).steps;
    return html`
      <div class="ed-sh">
        <span class="ed-key is-${step.trigger.kind}">${triggerIcon(step)}</span>
        <div><h2 data-title>${titleOf(step)}</h2><p class="sub muted">${this.#way(step.id)}</p></div>
        <div class="ed-tools">
          ${tool("up", "arrow-up", t("move_up"), place === 0)}
          ${tool("down", "arrow-down", t("move_down"), place === menu.length - 1)}
          ${tool("copy", "copy", t("make_copy"))}
          ${tool("remove", "trash", t("remove_step"))}
        </div>
      </div>
      <div class="field ed-grp">
        <label for="f-label">${t("label")}</label>
        <input class="inp" id="f-label" data-text="label" value="${step.label}" placeholder="${triggerOf(step)}" autocomplete="off" aria-describedby="e-label">
        ${problemsOf("label")}
      </div>
      ${this.#triggerForm(step, menu)}
      <fieldset class="ed-grp">
        <legend class="lab">${t("robot_does")}</legend>
        ${this.#part("sound", "volume", step.sound !== null, () => soundForm(step.sound, this.#store.records))}
        ${this.#part("sms", "message", this.#isOpen(step, "sms"), () => smsForm(step))}
        ${this.#part("manager_phone", "user-share", this.#isOpen(step, "manager_phone"), () => phoneForm(step))}
        ${this.#part("webhook", "webhook", step.webhook !== null, () => webhookForm(step.webhook))}
        ${this.#part("block", "ban", step.block)}
        ${problemsOf("step")}
      </fieldset>
      <div class="ed-grp">${recognizeSwitch(step)}</div>
      ${this.#next(step)}`;
  }

  #way(id) {
    const signs = [];
    for (let found = find(this.#store.document, id); found?.depth; found = find(this.#store.document, found.parent?.id ?? ROOT)) {
      const { kind, digit } = found.step.trigger;
      signs.unshift(kind === "digit" ? (digit ?? "?") : kind === "words" ? "«…»" : "…");
    }
    return t("way", { way: signs.join(" → ") });
  }

  #triggerForm({ trigger }, menu) {
    const kinds = [
      ["digit", t("key"), false],
      ["words", t("words"), false],
      ["silence", t("waits"), trigger.kind !== "silence" && hasSilence(menu)],
    ];
    return html`<fieldset class="ed-grp">
      <legend class="lab">${t("when")}</legend>
      ${segments("trigger", t("when"), kinds, trigger.kind)}
      ${trigger.kind === "digit" && keypad(trigger.digit, menu)}
      ${trigger.kind === "words" && chips(trigger.words)}
      ${trigger.kind === "silence" && html`<p class="help">${t("waits_help")}</p>`}
      ${problemsOf("trigger", "digit words trigger")}
    </fieldset>`;
  }

  #part(name, picture, isOn, form) {
    return html`<div class="ed-act${isOn ? " is-on" : ""}">
      <label>${icon(picture)}<span>${t(`does_${name}`)}</span><input type="checkbox" role="switch" class="ed-sw" id="f-${name}-on" data-switch="${name}" ${isOn ? "checked" : ""}></label>
      ${isOn && form && html`<div class="ed-in">${form()}</div>`}
    </div>`;
  }

  #isOpen(step, name) {
    return step[name] !== "" || this.#open.has(`${step.id}:${name}`);
  }

  #next(step) {
    const id = this.#store.selected;
    const lines = step.steps.map(
      (below) => html`<button type="button" class="ed-kid" data-go="${below.id}"><span class="ed-key is-${below.trigger.kind}">${triggerIcon(below, 15)}</span><span>${titleOf(below)}</span>${icon("chevron-right", 16)}</button>`,
    );
    return html`<div class="ed-grp">
      <h3 class="lab">${t("what_next")}</h3>
      ${lines.length ? lines : html`<p class="help">${t(id === ROOT ? "ends_after_opening" : "ends_here")}</p>`}
      <button type="button" class="btn btn-s" id="f-add" data-add="${id}" aria-haspopup="dialog">${icon("plus", 16)}${t("add_answer")}</button>
      ${problemsOf("steps")}
    </div>`;
  }

  // What a person does

  // `key`: a field that is typed in, whose changes are one level of undo and are shown by it.
  #commit(change, key = "") {
    const id = this.#store.selected;
    const next = changed(this.#store.document, id, change);
    this.#store.commit({ document: next }, { key: key && `${id}:${key}`, isTyping: key !== "" });
  }

  #commitSound(change, key) {
    const sound = { ...this.#sound(this.#store.current.step), ...change };
    this.#setSound(sound, key);
  }

  #setSound(sound, key) {
    this.#commit(this.#store.selected === ROOT ? { opening: sound } : { sound }, key);
  }

  #typed(field) {
    const { text, sound, url, part } = field.dataset;
    if (text) this.#commit({ [text]: field.value }, text);
    else if (sound) this.#commitSound({ text: field.value }, "sound");
    else if (url !== undefined) this.#commitWebhook({ url: field.value.trim() }, "url");
    else if (part !== undefined) this.#typeParameter(Number(field.dataset.row), Number(part), field.value);
    else if (field.id === "f-words" && /[\s,;]$/.test(field.value)) this.#addWords(field);
  }

  #changed(field) {
    if (field.dataset.switch) this.#switch(field.dataset.switch, field.checked);
    else if (field.type === "radio") this.#choose(field.name, field.value);
    else if (field.id === "f-words") this.#addWords(field);
  }

  #left(field) {
    if (this.#isDrawing || !field.matches?.("[data-text=manager_phone]")) return;
    const digits = normalPhone(field.value);
    if (!digits) return;
    field.value = phone(digits);
    if (this.#store.current.step.manager_phone !== digits) this.#commit({ manager_phone: digits }, "manager_phone");
  }

  #switch(name, isOn) {
    const { step } = this.#store.current;
    const key = `${step.id}:${name}`;
    if (TEXT_PARTS.includes(name)) {
      if (isOn) this.#open.add(key);
      else this.#open.delete(key);
      if (isOn || !step[name]) this.draw();
      else this.#commit({ [name]: "" });
    } else if (name === "sound") this.#commit({ sound: isOn ? newSound() : null });
    else if (name === "webhook") this.#commit({ webhook: isOn ? { url: "", parameters: [] } : null });
    else this.#commit({ [name]: isOn });
    if (isOn) $(`#f-${name === "webhook" ? "webhook_url" : name === "sound" ? "text" : name}`, this.element)?.focus();
  }

  #choose(name, value) {
    const { step, parent } = this.#store.current;
    if (name === "sound") this.#setSound(this.#instead(this.#sound(step), value));
    else if (name === "gender") this.#commitSound({ gender: Number(value) });
    else if (name === "digit") this.#commit({ trigger: { kind: "digit", digit: Number(value) } });
    else if (name === "webhook") this.#commitWebhook({ url: this.#address(step.webhook.url, value) });
    else if (name === "trigger") this.#commit({ trigger: this.#trigger(value, (parent ?? this.#store.document).steps) });
  }

  // Another kind of sound; what the former one held is there again when one comes back to it.
  #instead(sound, kind) {
    const place = this.#store.selected;
    this.#kept.set(`${place}:${sound.kind}`, sound);
    return this.#kept.get(`${place}:${kind}`) ?? newSound(kind);
  }

  #address(url, kind) {
    const place = `${this.#store.selected}:url`;
    if (kind !== "own") return this.#kept.get(place) ?? "";
    this.#kept.set(place, url);
    return OWN_WEBHOOK;
  }

  #trigger(kind, menu) {
    if (kind === "digit") return { kind, digit: freeDigits(menu)[0] ?? null };
    return kind === "words" ? { kind, words: [] } : { kind };
  }

  #commitWebhook(change, key) {
    this.#commit({ webhook: { ...this.#store.current.step.webhook, ...change } }, key);
  }

  #typeParameter(row, part, value) {
    const { parameters } = this.#store.current.step.webhook;
    const pair = parameters[row].with(part, value.trim());
    this.#commitWebhook({ parameters: parameters.with(row, pair) }, `parameter${row}${part}`);
  }

  #addWords(field) {
    const typed = field.value.split(/[\s,;]+/).filter(Boolean);
    const { words } = this.#store.current.step.trigger;
    const fresh = typed.filter((word, place) => !words.includes(word) && typed.indexOf(word) === place);
    field.value = "";
    if (fresh.length) this.#setWords([...words, ...fresh]);
  }

  // Only the chips are written anew: the field, and what is clicked while it is left, stay.
  #setWords(words) {
    this.#commit({ trigger: { kind: "words", words } }, "words");
    $(".ed-chips ul", this.element).innerHTML = chipsOf(words).text;
  }

  #key(event) {
    if (event.target.id !== "f-words") return;
    const { words } = this.#store.current.step.trigger;
    if (event.key === "Enter") {
      event.preventDefault();
      this.#addWords(event.target);
    } else if (event.key === "Backspace" && !event.target.value && words.length) {
      this.#setWords(words.slice(0, -1));
    }
  }

  #clicked(button) {
    if (!button) return;
    const { word, dropParameter, addParameter } = button.dataset;
    if (word !== undefined) {
      this.#setWords(this.#store.current.step.trigger.words.toSpliced(Number(word), 1));
      $("#f-words", this.element).focus();
    }
    if (addParameter !== undefined) this.#addParameter();
    if (dropParameter !== undefined) {
      const { parameters } = this.#store.current.step.webhook;
      this.#commitWebhook({ parameters: parameters.toSpliced(Number(dropParameter), 1) });
      $("#f-add-parameter", this.element)?.focus();
    }
  }

  #addParameter() {
    const { parameters } = this.#store.current.step.webhook;
    this.#commitWebhook({ parameters: [...parameters, ["", ""]] });
    $(`#f-parameter-${parameters.length}`, this.element)?.focus();
  }
}
