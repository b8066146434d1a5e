// The trial call: a phone beside the tree. What happens is decided by trial.js; here it is shown,
// heard and priced.

import { find } from "./model.js";
import { costOfWay } from "./cost.js";
import { Trial } from "./trial.js";
import { $, data, html, icon, money, phone, t } from "./dom.js";
import { OWN_WEBHOOK } from "./check.js";

const LETTERS = ["", "АБВГ", "ДЕЖЗ", "ИЙКЛ", "МНОП", "РСТУ", "ФХЦЧ", "ШЩЪЫ", "ЬЭЮЯ"];
const ENDS = { end: "sim_end", manager: "sim_manager_end", "nobody chose": "sim_nobody", hangup: "sim_hangup" };

export class Sim {
  #store;
  #trial = null;
  #document = null; // as it was when the call began
  #log = []; // {kind, text, record}
  #isVoiced = false;
  #queue = []; // sounds still to be heard
  #audio = new Audio();

  constructor(store, element, onPath) {
    this.#store = store;
    this.element = element;
    this.onPath = onPath;
    element.addEventListener("click", (event) => this.#clicked(event.target.closest("button")));
    element.addEventListener("submit", (event) => this.#said(event));
    element.addEventListener("change", (event) => {
      if (event.target.id === "sim-voice") this.#setVoice(event.target.checked);
    });
    this.#audio.addEventListener("ended", () => this.#playNext());
    this.#audio.addEventListener("error", () => this.#playNext());
  }

  /** Ids of the steps taken, or null while there is no call. */
  get path() {
    return this.#trial?.path ?? null;
  }

  get isLive() {
    return Boolean(this.#trial?.menu);
  }

  /** Answer the phone, from the beginning. */
  start() {
    this.#hush();
    this.#document = this.#store.document;
    this.#trial = new Trial(this.#document);
    this.#log = [{ kind: "is-note", text: t("sim_answered") }];
    $(".ed-log", this.element)?.replaceChildren();
    this.#tell(this.#trial.start());
  }

  /** What the subscriber does: "key", "words", "silence" or "hangup". */
  say(kind, value) {
    if (!this.isLive) return;
    this.#hush();
    this.#tell(this.#trial.say(kind, value));
  }

  /** Leave the call: when another tab is opened nothing goes on sounding. */
  leave() {
    this.#hush();
  }

  draw() {
    const focused = this.element.contains(document.activeElement) ? document.activeElement.id : "";
    if (!this.element.firstChild) this.#build();
    const put = (name, markup) => ($(`[data-part="${name}"]`, this.element).innerHTML = markup.text);
    const menu = this.#trial?.menu;
    put("top", top(this.#isVoiced));
    put("state", html`${t(menu ? "sim_talking" : this.#trial ? "sim_over" : "sim_ringing")}`);
    put("keys", keypad(menu));
    put("say", answerForm(Boolean(menu?.recognize), Boolean(menu)));
    put("calls", menu ? talkButtons() : startButton(this.#trial !== null));
    this.#write();
    if (!focused) return;
    const usable = `#${focused}:not(:disabled)`;
    ($(usable, this.element) ?? $("#sim-silence, #sim-start", this.element))?.focus();
  }

  // Once: a log that is read out has to stay the same element.
  #build() {
    this.element.innerHTML = html`
      <div data-part="top"></div>
      <div class="ed-phone"><div class="ed-scr">
        <div class="ed-who"><b class="num">${data.caller || t("sim_some_number")}</b><span data-part="state"></span></div>
        <div class="ed-log" role="log" aria-label="${t("sim_log")}" tabindex="0"></div>
        <div class="ed-keys" data-part="keys"></div>
        <form class="ed-say" data-part="say"></form>
        <div class="ed-calls" data-part="calls"></div>
      </div></div>
      ${data.mayCall && html`<p class="ed-callme"><button type="button" class="btn" data-do="call-me">${icon("phone-outgoing", 16)} ${t("call_me")}</button></p>`}`.text;
  }

  // What was said since the last time.
  #write() {
    const log = $(".ed-log", this.element);
    if (log.childElementCount > this.#log.length) log.replaceChildren();
    const fresh = this.#log.slice(log.childElementCount);
    log.insertAdjacentHTML("beforeend", html`${fresh.map(bubble)}`.text);
    log.scrollTop = log.scrollHeight;
  }

  #clicked(button) {
    if (!button) return;
    const { sim, key } = button.dataset;
    if (sim === "start") {
      this.start();
      $("#sim-silence, #sim-start", this.element)?.focus();
    } else if (sim) this.say(sim);
    else if (key) this.say("key", key);
  }

  #said(event) {
    event.preventDefault();
    const words = $("#sim-words", this.element).value.trim();
    if (words) this.say("words", words);
  }

  #tell(events) {
    for (const event of events) this.#log.push(...this.#lines(event));
    if (this.#trial.outcome !== "listening") this.#log.push(this.#total());
    if (this.#isVoiced) this.#voice(events);
    this.draw();
    this.onPath(this.path);
  }

  #lines([name, ...values]) {
    const note = (text, kind = "is-note") => [{ kind, text }];
    const you = (text) => [{ kind: "is-you", text }];
    switch (name) {
      case "play":
        return [this.#sound(...values)];
      case "key":
        return you(t("sim_pressed", { key: values[0] }));
      case "words":
        return you(`«${values[0]}»`);
      case "silence":
        return you(t("sim_silent"));
      case "unknown key":
        return [...you(t("sim_pressed", { key: values[0] })), ...note(t("sim_no_key", { key: values[0] }))];
      case "unknown words":
        return [...you(`«${values[0]}»`), ...note(t("sim_no_words"))];
      case "not listening":
        return [...you(`«${values[0]}»`), ...note(t("sim_deaf_note"))];
      case "webhook":
        return note(t("sim_webhook", { host: hostOf(values[0]) }));
      case "sms":
        return note(t("sim_sms", { text: values[0] }), "is-note is-sms");
      case "block":
        return note(t("sim_block"));
      case "manager":
        return note(t("sim_manager", { phone: phone(values[0]) }));
      default:
        return [];
    }
  }

  #sound(kind, value) {
    if (kind === "text") return { kind: "is-robot", text: value };
    const facts = this.#store.records[value];
    return { kind: "is-robot", text: `♪ ${facts?.name ?? t("no_record")}`, record: facts?.sound };
  }

  #total() {
    const steps = this.#trial.path.map((id) => find(this.#document, id).step);
    const hundredths = lengths(this.#store.records);
    const price = costOfWay(this.#document, steps, data.prices, hundredths);
    const reason = t(ENDS[this.#trial.outcome] ?? "sim_end");
    return { kind: "is-note is-total", text: reason, strong: t("sim_total", { price: money(price) }) };
  }

  // Voice: records sound as they are, texts by the browser's voice.

  #setVoice(isOn) {
    this.#isVoiced = isOn;
    if (!isOn) this.#hush();
    this.draw();
  }

  #voice(events) {
    this.#queue.push(...events.filter(([name]) => name === "play").map(([, kind, value]) => [kind, value]));
    if (this.#audio.paused && !globalThis.speechSynthesis?.speaking) this.#playNext();
  }

  #playNext() {
    const sound = this.#queue.shift();
    if (!sound) return;
    const [kind, value] = sound;
    if (kind === "text") speak(value, this.#genderOf(value), () => this.#playNext());
    else if (this.#store.records[value]) {
      this.#audio.src = this.#store.records[value].sound;
      this.#audio.play().catch(() => {});
    } else this.#playNext();
  }

  #genderOf(text) {
    const sounds = [this.#document.opening, ...this.#trial.path.map((id) => find(this.#document, id).step.sound)];
    return sounds.find((sound) => sound?.text === text)?.gender ?? 0;
  }

  #hush() {
    this.#queue = [];
    this.#audio.pause();
    globalThis.speechSynthesis?.cancel();
  }
}

/** Say a text with the browser's own voice, which is not the service's. */
export function speak(text, gender, then = () => {}) {
  const speech = globalThis.speechSynthesis;
  if (!speech) return;
  speech.cancel();
  const words = new SpeechSynthesisUtterance(text);
  words.lang = "ru-RU";
  words.pitch = gender ? 0.7 : 1.15;
  words.addEventListener("end", then);
  speech.speak(words);
}

/** Lengths of records in hundredths of a second, by our key. */
export function lengths(records) {
  return Object.fromEntries(Object.entries(records).map(([pk, facts]) => [pk, facts.hundredths]));
}

function hostOf(url) {
  if (url === OWN_WEBHOOK) return t("own_address");
  return /^https?:\/\/([^/?#]+)/i.exec(url)?.[1] ?? url;
}

// Pieces of the phone

const top = (isVoiced) => html`
  <div class="ed-simtop"><span>${t("sim_not_real")}</span><label>${t("sim_voice")} <input type="checkbox" role="switch" class="ed-sw" id="sim-voice" ${isVoiced ? "checked" : ""}></label></div>
  ${isVoiced && html`<p class="help">${t("sim_voice_help")}</p>`}`;

function keypad(menu) {
  const digits = (menu?.steps ?? []).filter(({ trigger }) => trigger.kind === "digit");
  const useful = new Set(digits.map(({ trigger }) => String(trigger.digit)));
  return html`${"123456789*0#".split("").map((key) => keyButton(key, useful.has(key), Boolean(menu)))}`;
}

function answerForm(listens, isLive) {
  const off = listens ? "" : "disabled";
  return html`<input id="sim-words" aria-label="${t("sim_words")}" placeholder="${t(isLive && !listens ? "sim_deaf" : "sim_words")}" autocomplete="off" ${off}><button ${off}>${t("sim_say")}</button>`;
}

const talkButtons = () => html`<button type="button" id="sim-silence" data-sim="silence">${icon("hourglass", 16)} ${t("sim_silence")}</button><button type="button" class="is-hang" id="sim-hangup" data-sim="hangup">${icon("phone-off", 16)} ${t("sim_hang")}</button>`;

const startButton = (wasCalled) => html`<button type="button" class="is-go" id="sim-start" data-sim="start">${icon("phone-call", 16)} ${t(wasCalled ? "sim_again" : "sim_answer")}</button>`;

const bubble = ({ kind, text, record, strong }) =>
  html`<div class="ed-bub ${kind}">${text}${strong && html`<br><b>${strong}</b>`}${record && html`<audio controls preload="none" src="${record}" aria-label="${text}"></audio>`}</div>`;

const keyButton = (key, isUseful, isLive) =>
  html`<button type="button" id="sim-key-${key === "*" ? "star" : key === "#" ? "hash" : key}" data-key="${key}" class="${isUseful ? "is-useful" : ""}" ${isLive ? "" : "disabled"}>${key}<small aria-hidden="true">${LETTERS[key - 1] || "\u00a0"}</small></button>`;
