// The menu of a "+": what to put there, or where to lead.
import { data, t, definition } from "./state.js";
import { endsHere, mayConnect } from "./edits.js";
import { h, icon } from "../shared/dom.js";
import { ICONS } from "./shapes.js";

export const TYPES = ["human_input", "condition", "parallel", "collection", "set_field", "call_flow", "end"];
let open = null;
let back = null; // what opened it

export function closeMenu() {
  open?.remove();
  open = null;
}

// `where`: {line} or {component}. `insert(type)` and `lead(target)` are called with the choice.
export function openMenu(anchor, where, { insert, lead }) {
  closeMenu();
  const source = where.component;
  const offered = TYPES.filter((type) => type !== "end" || endsHere(definition(), where));
  const targets = source ? definition().components.filter((one) => mayConnect(definition(), source, one.id)) : [];
  const act = (action) => () => {
    closeMenu();
    action();
  };
  const item = (one, attributes, action, label) =>
    h("button", { type: "button", role: "menuitem", class: `fl-item fl-${one}`, onclick: act(action), ...attributes }, icon(ICONS[one]), label);
  const group = (title, items) => (items.length ? h("div", { role: "group", "aria-label": title }, h("small", { "aria-hidden": "true" }, title), items) : null);
  open = h(
    "div",
    { class: "fl-menu", role: "menu", "aria-label": t("insert_component") },
    group(t("insert_component"), offered.map((type) => item(type, { "data-add": type }, () => insert(type), data.words.types[type]))),
    group(t("lead_to"), targets.map((one) => item(one.type, { "data-lead": one.id }, () => lead(one.id), one.name || one.id))),
  );
  document.getElementById("designer").append(open);
  place(anchor.getBoundingClientRect());
  open.querySelector("button")?.focus();
  open.addEventListener("keydown", keys);
  back = anchor;
}

function place(box) {
  const { offsetWidth: width, offsetHeight: height } = open;
  const left = Math.min(box.left, window.innerWidth - width - 8);
  const below = box.bottom + 6 + height <= window.innerHeight;
  const top = below ? box.bottom + 6 : Math.max(8, window.innerHeight - height - 8);
  Object.assign(open.style, { left: `${Math.max(8, left)}px`, top: `${top}px` });
}

function keys(event) {
  const items = [...open.querySelectorAll("button")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    closeMenu();
    back?.focus();
  } else if (step) items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  else return;
  event.preventDefault();
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.contains(event.target)) closeMenu();
});
