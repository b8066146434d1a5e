// Moving a step by mouse, pen or finger. A finger drags the key at once and a card after a long
// press, so that the tree can still be scrolled. Every drag has a key and a dialog beside it.

import { ROOT, find, isWithin } from "./model.js";
import { $, $$ } from "./dom.js";

const FAR_ENOUGH = 6; // pixels before a press becomes a drag
const LONG_PRESS_MS = 350;
const EDGE = 48; // pixels from the canvas's edge where it scrolls by itself

export class Drag {
  #store;
  #move;
  #press = null; // {id, x, y, isTouch}
  #ghost = null;
  #target = null; // {id, where}
  #timer;
  #point = null; // where the pointer is: a card held at the edge scrolls on

  /** `move(id, target, where)`: where is before, after or inside; no target: it was called off. */
  constructor(store, tree, move) {
    this.#store = store;
    this.#move = move;
    tree.addEventListener("pointerdown", (event) => this.#down(event));
    addEventListener("pointermove", (event) => this.#moved(event));
    addEventListener("pointerup", () => this.#up());
    addEventListener("pointercancel", () => this.#end());
    addEventListener("keydown", (event) => event.key === "Escape" && this.#end());
    // While something is dragged a finger must not scroll.
    tree.addEventListener("touchmove", (event) => this.#ghost && event.preventDefault(), { passive: false });
    tree.addEventListener("contextmenu", (event) => this.#press?.isTouch && event.preventDefault());
    tree.addEventListener("click", (event) => this.#swallow(event), true);
  }

  #down(event) {
    const box = event.target.closest(".ed-box");
    const isControl = event.target.closest("[data-actions], [data-add], [data-unfold]");
    if (!box || box.dataset.id === ROOT || isControl || event.button !== 0) return;
    const isTouch = event.pointerType === "touch";
    this.#press = { id: box.dataset.id, x: event.clientX, y: event.clientY, isTouch, wasDragged: false };
    const isGrip = event.target.closest("[data-grip]");
    if (isTouch && !isGrip) this.#timer = setTimeout(() => this.#begin(), LONG_PRESS_MS);
    else this.#press.isReady = true;
  }

  #moved(event) {
    if (!this.#press) return;
    const { x, y, isReady } = this.#press;
    const isFar = Math.hypot(event.clientX - x, event.clientY - y) > FAR_ENOUGH;
    if (!this.#ghost && isFar && isReady) this.#begin();
    else if (!this.#ghost && isFar) this.#end(); // the finger scrolls
    if (!this.#ghost) return;
    this.#point = { clientX: event.clientX, clientY: event.clientY };
    this.#place();
    this.#aim(this.#point);
  }

  // Under a mouse the card hangs below the pointer; a finger would cover it.
  #place() {
    const { clientX, clientY } = this.#point;
    const [dx, dy] = this.#press.isTouch ? [-120, -70] : [10, 6];
    this.#ghost.style.translate = `${clientX + dx}px ${clientY + dy}px`;
  }

  #roll() {
    if (!this.#ghost) return;
    this.#scroll(this.#point);
    this.#aim(this.#point);
    requestAnimationFrame(() => this.#roll());
  }

  #begin() {
    clearTimeout(this.#timer);
    if (!this.#press) return;
    const box = $(`.ed-box[data-id="${this.#press.id}"]`);
    this.#ghost = box.cloneNode(true);
    this.#ghost.className = "ed-box ed-ghost";
    this.#ghost.inert = true;
    this.#point = { clientX: this.#press.x, clientY: this.#press.y };
    this.#place();
    document.body.append(this.#ghost);
    document.body.classList.add("is-dragging");
    box.classList.add("is-dragged");
    this.#press.wasDragged = true;
    if (this.#press.isTouch) navigator.vibrate?.(20);
    requestAnimationFrame(() => this.#roll());
  }

  #aim({ clientX, clientY }) {
    this.#clear();
    const under = document.elementFromPoint(clientX, clientY);
    const box = under?.closest("#tree .ed-box");
    this.#target = null;
    if (!box) this.#aimAtMenu(under?.closest(".ed-last [data-add]"));
    if (!box) return;
    const { id } = box.dataset;
    if (isWithin(this.#store.document, id, this.#press.id)) return;
    const rect = box.getBoundingClientRect();
    const part = (clientY - rect.top) / rect.height;
    const where = id === ROOT ? "inside" : part < 0.28 ? "before" : part > 0.72 ? "after" : "inside";
    this.#target = { id, where };
    box.classList.add(`is-${where}`);
  }

  // «+ Answer»: the end of its menu.
  #aimAtMenu(button) {
    if (!button || isWithin(this.#store.document, button.dataset.add, this.#press.id)) return;
    this.#target = { id: button.dataset.add, where: "inside" };
    button.classList.add("is-inside");
  }

  #scroll({ clientX, clientY }) {
    const canvas = $("#canvas");
    const rect = canvas.getBoundingClientRect();
    const speed = (near, far) => (near < EDGE ? -8 : far < EDGE ? 8 : 0);
    canvas.scrollBy(
      speed(clientX - rect.left, rect.right - clientX),
      speed(clientY - rect.top, rect.bottom - clientY),
    );
  }

  #up() {
    const target = this.#ghost && this.#target;
    const id = this.#press?.id;
    const wasDragged = Boolean(this.#ghost);
    this.#end();
    if (target && find(this.#store.document, id)) this.#move(id, target.id, target.where);
    else if (wasDragged) this.#move(id, null);
  }

  #end() {
    clearTimeout(this.#timer);
    this.#clear();
    this.#ghost?.remove();
    this.#ghost = null;
    this.#target = null;
    document.body.classList.remove("is-dragging");
    for (const box of $$(".is-dragged")) box.classList.remove("is-dragged");
    if (this.#press?.wasDragged) {
      this.swallows = true;
      setTimeout(() => (this.swallows = false), 0); // the click that ends a drag is none
    }
    this.#press = null;
  }

  #swallow(event) {
    if (!this.swallows) return;
    event.stopPropagation();
    event.preventDefault();
  }

  #clear() {
    for (const box of $$(".is-before, .is-after, .is-inside")) {
      box.classList.remove("is-before", "is-after", "is-inside");
    }
  }
}
