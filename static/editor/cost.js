// What one answered call is likely to cost: from the cheapest to the dearest way through it, as
// calls/ivr/cost.py reckons. Whole numbers only, so that rounding up is exact: time is counted in
// 1/1300 of a second, which both 1/13 (a character) and 1/100 (a record's length) divide.

import { lengthOf } from "./check.js";

const UNITS_A_SECOND = 1300;
const CHARACTERS_A_SECOND = 13;

/**
 * `prices`: kopecks for a minute, an SMS and a synthesis. `hundredths`: our record's key → its
 * length in 1/100 s. Returns kopecks: `{low, high}`.
 */
export function estimate(document, prices, hundredths) {
  const opening = played(document.opening, hundredths);
  let low = priceOf(opening, prices);
  let high = low;
  const follow = (steps, way) => {
    for (const step of steps) {
      const here = plus(way, stepWay(step, hundredths));
      const price = priceOf(here, prices);
      low = Math.min(low, price);
      high = Math.max(high, price);
      follow(step.steps, here);
    }
  };
  follow(document.steps, opening);
  return { low, high };
}

/** Kopecks for one way: the opening and the steps taken, in order. */
export function costOfWay(document, steps, prices, hundredths) {
  const ways = steps.map((step) => stepWay(step, hundredths));
  return priceOf(ways.reduce(plus, played(document.opening, hundredths)), prices);
}

/** Seconds a sound lasts, about. */
export function secondsOf(sound, hundredths) {
  return played(sound, hundredths).units / UNITS_A_SECOND;
}

function stepWay(step, hundredths) {
  const way = step.sound ? played(step.sound, hundredths) : { units: 0, messages: 0, syntheses: 0 };
  return { ...way, messages: step.sms ? 1 : 0 };
}

function played(sound, hundredths) {
  if (sound.kind === "record") {
    const units = ((hundredths[sound.record] ?? 0) * UNITS_A_SECOND) / 100;
    return { units, messages: 0, syntheses: 0 };
  }
  const units = (lengthOf(sound.text) * UNITS_A_SECOND) / CHARACTERS_A_SECOND;
  return { units, messages: 0, syntheses: sound.text ? 1 : 0 };
}

function plus(one, other) {
  return {
    units: one.units + other.units,
    messages: one.messages + other.messages,
    syntheses: one.syntheses + other.syntheses,
  };
}

function priceOf(way, prices) {
  const whole = way.messages * prices.sms + way.syntheses * prices.synthesis;
  return whole + Math.ceil((way.units * prices.minute) / (UNITS_A_SECOND * 60));
}
