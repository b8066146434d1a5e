// How a step is called where people read of it.

import { html, icon, t } from "./dom.js";

/** The label for reports, else what leads to the step. */
export const titleOf = (step) => step.label.trim() || triggerOf(step);

export function triggerOf({ trigger }) {
  if (trigger.kind === "digit") return t("key_n", { key: trigger.digit ?? "?" });
  if (trigger.kind === "silence") return t("waits");
  return trigger.words.length ? t("words_said", { words: trigger.words.join(", ") }) : t("words");
}

/** What stands on the key chip beside a card. */
export function triggerIcon({ trigger }, size = 18) {
  if (trigger.kind === "digit") return html`${trigger.digit ?? "?"}`;
  return icon(trigger.kind === "words" ? "microphone" : "hourglass", size);
}
