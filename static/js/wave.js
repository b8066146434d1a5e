// The wave above a player, drawn by us from peaks that the server has made: the usual library sets
// <style> into a shadow tree, which our content policy forbids. Marks on it are the buttons with
// data-mark on the page, so that eyes, keyboard and screen readers have the same ones.

const SPEEDS = [1, 1.25, 1.5, 2];
const BARS = 250;
const MOST_PLACES = 100; // remembered
const SVG = "http://www.w3.org/2000/svg";
const PLACES = "obz.places";

function read(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden store: nothing is remembered.
  }
}

const audioOf = (heard) => heard.querySelector("audio");

function lengthOf(heard) {
  const { duration } = audioOf(heard);
  return Number.isFinite(duration) ? duration : Number(heard.querySelector("[data-player]")?.dataset.seconds) || 0;
}

// Drawing

function bars(peaks) {
  const size = Math.max(1, Math.ceil(peaks.length / BARS));
  const loudest = Math.max(1, ...peaks);
  const found = [];
  for (let at = 0; at < peaks.length; at += size) {
    found.push(Math.max(...peaks.slice(at, at + size)) / loudest);
  }
  return found;
}

function pathOf(heights) {
  const step = 1000 / heights.length;
  return heights
    .map((height, place) => {
      const half = Math.max(1, 30 * height);
      return `M${((place + 0.5) * step).toFixed(1)} ${(32 - half).toFixed(1)}v${(2 * half).toFixed(1)}`;
    })
    .join("");
}

function showPlace(heard) {
  const total = lengthOf(heard);
  const share = total ? Math.min(1, audioOf(heard).currentTime / total) : 0;
  heard.querySelector("[data-wave-played]").setAttribute("width", String(1000 * share));
}

function showMarks(heard) {
  const total = lengthOf(heard);
  const group = heard.querySelector("[data-wave-marks]");
  group.replaceChildren();
  const page = heard.closest("[data-listening]");
  if (!page || !total) return;
  for (const button of page.querySelectorAll("[data-mark]")) {
    const second = Number(button.dataset.mark);
    if (second > total) continue;
    const line = document.createElementNS(SVG, "line");
    const x = String((1000 * second) / total);
    line.setAttribute("class", `is-${button.dataset.markKind}`);
    for (const [name, value] of [["x1", x], ["x2", x], ["y1", "0"], ["y2", "64"]]) line.setAttribute(name, value);
    const title = document.createElementNS(SVG, "title");
    title.textContent = button.parentElement.querySelector("[data-mark-words]")?.textContent.trim() ?? "";
    line.append(title);
    group.append(line);
  }
}

async function draw(heard) {
  const answer = await fetch(heard.dataset.peaks).catch(() => null);
  if (!answer?.ok) return; // the plain player does without
  const { peaks } = await answer.json();
  if (!peaks?.length) return;
  const path = pathOf(bars(peaks));
  for (const line of heard.querySelectorAll("[data-wave-path]")) line.setAttribute("d", path);
  heard.querySelector("[data-wave]").removeAttribute("hidden");
  showMarks(heard);
  showPlace(heard);
}

// Where one stopped

function remember(heard) {
  const { currentTime, ended } = audioOf(heard);
  const places = read(PLACES, {});
  delete places[heard.dataset.heard];
  if (!ended && currentTime > 3) places[heard.dataset.heard] = Math.floor(currentTime);
  const kept = Object.entries(places).slice(-MOST_PLACES);
  write(PLACES, Object.fromEntries(kept));
}

export function start(heard) {
  if (heard.dataset.ready) return;
  heard.dataset.ready = "1";
  const audio = audioOf(heard);
  audio.preservesPitch = true;
  const place = read(PLACES, {})[heard.dataset.heard];
  if (place && place < lengthOf(heard) - 3) audio.currentTime = place;
  let saved = 0;
  audio.addEventListener("timeupdate", () => {
    showPlace(heard);
    if (Math.abs(audio.currentTime - saved) < 2) return;
    saved = audio.currentTime;
    remember(heard);
  });
  audio.addEventListener("durationchange", () => showMarks(heard));
  audio.addEventListener("ended", () => remember(heard));
  audio.addEventListener("pause", () => remember(heard));
  if (heard.dataset.peaks) draw(heard);
}

// By hand

function seek(event) {
  const wave = event.target.closest?.("[data-wave]");
  if (!wave || (event.type === "pointermove" && !event.buttons)) return;
  const heard = wave.closest("[data-heard]");
  const box = wave.getBoundingClientRect();
  audioOf(heard).currentTime = (lengthOf(heard) * (event.clientX - box.left)) / box.width;
}

document.addEventListener("pointerdown", seek);
document.addEventListener("pointermove", seek);
document.addEventListener("click", (event) => {
  const place = event.target.closest("[data-mark], [data-seek]");
  const heard = place?.closest("[data-listening]")?.querySelector("[data-heard]");
  if (heard) audioOf(heard).currentTime = Number(place.dataset.mark ?? place.dataset.seek);
});

// By keys, wherever one is on the page, unless one types

const FIELDS = "input:not([type=range]), textarea, select, [contenteditable], dialog";
const OWN_SPACE = "button, a, summary, input:not([type=range]):not(:checked), textarea, select, dialog";

function faster(audio, step) {
  const place = SPEEDS.indexOf(audio.playbackRate) + step;
  audio.playbackRate = SPEEDS[Math.min(Math.max(place, 0), SPEEDS.length - 1)];
}

function jump(event, audio) {
  if (event.target.closest?.(FIELDS)) return;
  const seconds = event.shiftKey ? 15 : 5;
  audio.currentTime += event.code === "ArrowLeft" ? -seconds : seconds;
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  const heard = document.querySelector("[data-heard]");
  if (!heard || event.ctrlKey || event.metaKey || event.altKey) return;
  const audio = audioOf(heard);
  const { code } = event;
  if (code === "ArrowLeft" || code === "ArrowRight") jump(event, audio);
  else if (code === "Space" && !event.target.closest?.(OWN_SPACE)) {
    heard.querySelector("[data-player-play]").click();
    event.preventDefault();
  } else if (document.body.hasAttribute("data-no-shortcuts") || event.target.closest?.("input:not([type=range]):not([type=radio]):not([type=checkbox]), textarea, select, dialog")) {
    return;
  } else if (code === "BracketLeft") faster(audio, -1);
  else if (code === "BracketRight") faster(audio, 1);
});

function startAll() {
  document.querySelectorAll("[data-heard]").forEach((heard) => {
    start(heard);
    showMarks(heard);
  });
}

document.addEventListener("htmx:after:swap", startAll);
startAll();
