// The keyboard. In the tree: arrows, Enter, N, M, Delete, Space and so on; everywhere: undo, T.
// Letters are read by their place, so they work in a Russian layout. Single letters outside the
// tree can be turned off in the profile.

import { find, menuOf } from "./model.js";
import { $, $$, isTyping } from "./dom.js";
import { closeMenu, isMenuOpen } from "./menus.js";

export function listen({ store, tree, commands, sim, show }) {
  document.addEventListener("keydown", (event) => {
    if (isMenuOpen() || $("dialog[open]")) return;
    if (hotkey(event)) event.preventDefault();
  });

  function hotkey(event) {
    const { code, key, target } = event;
    const isModified = event.ctrlKey || event.metaKey;
    if (isModified && code === "KeyZ") {
      if (event.shiftKey) commands.redo();
      else commands.undo();
      return true;
    }
    if (isModified && code === "KeyY") return did(() => commands.redo());
    if (isModified && code === "KeyS") {
      commands.saveNow();
      return true;
    }
    if (key === "Escape") return back(target);
    if (isTyping(target)) return false;
    if (target.matches?.("[role=tab]")) return tabs(event);
    const id = target.closest?.(".ed-box")?.dataset.id;
    if (id && target.matches("[data-pick]")) return inTree(event, id, isModified);
    const isOff = document.body.hasAttribute("data-no-shortcuts");
    if (isModified || event.altKey || isOff) return false;
    if (sim.isLive && show.tab === "call" && /^[0-9]$/.test(key)) {
      sim.say("key", key);
      return true;
    }
    if (code === "KeyT") commands.call();
    return code === "KeyT";
  }

  function inTree(event, id, isModified) {
    const { code, key } = event;
    if (event.altKey) {
      if (key === "ArrowUp") commands.up(id);
      if (key === "ArrowDown") commands.down(id);
      tree.focus(id);
      return /Arrow/.test(key);
    }
    if (isModified && code === "KeyD") return did(() => commands.copy(id));
    if (isModified) return false;
    const go = step(key, id);
    if (go) return did(() => choose(go));
    const actions = {
      Enter: () => commands.edit(id),
      Delete: () => commands.remove(id),
      Space: () => commands.fold(id),
      KeyN: () => commands.add(id),
      KeyM: () => commands.move(id),
      KeyT: () => commands.call(),
    };
    const action = actions[code] ?? actions[key];
    return action ? did(action) : /^Arrow|^Home$|^End$/.test(key);
  }

  // Where an arrow leads: to the first answer, the menu above, a neighbour.
  function step(key, id) {
    const { step: here, parent, place } = find(store.document, id);
    const menu = (parent ?? store.document).steps;
    const isRoot = here === store.document;
    if (key === "ArrowRight") return !store.folded.has(id) && here.steps[0]?.id;
    if (key === "ArrowLeft") return !isRoot && menuOf(store.document, id);
    if (isRoot) return null;
    if (key === "ArrowDown") return menu[place + 1]?.id;
    if (key === "ArrowUp") return menu[place - 1]?.id;
    if (key === "Home") return menu[0].id;
    return key === "End" && menu.at(-1).id;
  }

  function choose(id) {
    store.select(id);
    tree.focus(id);
  }

  function back(target) {
    closeMenu();
    if (!target.closest?.(".ed-panel")) return false;
    target.blur(); // what is typed but not yet taken is taken now, before cards are drawn again
    show("tree");
    tree.focus(store.selected);
    return true;
  }

  function tabs(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return false;
    const all = $$("[role=tab]");
    const next = all.at((all.indexOf(event.target) + by) % all.length);
    show(next.dataset.tab);
    next.focus();
    return true;
  }
}

function did(action) {
  action();
  return true;
}
