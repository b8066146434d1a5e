// Pieces of a step's form: markup from values, without any state.

import { DIGITS, freeDigits } from "./model.js";
import { OWN_WEBHOOK } from "./check.js";
import { data, html, icon, money, phone, t } from "./dom.js";

export const problemsOf = (name, fields = name) => html`<div id="e-${name}" data-problems="${fields}"></div>`;

export const tool = (command, picture, words, isOff = false) =>
  html`<button type="button" class="btn btn-i btn-s" id="f-${command}" data-do="${command}" title="${words}" aria-label="${words}" ${isOff ? "disabled" : ""}>${icon(picture)}</button>`;

export function segments(name, label, choices, chosen) {
  const buttons = choices.map(
    ([value, words, isOff]) =>
      html`<label><input type="radio" name="${name}" id="f-${name}-${value}" value="${value}" ${value === chosen ? "checked" : ""} ${isOff ? "disabled" : ""}><span>${words}</span></label>`,
  );
  return html`<div class="ed-seg" role="radiogroup" aria-label="${label}">${buttons}</div>`;
}

export function keypad(digit, menu) {
  const free = freeDigits(menu);
  const keys = DIGITS.map((key) => {
    const isOff = key !== digit && !free.includes(key);
    return html`<label title="${isOff && t("busy_key")}"><input type="radio" name="digit" id="f-digit-${key}" value="${key}" aria-describedby="e-trigger" ${key === digit ? "checked" : ""} ${isOff ? "disabled" : ""}><span>${key}</span></label>`;
  });
  return html`<div class="ed-pad" role="radiogroup" aria-label="${t("key")}">${keys}</div>`;
}

/** The words as chips, each with a button to drop it. */
export function chipsOf(words) {
  const made = words.map(
    (word, place) => html`<li>${word}<button type="button" data-word="${place}" aria-label="${t("drop_word", { word })}">${icon("x", 14)}</button></li>`,
  );
  return html`${made}`;
}

export function chips(words) {
  return html`<div class="field">
    <label for="f-words">${t("words_label")}</label>
    <div class="ed-chips"><ul>${chipsOf(words)}</ul><input id="f-words" data-first autocomplete="off" autocapitalize="off" placeholder="${words.length ? "" : t("words_example")}" aria-describedby="e-trigger"></div>
  </div>`;
}

export const phoneForm = (step) => html`<div class="field">
  <label class="vh" for="f-manager_phone">${t("manager_phone")}</label>
  <input class="inp num" id="f-manager_phone" type="tel" inputmode="tel" autocomplete="off" data-text="manager_phone" value="${phone(step.manager_phone)}" placeholder="+7 (912) 345-67-89" aria-describedby="e-manager_phone">
  ${problemsOf("manager_phone")}
</div>`;

export function webhookForm({ url, parameters }) {
  const isOwn = url === OWN_WEBHOOK;
  const kinds = [
    ["url", t("other_address")],
    ["own", t("own_address")],
  ];
  const rows = parameters.map(
    ([name, value], row) => html`<div class="ed-kv">
      <input class="inp" id="f-parameter-${row}" data-row="${row}" data-part="0" value="${name}" aria-label="${t("parameter_name", { n: row + 1 })}" autocomplete="off" aria-describedby="e-parameters">
      <input class="inp" data-row="${row}" data-part="1" value="${value}" aria-label="${t("parameter_value", { n: row + 1 })}" autocomplete="off">
      <button type="button" class="btn btn-i" data-drop-parameter="${row}" aria-label="${t("parameter_drop", { n: row + 1 })}">${icon("x", 16)}</button>
    </div>`,
  );
  return html`${segments("webhook", t("address"), kinds, isOwn ? "own" : "url")}
    ${isOwn ? html`<p class="help">${t("own_address_help")}</p>` : html`<div class="field"><label for="f-webhook_url">${t("address")}</label><input class="inp" id="f-webhook_url" type="url" inputmode="url" data-url value="${url}" placeholder="https://" autocomplete="off" aria-describedby="e-webhook"></div>`}
    ${problemsOf("webhook")}
    <div class="stack ed-tight" role="group" aria-label="${t("parameters")}"><span class="lab">${t("parameters")}</span>${rows}</div>
    ${problemsOf("parameters")}
    <div class="ed-row">
      <button type="button" class="btn btn-s" id="f-add-parameter" data-add-parameter>${icon("plus", 16)}${t("parameter")}</button>
      <button type="button" class="btn btn-s" data-do="probe">${icon("send", 16)}${t("send_test")}</button>
    </div>
    <div data-probe role="status"></div>`;
}

/** A text to speak, or one of `records` to play. */
export function soundForm(sound, records) {
  const kinds = [
    ["text", t("text")],
    ["record", t("record")],
  ];
  return html`${segments("sound", t("what_sounds"), kinds, sound.kind)}
    ${sound.kind === "text" ? textForm(sound) : recordForm(records[sound.record])}`;
}

function textForm(sound) {
  const voices = [
    ["0", t("female")],
    ["1", t("male")],
  ];
  return html`<div class="field">
      <label class="vh" for="f-text">${t("text_of_message")}</label>
      <textarea class="inp" id="f-text" rows="4" data-sound="text" data-first aria-describedby="e-text c-text">${"\n"}${sound.text}</textarea>
      <div class="ed-cnt" id="c-text"><span>${t("synthesis", { price: money(data.prices.synthesis) })} · <span data-seconds></span></span><span class="num" data-count="text"></span></div>
      ${problemsOf("text")}
    </div>
    <div class="ed-row">
      ${segments("gender", t("voice"), voices, String(sound.gender))}
      <button type="button" class="btn btn-s" data-do="speak">${icon("volume", 16)}${t("hear")}</button>
    </div>`;
}

function recordForm(facts) {
  return html`<div class="stack">
    ${facts && html`<div class="ed-chosen"><b>${facts.name}</b><audio controls preload="none" src="${facts.sound}" aria-label="${t("hear_record", { name: facts.name })}"></audio></div>`}
    <button type="button" class="btn" id="f-record" data-do="choose-record" data-first aria-describedby="e-record">${icon("file-music")}${t(facts ? "other_record" : "choose_record")}</button>
    ${problemsOf("record")}
  </div>`;
}

export function smsForm(step) {
  return html`<div class="field">
    <label class="vh" for="f-sms">${t("sms_text")}</label>
    <textarea class="inp" id="f-sms" rows="3" data-text="sms" aria-describedby="e-sms c-sms">${"\n"}${step.sms}</textarea>
    <div class="ed-cnt" id="c-sms"><span>${t("sms_price", { price: money(data.prices.sms) })}</span><span class="num" data-count="sms"></span></div>
    ${problemsOf("sms")}
  </div>`;
}

export function recognizeSwitch(step) {
  return html`<div class="ed-act${step.recognize ? " is-on" : ""}"><label>${icon("microphone")}<span>${t("recognize")}<br><span class="help">${t("recognize_help")}</span></span><input type="checkbox" role="switch" class="ed-sw" id="f-recognize" data-switch="recognize" ${step.recognize ? "checked" : ""}></label></div>`;
}
