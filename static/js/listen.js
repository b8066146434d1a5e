// Plays a record from its row: data-listen="address". One at a time; goes on when rows are refreshed.
// A page with [data-listen-failed] says there what is wrong, with a link to the row's own page.
const audio = new Audio();
let playing = ""; // address

function show() {
  if (playing && !document.querySelector(`[data-listen="${playing}"]`)) {
    audio.pause(); // its list was closed
    playing = "";
  }
  for (const button of document.querySelectorAll("[data-listen]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(button.dataset.listen === playing));
  }
}

function stop() {
  audio.pause();
  playing = "";
  show();
}

function fail(button) {
  button.title = button.dataset.failed;
  button.setAttribute("aria-label", button.dataset.failed);
  const note = document.querySelector("[data-listen-failed]");
  const link = button.closest("tr")?.querySelector("a[href]");
  if (!note || !link) return;
  note.querySelector("a").href = link.href;
  note.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-listen]");
  if (!button) return;
  const address = button.dataset.listen;
  if (address === playing) {
    stop();
    return;
  }
  document.querySelector("[data-listen-failed]")?.setAttribute("hidden", "");
  playing = address;
  show();
  audio.src = address;
  try {
    await audio.play();
  } catch (error) {
    if (error.name === "AbortError") return; // another one was started meanwhile
    stop();
    fail(button);
  }
});

audio.addEventListener("ended", stop);
document.addEventListener("htmx:after:swap", show);
document.addEventListener("obz:shown", show); // rows that came otherwise
show();
