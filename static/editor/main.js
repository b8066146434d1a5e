// The scenario editor: makes its parts and lets them hear of each other.
//
//   store.js  what is edited, undo        model.js, check.js, payload.js, cost.js, trial.js  pure
//   tree.js   cards and connectors        panel.js, fields.js  the form of a step
//   save.js   drafts to the server        sim.js  the trial call
//   commands.js  everything that can be done; keys.js, menus.js, drag.js, dialogs.js ask for it

import { ROOT, opened } from "./model.js";
import { Autosave } from "./save.js";
import { Backup } from "./backup.js";
import { Bar } from "./bar.js";
import { Commands } from "./commands.js";
import { Drag } from "./drag.js";
import { Panel } from "./panel.js";
import { Server } from "./server.js";
import { Sim } from "./sim.js";
import { Store } from "./store.js";
import { Tree } from "./tree.js";
import { $, $$, data, isNarrow, t, toast } from "./dom.js";
import { actionsMenu, addMenu } from "./menus.js";
import { answer, ask } from "./dialogs.js";
import { copyJson, drawJson, jsonPanel } from "./json.js";
import { listen } from "./keys.js";

const store = new Store({ ...data, document: opened(data.document) });
const backup = new Backup(data);
const autosave = new Autosave({
  url: data.urls.draft,
  revision: data.revision,
  backup,
  read: () => ({ name: store.name, document: store.document }),
});
const tree = new Tree(store);
const panel = new Panel(store, $("#p-step"));
const sim = new Sim(store, $("#p-call"), (path) => {
  store.show(path.at(-1) ?? ROOT);
  tree.showPath(path);
});
const bar = new Bar(store, autosave);
const server = new Server();
const commands = new Commands({ store, tree, panel, sim, autosave, server, show, leave, onVersion });

// Tabs; on a narrow screen each is a pane of its own, beside the tree.

function show(tab) {
  const pane = isNarrow() ? tab : "tree";
  document.body.dataset.pane = pane;
  for (const button of $$(".ed-panes button")) {
    button.setAttribute("aria-pressed", String(button.dataset.pane === tab));
  }
  if (tab !== "tree") {
    if (show.tab === "call" && tab !== "call") sim.leave();
    show.tab = tab;
    for (const button of $$("[role=tab]")) {
      const isOn = button.dataset.tab === tab;
      button.setAttribute("aria-selected", String(isOn));
      button.tabIndex = isOn ? 0 : -1;
      document.getElementById(button.getAttribute("aria-controls")).hidden = !isOn;
    }
    drawTab();
  }
  // On a narrow screen the way is shown while the call goes on; then the tree is for editing again.
  const isShown = show.tab === "call" && (pane !== "tree" || !isNarrow() || sim.isLive);
  tree.showPath(isShown ? sim.path : null);
}

function drawTab() {
  if (show.tab === "step") panel.draw();
  if (show.tab === "call") sim.draw();
  if (show.tab === "json") drawJson(store, jsonPanel());
}

function onVersion(version) {
  bar.version = version;
  bar.draw();
}

function leave(url) {
  backup.drop();
  autosave.isLeaving = true;
  location.href = url;
}

commands.copyJson = async () => toast(t((await copyJson(store)) ? "json_copied" : "json_selected"));
commands.export = async () => {
  if (await autosave.flush()) location.assign(data.urls.export);
  else commands.download();
};

// What is edited changes: everything that shows it is drawn again.

store.addEventListener("change", ({ detail }) => {
  tree.draw();
  bar.draw();
  if (detail.isTyping && show.tab === "step") panel.refresh();
  else drawTab();
  if (show.tab === "call") tree.showPath(sim.path);
  autosave.touch();
});
store.addEventListener("select", () => {
  tree.draw();
  if (show.tab === "step") panel.draw();
});

store.addEventListener("facts", () => {
  tree.draw();
  bar.draw();
  if (show.tab === "step") panel.refresh();
});

autosave.addEventListener("state", () => bar.draw());
autosave.addEventListener("saved", ({ detail }) => {
  bar.savedAt = detail.savedAt;
  if (!autosave.isDirty) store.know(detail.records);
  onVersion(detail.version);
});
autosave.addEventListener("conflict", ({ detail }) => commands.conflict(detail));

