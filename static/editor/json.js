// The JSON tab: the request the draft amounts to, coloured; the chosen step is marked.

import { payload } from "./payload.js";
import { $, data, html, icon, t } from "./dom.js";

const PARTS = /"(?:\\.|[^"\\])*"(\s*:)?|-?\d+(?:\.\d+)?|[^"\d-]+|-/g;

export function payloadOf(store) {
  const ids = Object.fromEntries(Object.entries(store.records).map(([pk, facts]) => [pk, facts.service_id]));
  return payload(store.document, { wrong: store.wrongFields, records: ids, ownWebhook: data.ownWebhook });
}

export function drawJson(store, element) {
  const errors = store.allProblems.filter(({ level }) => level === "error").length;
  const text = JSON.stringify(payloadOf(store), null, 2);
  element.innerHTML = html`
    <div class="ed-row"><p class="help">${t("json_help")}</p><button type="button" class="btn btn-s" data-do="copy-json">${icon("copy", 16)}${t("json_copy")}</button></div>
    ${errors > 0 && html`<p class="note is-bad">${icon("alert-circle")}<span class="grow">${t("json_errors", { n: errors })}</span></p>`}
    <pre class="ed-json" tabindex="0" aria-label="JSON">${[...text.matchAll(PARTS)].map(coloured)}</pre>`.text;
}

/** Put it on the clipboard; false where only https may, and it is marked for copying by hand. */
export async function copyJson(store) {
  try {
    await navigator.clipboard.writeText(JSON.stringify(payloadOf(store), null, 2));
    return true;
  } catch {
    getSelection().selectAllChildren($(".ed-json"));
    return false;
  }
}

function coloured([part, colon]) {
  if (part.startsWith('"') && colon !== undefined) {
    return html`<span class="is-key">${part.slice(0, part.length - colon.length)}</span>${colon}`;
  }
  if (part.startsWith('"')) return html`<span class="is-text">${part}</span>`;
  return /^-?\d/.test(part) ? html`<span class="is-number">${part}</span>` : part;
}

export const jsonPanel = () => $("#p-json");
