// Groups and their fields, in the middle.
import { state, types, t, addField, changed, copyField, placeField, redraw, removeField, stepField, stepItem } from "./state.js";
import { h, icon, iconButton } from "../shared/dom.js";
import { drag, dropInto } from "./dragging.js";
import { focusLabel } from "./panel.js";

export function drawCanvas(slot) {
  const groups = h("div", { class: "fd-groups" }, state.design.groups.map((group) => groupBox(group)));
  dropInto(groups, (what) => what.group, ({ group }, place) => {
    const all = state.design.groups;
    const before = all.indexOf(group);
    all.splice(before, 1);
    all.splice(before < place ? place - 1 : place, 0, group);
    changed();
  });
  slot.replaceChildren(
    groups,
    h("button", { type: "button", class: "fd-button fd-add", "data-do": "add-group", onclick: addGroup }, icon("add"), t("add_group")),
  );
}

function addGroup() {
  const group = { label: t("new_group"), status: "enable", fields: [] };
  state.design.groups.push(group);
  state.selected = group;
  changed();
  focusLabel();
}

function choose(thing) {
  state.selected = thing;
  redraw();
}

function groupBox(group) {
  const list = h("div", { class: "fd-fields" }, group.fields.map((field) => fieldCard(field)));
  if (!group.fields.length) list.append(h("p", { class: "fd-empty" }, t("empty_group")));
  dropInto(list, (what) => what.type || what.field, (what, place) => {
    if (what.type) {
      addField(what.type, group, place);
      focusLabel();
    } else placeField(what.field, group, place);
  });
  const title = h(
    "header",
    { draggable: true, title: t("drag") },
    icon("drag_indicator"),
    h("button", { type: "button", class: "fd-choose", onclick: () => choose(group) }, group.label || "—"),
    group.status === "disable" ? badge(t("disabled")) : null,
    iconButton("arrow_upward", named("up", group), () => stepItem(state.design.groups, group, -1)),
    iconButton("arrow_downward", named("down", group), () => stepItem(state.design.groups, group, 1)),
    iconButton("delete", named("remove", group), () => removeGroup(group)),
  );
  drag(title, { group });
  const classes = ["fd-group", state.selected === group && "fd-selected", group.faults && "fd-wrong", group.status === "disable" && "fd-off"];
  return h("section", { class: classes.filter(Boolean).join(" "), "data-item": "group" }, title, list);
}

function removeGroup(group) {
  const { groups } = state.design;
  if (groups.length === 1) {
    window.alert(t("last_group"));
    return;
  }
  if (group.fields.length && !window.confirm(t("confirm_remove_group", { label: group.label, count: group.fields.length }))) return;
  group.fields.forEach((field) => {
    if (state.design.primary_field === field.name) state.design.primary_field = null;
  });
  groups.splice(groups.indexOf(group), 1);
  if (state.selected === group || group.fields.includes(state.selected)) state.selected = null;
  changed();
}

// Buttons of many things are told apart by the thing's label, and the focus follows the thing.
const named = (word, { label }) => `${t(word)}: ${label}`;

function badge(text) {
  return h("span", { class: "fd-badge" }, text);
}

function fieldCard(field) {
  const type = types[field.field_type];
  const card = h(
    "article",
    { "data-item": "field", "data-name": field.name, draggable: true, onclick: () => choose(field) },
    h("span", { class: "fd-grip", title: t("drag") }, icon("drag_indicator")),
    h("span", { class: "fd-kind" }, icon(type?.icon ?? "help")),
    h(
      "button",
      { type: "button", class: "fd-choose" },
      h("strong", {}, field.label || "—", field.setting.required ? h("em", {}, " *") : null),
      h(
        "span",
        { class: "fd-badges" },
        h("small", {}, type?.label ?? field.field_type),
        state.design.primary_field === field.name ? badge(t("primary")) : null,
        field.setting.unique ? badge(t("unique")) : null,
        field.status === "disable" ? badge(t("disabled")) : null,
      ),
      field.setting.unique && state.shared[field.name] ? h("small", { class: "fd-shared" }, state.shared[field.name]) : null,
    ),
    h(
      "span",
      { class: "fd-tools" },
      tool("arrow_upward", named("up", field), () => stepField(field, -1)),
      tool("arrow_downward", named("down", field), () => stepField(field, 1)),
      tool("content_copy", named("copy", field), () => {
        copyField(field);
        focusLabel();
      }),
      tool("delete", named("remove", field), () => {
        if (!field.id || window.confirm(t("confirm_remove_field", { label: field.label }))) removeField(field);
      }),
    ),
  );
  const classes = ["fd-field", state.selected === field && "fd-selected", field.faults && "fd-wrong", field.status === "disable" && "fd-off"];
  card.className = classes.filter(Boolean).join(" ");
  drag(card, { field });
  return card;
}

function tool(name, title, action) {
  return iconButton(name, title, (event) => {
    event.stopPropagation();
    action();
  });
}
