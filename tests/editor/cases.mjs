// What the editor's modules make of the shared cases: one answer for each case, as JSON. Node
// runs this file with the table on its standard input; a browser calls `answers` itself.

export function answers({ model, check, payload, cost }, { cases, rules, limits, prices, webhook }) {
  return cases.map((one) => {
    const document = model.opened(one.document);
    const records = one.records;
    const found = check.problems(document, { limits, records });
    const wrong = {};
    for (const { id, code } of found) {
      if (rules[code].level === "error") (wrong[id] ??= []).push(rules[code].field);
    }
    const of = (name) => Object.fromEntries(Object.entries(records).map(([pk, facts]) => [pk, facts[name]]));
    const hundredths = Object.fromEntries(
      Object.entries(of("seconds")).map(([pk, seconds]) => [pk, Math.round(seconds * 100)]),
    );
    const range = cost.estimate(document, prices, hundredths);
    return {
      problems: found.map(({ id, code }) => [id, rules[code].field, rules[code].level]),
      sentences: found.map(({ code, values }) =>
        check.fill(rules[code].sentence, values),
      ),
      payload: payload.payload(document, { wrong, records: of("service_id"), ownWebhook: webhook }),
      cost: [range.low, range.high],
      numbers: [...model.walk(document)].map(({ number }) => number),
    };
  });
}

if (globalThis.process?.argv[2]) {
  const { readFileSync } = await import("node:fs");
  const load = (name) => import(`${process.argv[2]}/${name}.js`);
  const [model, check, payload, cost] = await Promise.all(["model", "check", "payload", "cost"].map(load));
  const table = JSON.parse(readFileSync(0, "utf8"));
  console.log(JSON.stringify(answers({ model, check, payload, cost }, table)));
}
