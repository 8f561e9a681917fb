// Undo and redo. A step is what one edit changed, kept as the design's text; all that is typed into a text box while it
// has the focus is one step. The buttons stand in the bar; Ctrl+Z in a text box takes back the typing first, as everywhere.
import { t } from "./page.js";
import { iconButton } from "./dom.js";

const MOST = 200;

const isText = (element) => element?.matches?.("textarea, input:not([type=checkbox], [type=radio])") && !element.readOnly;

// `text()` gives the design as it stands, `put(text)` makes the page show one; `slot` takes the buttons.
// Answers {note, rebase, rewrite}: `note(structure)` after each edit says whether the design differs from the saved one.
export function history({ slot, text, put }) {
  let past = [];
  let future = [];
  let present = text();
  let saved = present;
  let box = null; // the text box whose typing the last step is
  let entered = null; // [text box, what it held when it got the focus]

  const undo = iconButton("undo", t("undo"), () => step(past, future), { "data-do": "undo" });
  const redo = iconButton("redo", t("redo"), () => step(future, past), { "data-do": "redo" });
  const draw = () => {
    undo.disabled = !past.length;
    redo.disabled = !future.length;
  };

  function step(from, to) {
    if (!from.length) return;
    to.push(present);
    present = from.pop();
    box = null;
    put(present, present !== saved);
    draw();
  }

  function note(structure) {
    const now = text();
    if (now === present) return present !== saved;
    const typed = structure !== true && isText(document.activeElement) ? document.activeElement : null;
    if (!typed || typed !== box) past = [...past, present].slice(-MOST);
    else if (past.at(-1) === now) past.pop(); // typed, and taken back by typing
    box = past.length ? typed : null;
    present = now;
    future = [];
    draw();
    return present !== saved;
  }

  // After a save: what stands now is what is saved. The steps stay.
  function rebase() {
    present = saved = text();
    box = null;
    draw();
  }

  // `change(design)` edits a kept design in place.
  function rewrite(change) {
    const changed = (kept) => {
      const design = JSON.parse(kept);
      change(design);
      return JSON.stringify(design);
    };
    past = past.map(changed);
    future = future.map(changed);
  }

  document.addEventListener("focusin", ({ target }) => (entered = isText(target) ? [target, target.value] : null));
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const back = key === "z" && !event.shiftKey;
    if (!back && !(key === "z" && event.shiftKey) && key !== "y") return;
    const typed = isText(event.target) && !(entered?.[0] === event.target && entered[1] === event.target.value);
    if (typed || !(back ? past : future).length) return;
    event.preventDefault();
    if (back) step(past, future);
    else step(future, past);
  });
  slot.replaceChildren(undo, redo);
  draw();
  return { note, rebase, rewrite };
}
