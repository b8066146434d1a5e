// A trial call: what a robot would do with a scenario, answer by answer, without ringing anybody.
// The rules and the events are agreed in tests/calls/ivr/trials/README.md.

const MARKS = '[.,!?;:«»"“”()…]';
const EDGES = new RegExp(`^${MARKS}+|${MARKS}+$`, "g"); // what stands around a word

/**
 * One trial call of a scenario document.
 *
 * An event is a list: a name and what belongs to it, as ["play", "text", "Здравствуйте"].
 */
export class Trial {
  #document;
  #menu = null; // the document or the step whose answers are awaited
  #outcome = "";
  #path = [];

  /** @param {object} document a scenario, as it is stored */
  constructor(document) {
    this.#document = document;
  }

  /**
   * Answer the phone, from the beginning also when called again.
   * @returns {Array[]} the events up to the first menu
   */
  start() {
    this.#path = [];
    return [...play(this.#document.opening), ...this.#listen(this.#document)];
  }

  /**
   * Go on with an answer of the subscriber. After the end nobody hears it.
   * @param {"key"|"words"|"silence"|"hangup"} kind
   * @param {string} [value] the key or the words
   * @returns {Array[]} the events that follow from it
   */
  say(kind, value = "") {
    const menu = this.menu;
    if (!menu) return [];
    if (kind === "hangup") return this.#end("hangup", ["hangup"]);
    const step = chosen(menu, kind, value);
    if (step) return this.#take(step, kind === "silence" ? [kind] : [kind, value]);
    if (kind === "silence") return this.#end("nobody chose", ["silence"]);
    if (kind === "words" && !menu.recognize) return [["not listening", value]];
    return [[`unknown ${kind}`, value]];
  }

  /** How it ended: end, manager, nobody chose, hangup; or listening; or "" before the start. */
  get outcome() {
    return this.#outcome;
  }

  /** Ids of the steps taken, in order. */
  get path() {
    return [...this.#path];
  }

  /** {recognize, steps} of the menu that listens now, or null. */
  get menu() {
    return this.#menu && { recognize: Boolean(this.#menu.recognize), steps: this.#menu.steps };
  }

  #take(step, answer) {
    this.#path.push(step.id);
    const events = [answer, ["step", step.id], ...actions(step)];
    const phone = step.manager_phone;
    return [...events, ...(phone ? this.#end("manager", ["manager", phone]) : this.#listen(step))];
  }

  #listen(menu) {
    const hasSteps = menu.steps?.length > 0;
    this.#menu = hasSteps ? menu : null;
    this.#outcome = hasSteps ? "listening" : "end";
    return [];
  }

  #end(outcome, event) {
    this.#menu = null;
    this.#outcome = outcome;
    return [event];
  }
}

/** The step of a menu that an answer leads to. */
function chosen(menu, kind, value) {
  if (kind === "words" && !menu.recognize) return undefined;
  return menu.steps.find(({ trigger }) => leads(trigger, kind, value));
}

function leads(trigger, kind, value) {
  if (kind === "key") return trigger.kind === "digit" && String(trigger.digit) === value;
  if (kind === "words") return trigger.kind === "words" && haveCommon(trigger.words, value);
  return kind === "silence" && trigger.kind === "silence";
}

function haveCommon(words, said) {
  const heard = tokens(said);
  return tokens(words.join(" ")).some((word) => heard.includes(word));
}

/** The words of a text as they are compared: «Ещё, да!» is «еще» and «да». */
function tokens(text) {
  const words = text.toLowerCase().replaceAll("ё", "е").split(/[\s,]+/);
  return words.map((word) => word.replace(EDGES, "")).filter(Boolean);
}

/** What a step does before it transfers or listens, in order. */
function actions(step) {
  const events = [];
  if (step.webhook?.url) events.push(["webhook", step.webhook.url, named(step.webhook.parameters)]);
  if (step.sms) events.push(["sms", step.sms]);
  if (step.block) events.push(["block"]);
  return [...events, ...play(step.sound)];
}

/** Parameters of a draft are pairs while two have the same name. */
function named(parameters) {
  return Array.isArray(parameters) ? Object.fromEntries(parameters) : { ...parameters };
}

/** A record not chosen yet and an empty text, both of a draft, are not heard. */
function play(sound) {
  if (sound?.kind === "record") return sound.record ? [["play", "record", sound.record]] : [];
  return sound?.text?.trim() ? [["play", "text", sound.text]] : [];
}
