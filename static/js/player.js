// A player with words of its own around the browser's <audio>: play, place, speed, 5 seconds back.
// Without this module the browser's controls are shown.

const SPEEDS = [1, 1.25, 1.5, 2];

function shown(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function parts(player) {
  const part = (name) => player.querySelector(`[data-player-${name}]`);
  return {
    audio: player.querySelector("audio"),
    play: part("play"),
    place: part("place"),
    now: part("now"),
    length: part("length"),
    rate: part("rate"),
  };
}

function lengthOf(player, audio) {
  return Number.isFinite(audio.duration) ? audio.duration : Number(player.dataset.seconds) || 0;
}

function show(player) {
  const { audio, play, place, now, length, rate } = parts(player);
  const total = lengthOf(player, audio);
  place.max = total;
  place.value = audio.currentTime;
  now.textContent = shown(audio.currentTime);
  length.textContent = total ? shown(total) : "—";
  const words = player.dataset.place.replace("{now}", now.textContent);
  place.setAttribute("aria-valuetext", words.replace("{length}", length.textContent));
  play.setAttribute("aria-label", audio.paused ? player.dataset.play : player.dataset.pause);
  play.classList.toggle("is-playing", !audio.paused);
  rate.textContent = `${new Intl.NumberFormat(document.documentElement.lang).format(audio.playbackRate)}×`;
}

function fail(player) {
  player.querySelector("[data-player-failed]").hidden = false;
  show(player);
}

function start(player) {
  const { audio } = parts(player);
  player.dataset.player = "ready";
  audio.removeAttribute("controls");
  player.querySelector("[data-player-controls]").hidden = false;
  for (const name of ["play", "pause", "timeupdate", "durationchange", "ended", "ratechange"]) {
    audio.addEventListener(name, () => show(player));
  }
  audio.preservesPitch = true;
  audio.addEventListener("error", () => fail(player));
  show(player);
}

function toggle(player) {
  const { audio } = parts(player);
  player.querySelector("[data-player-failed]").hidden = true;
  if (!audio.paused) {
    audio.pause();
    return;
  }
  for (const other of document.querySelectorAll("audio")) other.pause();
  if (audio.error) audio.load();
  audio.play().catch((error) => {
    if (error.name !== "AbortError") fail(player);
  });
}

document.addEventListener("click", (event) => {
  const player = event.target.closest("[data-player]");
  if (!player) return;
  const { audio } = parts(player);
  if (event.target.closest("[data-player-play]")) toggle(player);
  const jump = event.target.closest("[data-player-jump]");
  if (jump) audio.currentTime += Number(jump.dataset.playerJump);
  if (event.target.closest("[data-player-speed]")) {
    audio.playbackRate = SPEEDS[(SPEEDS.indexOf(audio.playbackRate) + 1) % SPEEDS.length];
  }
});
document.addEventListener("input", (event) => {
  const player = event.target.closest("[data-player]");
  if (player && event.target.matches("[data-player-place]")) {
    parts(player).audio.currentTime = Number(event.target.value);
  }
});

function startAll() {
  document.querySelectorAll('[data-player=""]').forEach(start);
}

document.addEventListener("htmx:after:swap", startAll);
startAll();
