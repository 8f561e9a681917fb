// The field types on the left: a click adds to the group of what is selected, a drag wherever it is dropped.
import { data, state, addField, groupOf } from "./state.js";
import { h, icon } from "../shared/dom.js";
import { drag } from "./dragging.js";
import { focusLabel } from "./panel.js";

export function drawPalette(slot) {
  const groups = new Map();
  for (const type of data.types) groups.set(type.group, [...(groups.get(type.group) ?? []), type]);
  slot.replaceChildren(
    ...[...groups].map(([label, types]) =>
      h("section", {}, h("h3", {}, label), h("div", { class: "fd-types" }, types.map((type) => typeButton(type)))),
    ),
  );
}

function typeButton(type) {
  const button = h(
    "button",
    { type: "button", class: "fd-type", "data-type": type.name, draggable: true, onclick: () => add(type) },
    icon(type.icon),
    h("span", {}, type.label),
  );
  drag(button, { type: type.name });
  return button;
}

function add(type) {
  const { selected, design } = state;
  const group = design.groups.includes(selected) ? selected : groupOf(selected) ?? design.groups.at(-1);
  const place = group.fields.includes(selected) ? group.fields.indexOf(selected) + 1 : group.fields.length;
  addField(type.name, group, place);
  focusLabel();
}
