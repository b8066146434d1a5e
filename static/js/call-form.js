// The new call's form: shows the chosen kind of message, asks for a check while one types,
// sends on Ctrl+Enter, once.

const form = document.querySelector("[data-call-form]");

function showMessage() {
  const chosen = form.querySelector("[name=message]:checked")?.value;
  for (const block of form.querySelectorAll("[data-message]")) {
    block.hidden = block.dataset.message !== chosen;
  }
}

// Whether a ground is needed depends on the numbers, the purpose and the account: the check says.
function showWaiver() {
  const needed = form.querySelector("[data-needs-waiver]");
  form.querySelector("[data-waiver]").hidden = !needed;
}

let timer = 0;

function changed(event) {
  showMessage();
  clearTimeout(timer);
  const wait = event?.type === "input" ? 400 : 0;
  timer = setTimeout(() => document.body.dispatchEvent(new Event("obz:form-changed")), wait);
}

// «Back» may bring a new form with the old numbers in it. It is the same form for us: its token
// stays with the place in the history, and a used token leads to what it has launched.
function keepToken() {
  const token = form.elements.launch_token;
  if (history.state?.launchToken) token.value = history.state.launchToken;
  else history.replaceState({ ...history.state, launchToken: token.value }, "");
}

if (form) {
  keepToken();
  showMessage();
  document.addEventListener("htmx:after:swap", showWaiver);
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-submit]"));
    }
  });
  // Another account has other records, scenarios and numbers: ask the server for them.
  form.elements.account?.addEventListener("change", () => {
    const url = new URL(location.href);
    url.searchParams.set("account", form.elements.account.value);
    fetch(url)
      .then((answer) => answer.text())
      .then((html) => {
        const page = new DOMParser().parseFromString(html, "text/html");
        for (const name of ["record", "scenario", "caller"]) {
          const options = page.querySelector(`[name=${name}]`);
          if (options) form.elements[name].innerHTML = options.innerHTML;
        }
        changed();
      })
      .catch(() => {});
  });
}
