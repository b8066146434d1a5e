// Plays the shared cases of trial calls. Node runs this file with the cases on its standard input;
// a browser calls `failures` itself.

/**
 * What a Trial does otherwise than the cases say.
 * @param {Function} Trial the class of static/editor/trial.js
 * @param {Object<string, object>} cases by name, see tests/calls/ivr/trials/README.md
 * @returns {string[]} one sentence for each difference
 */
export function failures(Trial, cases) {
  return Object.entries(cases).flatMap(([name, each]) =>
    differences(each, played(Trial, each)).map((sentence) => `${name}: ${sentence}`),
  );
}

function played(Trial, { document, answers }) {
  const trial = new Trial(document);
  const events = trial.start();
  for (const answer of answers) events.push(...trial.say(...answer));
  return { events, outcome: trial.outcome, path: trial.path, isListening: trial.menu !== null };
}

function differences({ events, outcome }, got) {
  const path = events.filter(([name]) => name === "step").map(([, id]) => id);
  const wanted = { events, outcome, path, isListening: outcome === "listening" };
  return Object.keys(wanted)
    .filter((key) => canonical(got[key]) !== canonical(wanted[key]))
    .map((key) => `${key} are ${canonical(got[key])}, not ${canonical(wanted[key])}`);
}

/** JSON in which the order of an object's names means nothing. */
function canonical(value) {
  return JSON.stringify(value, (_name, part) => (isPlain(part) ? sorted(part) : part));
}

function isPlain(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function sorted(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

if (globalThis.process?.argv[2]) {
  const { readFileSync } = await import("node:fs");
  const { Trial } = await import(`${process.argv[2]}/trial.js`);
  console.log(JSON.stringify(failures(Trial, JSON.parse(readFileSync(0, "utf8")))));
}