// What is pressed.

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { pick, actions, add, unfold, go, tab, pane, record, template } = button.dataset;
  const command = button.dataset.do;
  if (pick) choose(pick);
  else if (actions) actionsMenu(button, store, actions, (name, id) => commands.run(name, id));
  else if (add) commands.add(add);
  else if (unfold) store.toggleFold(unfold);
  else if (go) commands.edit(go);
  else if (tab) show(tab);
  else if (pane) show(pane);
  else if (record) answer({ pk: Number(record), facts: JSON.parse(button.dataset.facts) });
  else if (template) answer(template);
  else if (command) run(command, button);
});

function choose(id) {
  store.select(id);
  show("step");
}

function run(command, button) {
  button.closest("details[data-menu]")?.removeAttribute("open");
  commands.run(command.replace(/-(\w)/g, (_all, letter) => letter.toUpperCase()));
}

document.addEventListener("input", ({ target }) => {
  if (target.id !== "ed-name") return;
  store.commit({ name: target.value.slice(0, data.nameMax) }, { key: "name", isTyping: true });
});
$("#ed-name").addEventListener("blur", () => {
  if (!store.name.trim()) store.commit({ name: t("no_name") }, { key: "name" });
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.id !== "ed-import" && form.id !== "ed-template") return;
  event.preventDefault();
  const button = $(".btn-p", form);
  if (button.disabled) return;
  button.disabled = true;
  const said = form.id === "ed-import" ? await readImport() : await keepTemplate();
  button.disabled = false;
  if (said.error) $(`#${form.id}-error`, form).textContent = said.error;
  else if (form.isConnected) answer(said); // else the window was closed meanwhile
});

async function readImport() {
  const file = $("#ed-file").files[0];
  const text = $("#ed-text").value;
  if (!file && !text.trim()) return { error: t("import_nothing") };
  if ((file?.size ?? text.length) > data.limits.bytes.max) return { error: t("import_too_big") };
  const form = new FormData();
  if (file) form.append("file", file);
  else form.append("text", text);
  return server.read(form);
}

function keepTemplate() {
  const [name, about] = [$("#ed-template-name").value, $("#ed-template-about").value];
  return server.saveTemplate({ name, about, document: store.document });
}

// Begin.

new Drag(store, tree.root, (id, target, where) => {
  if (target) commands.moveTo(id, target, where);
  tree.focus(target ? id : store.selected);
});
listen({ store, tree, commands, sim, show });
addEventListener("resize", () => tree.drawWires());
tree.draw();
bar.draw();
show("step");
if (isNarrow()) show("tree");
offerBackup();

// Work that was not saved before the browser or the machine went down, copy by copy.
async function offerBackup() {
  for (const { key, kept } of backup.all()) {
    if (differs(kept)) await offer(key, kept);
    else backup.drop(key);
  }
}

async function offer(key, kept) {
  const clock = { dateStyle: "short", timeStyle: "short", timeZone: data.timeZone, hourCycle: "h23" };
  const at = new Date(kept.at).toLocaleString(data.language, clock);
  // Somebody has saved since, and it was not this very work: it must not go over theirs.
  const isOld = kept.revision !== data.revision && !kept.keys?.includes(data.draftKey);
  const choices = [
    isOld ? ["copy", t("restore_copy"), true] : ["restore", t("restore_yes"), true],
    ["drop", t("restore_no")],
  ];
  const help = t(isOld ? "restore_old" : "restore_help");
  const chosen = await ask(t("restore_title", { at }), help, choices, { mustAnswer: true });
  if (chosen === "copy") {
    const said = await server.copy(kept);
    if (!said.url) {
      toast(said.error);
      return;
    }
    backup.drop(key);
    leave(said.url);
  }
  backup.drop(key);
  if (chosen === "restore") commands.replace(kept);
}

function differs(kept) {
  return JSON.stringify([kept.name, kept.document]) !== JSON.stringify([store.name, store.document]);
}
