// What is wrong with a scenario, found while it is typed. The server finds the same (it has the
// last word): calls/ivr/check.py, whose table of rules and limits comes with the page. The cases
// in tests/calls/ivr/cases hold both to each other.

import { walk } from "./model.js";

export const OWN_WEBHOOK = "obzvon:"; // an address of a step that means ours
export const RESERVED = "call"; // the service itself puts it into a step's webhook
const PHONE_SIGNS = /^[\d\s()+\-–—.\u00a0\u2011\u202f]+$/;

/** A rule's sentence with its values: «%(limit)d» is a place. */
export function fill(sentence, values = {}) {
  return sentence.replace(/%\((\w+)\)[sd]/g, (_all, name) => values[name] ?? "");
}

/** Characters as the service counts them: a picture of two code units is one. */
export const lengthOf = (text) => [...text].length;

/**
 * Everything wrong with `document`, in the order of the tree: `{id, code, values}`, where the id
 * is empty for the opening. `records` maps a record's key to `{name, is_usable, is_waiting,
 * is_sending}`; `limits` is the server's table.
 */
export function problems(document, { limits, records }) {
  const found = [];
  const say = (id) => (code, values = {}) => found.push({ id, code, values });
  checkSound(say(""), document.opening, limits, records, "opening_empty");
  checkMenu(say, document.steps, document.recognize);
  for (const { step, depth } of walk(document)) {
    checkStep(say(step.id), step, depth, limits, records);
    checkMenu(say, step.steps, step.recognize);
  }
  return found;
}

function checkSound(say, sound, limits, records, whenEmpty = "text_empty") {
  if (sound.kind === "record") checkRecord(say, sound, records);
  else if (!sound.text.trim()) say(whenEmpty);
  else checkLength(say, "text_long", sound.text, limits.text.max);
}

function checkRecord(say, { record }, records) {
  const facts = records[record];
  if (record === null) say("record_none");
  else if (!facts) say("record_gone");
  else if (facts.is_sending) say("record_sending", { name: facts.name });
  else if (!facts.is_usable) say("record_refused", { name: facts.name });
  else if (facts.is_waiting) say("record_waiting", { name: facts.name });
}

function checkMenu(say, steps, hears) {
  const keys = steps.filter((s) => s.trigger.kind === "digit").map((s) => s.trigger.digit);
  let silences = 0;
  for (const { id, trigger } of steps) {
    const isKey = trigger.kind === "digit" && trigger.digit !== null;
    if (isKey && keys.filter((digit) => digit === trigger.digit).length > 1) {
      say(id)("digit_twice", { digit: trigger.digit });
    }
    if (trigger.kind === "words" && !hears) say(id)("words_unheard");
  }
  for (const { id, trigger } of steps) {
    if (trigger.kind === "silence" && silences++) say(id)("silence_twice");
  }
}

function checkStep(say, step, depth, limits, records) {
  checkTrigger(say, step.trigger, limits);
  checkLength(say, "label_long", step.label, limits.label.max);
  if (step.sound) checkSound(say, step.sound, limits, records);
  if (step.sms && !step.sms.trim()) say("sms_blank");
  else checkLength(say, "sms_long", step.sms, limits.sms.max);
  const wrong = step.manager_phone ? wrongPhone(step.manager_phone) : null;
  if (wrong) say(`phone_${wrong.code}`, wrong.values);
  if (step.webhook) checkWebhook(say, step.webhook, limits);
  const { sound, sms, manager_phone, webhook, block, steps } = step;
  if (!(sound || sms || manager_phone || webhook || block || steps.length)) say("step_idle");
  if (manager_phone && steps.length) say("menu_unheard");
  const advised = limits.depth_advised.max;
  if (depth === advised + 1) say("depth_advised", { depth: advised });
}

function checkTrigger(say, { kind, digit, words }, limits) {
  if (kind === "digit" && (digit === null || digit < limits.digit.min || digit > limits.digit.max)) {
    say("digit_none");
  }
  if (kind === "words" && !words.some((word) => word.trim())) say("words_none");
}

function checkWebhook(say, { url, parameters }, limits) {
  if (lengthOf(url) > limits.webhook_url.max) {
    checkLength(say, "webhook_long", url, limits.webhook_url.max);
  } else if (url !== OWN_WEBHOOK) {
    const scheme = schemeOf(url);
    if (!scheme) say("webhook_scheme");
    else if (scheme === "http") say("webhook_plain");
  }
  const names = parameters.map(([name]) => name);
  if (names.includes("")) say("parameter_unnamed");
  if (names.includes(RESERVED)) say("parameter_reserved");
  for (const name of new Set(names)) {
    if (name && names.indexOf(name) !== names.lastIndexOf(name)) say("parameter_twice", { name });
  }
}

function checkLength(say, code, text, limit) {
  const over = lengthOf(text) - limit;
  if (over > 0) say(code, { limit, over });
}

// http or https of a usable address, else empty.
function schemeOf(url) {
  const parts = /^(https?):\/\/(?:[^/?#]*@)?(?:[^/?#:]+|\[[^\]]+\])(?::(\d*))?(?:[/?#]|$)/i.exec(url);
  const isUsable = parts && !/\s/.test(url) && Number(parts[2] ?? 0) < 65536;
  return isUsable ? parts[1].toLowerCase() : "";
}

/** What is wrong with a typed phone: `{code, values}` of the server's sentences, or null. */
export function wrongPhone(typed) {
  const text = typed.trim();
  if (!text) return { code: "empty", values: {} };
  if (!PHONE_SIGNS.test(text)) return { code: "signs", values: {} };
  const digits = text.replace(/[^0-9]/g, "");
  if (digits.length === 11 && digits[0] === "8" && !text.startsWith("+")) return null;
  if (digits.length !== 11) return { code: "count", values: { count: digits.length } };
  return digits[0] === "7" ? null : { code: "start", values: {} };
}

/** A typed phone as 11 digits, or empty when it is none. */
export function normalPhone(typed) {
  if (wrongPhone(typed)) return "";
  return typed.replace(/[^0-9]/g, "").replace(/^8/, "7");
}
