// The request that a draft amounts to, as calls/ivr/compile.py makes it; what has errors is left
// out. The same cases test both.

import { OWN_WEBHOOK, normalPhone } from "./check.js";

const ELLIPSIS = "…"; // a call without an opening is no payload at all

/**
 * `record`, `recognize`, `ivrs` as they go to the service. `wrong` maps a step's id ("" for the
 * opening) to the fields that have errors; `records` maps our keys to the service's ids;
 * `ownWebhook` is the address that stands for ours.
 */
export function payload(document, { wrong, records, ownWebhook }) {
  const isBad = (id, ...fields) => fields.some((field) => wrong[id]?.includes(field));
  const opening = isBad("", "text", "record")
    ? { kind: "text", text: ELLIPSIS, gender: 0 }
    : document.opening;
  return {
    record: soundOf(opening, records),
    recognize: Number(document.recognize),
    ...menuOf(document.steps, { isBad, records, ownWebhook }),
  };
}

function menuOf(steps, context) {
  const kept = steps.filter(({ id }) => !context.isBad(id, "digit", "words", "trigger"));
  if (!kept.length) return {};
  const isSilent = (step) => step.trigger.kind === "silence";
  const ordered = [...kept.filter((step) => !isSilent(step)), ...kept.filter(isSilent)];
  return { ivrs: ordered.map((step) => entryOf(step, context)) };
}

function entryOf(step, context) {
  const { isBad, records } = context;
  const entry = {};
  const { kind, digit, words } = step.trigger;
  if (kind === "digit") entry.digit = digit;
  if (kind === "words") entry.keyWords = words.flatMap((word) => word.trim().split(/\s+/)).join(" ");
  if (step.recognize) entry.recognize = 1;
  if (step.block) entry.needBlock = 1;
  if (step.sound && !isBad(step.id, "text", "record")) entry.record = soundOf(step.sound, records);
  if (step.manager_phone && !isBad(step.id, "manager_phone")) {
    entry.managerPhone = normalPhone(step.manager_phone);
  }
  if (step.sms && !isBad(step.id, "sms")) entry.smsText = step.sms;
  if (step.webhook && !isBad(step.id, "webhook", "parameters")) webhookOf(entry, step.webhook, context);
  return { ...entry, ...menuOf(step.steps, context) };
}

function webhookOf(entry, { url, parameters }, { ownWebhook }) {
  entry.webhookUrl = url === OWN_WEBHOOK ? ownWebhook : url;
  if (!parameters.length) return;
  const texts = parameters.map((pair) => pair.map((part) => JSON.stringify(part)).join(": "));
  entry.webhookParameters = `{${texts.join(", ")}}`;
}

function soundOf(sound, records) {
  if (sound.kind === "record") return { id: records[sound.record] };
  return { text: sound.text, gender: sound.gender };
}
