// Plays the shared cases of trial calls: `node trials.mjs FOLDER`. A page may import it too: it
// asks for nothing of node before it is run by it.

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

async function run(folder) {
  const { readFile, readdir } = await import("node:fs/promises");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  const texts = await Promise.all(names.map((name) => readFile(`${folder}/${name}`, "utf8")));
  const cases = Object.fromEntries(names.map((name, place) => [name, JSON.parse(texts[place])]));
  // Node takes a .js file without a package.json for an older kind of module, but never an address.
  const source = await readFile(new URL("../../static/editor/trial.js", import.meta.url), "base64");
  const { Trial } = await import(`data:text/javascript;base64,${source}`);
  const found = failures(Trial, cases);
  console.log([...found, `${names.length} cases, ${found.length} differences`].join("\n"));
  return names.length && !found.length ? 0 : 1;
}

const [, script, folder] = globalThis.process?.argv ?? [];
if (script?.endsWith("trials.mjs")) process.exit(await run(folder));
