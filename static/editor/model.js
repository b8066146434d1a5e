// The scenario document as the editor holds it: plain objects that are never changed in place.
// A change makes new objects along one branch and keeps all others, so «is it the same object?»
// tells the view what to draw again, and undo is a list of documents.
//
// The shape is that of calls/ivr/document.py; only a webhook's parameters are always pairs here.

export const ROOT = "root";
export const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]; // as on a keypad

/** A document as the server sends it → as the editor holds it. */
export function opened(json) {
  return { ...json, steps: json.steps.map(openedStep) };
}

function openedStep(step) {
  const webhook = step.webhook && { ...step.webhook, parameters: pairs(step.webhook.parameters) };
  return { ...step, webhook, steps: step.steps.map(openedStep) };
}

function pairs(parameters) {
  return Array.isArray(parameters) ? parameters : Object.entries(parameters ?? {});
}

/** Every step with its parent (null: the first menu), place, depth and number such as «1.2». */
export function* walk(document) {
  yield* walkSteps(document.steps, null, 1, "");
}

function* walkSteps(steps, parent, depth, prefix) {
  for (const [place, step] of steps.entries()) {
    const number = `${prefix}${place + 1}`;
    yield { step, parent, place, depth, number };
    yield* walkSteps(step.steps, step, depth + 1, `${number}.`);
  }
}

/** Where a step stands, or null. The opening is found by ROOT: its step is the document. */
export function find(document, id) {
  if (id === ROOT) return { step: document, parent: null, place: 0, depth: 0, number: "" };
  for (const found of walk(document)) if (found.step.id === id) return found;
  return null;
}

export const idOf = (document, step) => (step === document ? ROOT : step.id);

/** The id of the menu a step stands in. */
export function menuOf(document, id) {
  return find(document, id)?.parent?.id ?? ROOT;
}

/** How many steps stand under a step. */
export function countUnder(step) {
  return step.steps.reduce((sum, below) => sum + 1 + countUnder(below), 0);
}

/** How many menus deep the steps under a step go. */
export function depthUnder(step) {
  return step.steps.reduce((deepest, below) => Math.max(deepest, 1 + depthUnder(below)), 0);
}

/** Whether `id` is `above` or stands somewhere under it. */
export function isWithin(document, id, above) {
  if (above === ROOT || id === above) return true;
  const top = find(document, above)?.step;
  return Boolean(top && [...walk(top)].some(({ step }) => step.id === id));
}

/** The keys no answer of a menu has yet. */
export function freeDigits(steps) {
  const busy = new Set(steps.filter((s) => s.trigger.kind === "digit").map((s) => s.trigger.digit));
  return DIGITS.filter((digit) => !busy.has(digit));
}

export function hasSilence(steps) {
  return steps.some((step) => step.trigger.kind === "silence");
}

export function newStep(trigger) {
  return {
    id: freshId(),
    label: "",
    trigger,
    recognize: false,
    block: false,
    sound: trigger.kind === "silence" ? null : newSound(),
    manager_phone: "",
    sms: "",
    webhook: null,
    steps: [],
  };
}

export function newSound(kind = "text", gender = 0) {
  return kind === "record" ? { kind, record: null } : { kind, text: "", gender };
}

/** The document with `change` spread over a step, or over the opening for ROOT. */
export function changed(document, id, change) {
  if (id === ROOT) return { ...document, ...change };
  return inMenus(document, (steps) => {
    const place = steps.findIndex((step) => step.id === id);
    if (place < 0) return steps;
    const step = { ...steps[place], ...change };
    return silenceLast(steps.with(place, step));
  });
}

/** The document with a step put into a menu; before «waits in silence» unless it is that. */
export function inserted(document, menuId, step, place = Infinity) {
  return withMenu(document, menuId, (steps) => silenceLast(steps.toSpliced(place, 0, step)));
}

export function removed(document, id) {
  return inMenus(document, (steps) =>
    steps.some((step) => step.id === id) ? steps.filter((step) => step.id !== id) : steps,
  );
}

/** One place up (-1) or down (1) in its menu; null where there is no such place. */
export function shifted(document, id, by) {
  const { step, parent, place } = find(document, id);
  const steps = (parent ?? document).steps;
  const next = steps[place + by];
  if (!next || (next.trigger.kind === "silence") !== (step.trigger.kind === "silence")) return null;
  const menu = steps.with(place, next).with(place + by, step);
  return withMenu(document, parent?.id ?? ROOT, () => menu);
}

/** A step with all under it into another menu or place. A busy key becomes the next free one. */
export function moved(document, id, menuId, place = Infinity) {
  if (isWithin(document, menuId, id)) return null;
  const { step, parent, place: from } = find(document, id);
  const isSameMenu = (parent?.id ?? ROOT) === menuId;
  const without = removed(document, id);
  const menu = find(without, menuId).step.steps;
  const to = isSameMenu && place > from ? place - 1 : place;
  return inserted(without, menuId, isSameMenu ? step : fitting(step, menu), to);
}

/** A copy of a step with all under it, right after it: [document, id of the copy]. */
export function copied(document, id) {
  const { step, parent, place } = find(document, id);
  const menu = (parent ?? document).steps;
  const copy = fitting(renamed(step), menu);
  return [inserted(document, parent?.id ?? ROOT, copy, place + 1), copy.id];
}

/** A step as it may join a menu: instead of a second key or a second silence, what is free. */
export function fitting(step, menu) {
  const { kind, digit } = step.trigger;
  if (kind === "silence" && !hasSilence(menu)) return step;
  if (kind === "words") return step;
  const free = freeDigits(menu);
  if (kind === "digit" && free.includes(digit)) return step;
  const trigger = free.length ? { kind: "digit", digit: free[0] } : { kind: "words", words: [] };
  return { ...step, trigger };
}

function renamed(step) {
  return { ...step, id: freshId(), steps: step.steps.map(renamed) };
}

const freshId = () => `s${randomHex(5)}`;

/** So many random bytes as hexadecimal digits; also where the page is served without https. */
export function randomHex(count) {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function silenceLast(steps) {
  const isSilent = (step) => step.trigger.kind === "silence";
  return [...steps.filter((step) => !isSilent(step)), ...steps.filter(isSilent)];
}

function withMenu(document, menuId, change) {
  if (menuId === ROOT) return { ...document, steps: change(document.steps) };
  return changed(document, menuId, { steps: change(find(document, menuId).step.steps) });
}

// Runs `change` over every menu and keeps the objects of branches where it changed nothing.
function inMenus(node, change) {
  const steps = change(node.steps).map((step) => inMenus(step, change));
  const isSame = steps.length === node.steps.length && steps.every((s, i) => s === node.steps[i]);
  return isSame ? node : { ...node, steps };
}
