// The settings of what is selected, on the right.
import { data, state, types, t, changed, defaults, groupOf, newName, placeField, renameField } from "./state.js";
import { checkbox, h, icon, input, row, select } from "../shared/dom.js";
import { sentences } from "./faults.js";
import { optionsEditor } from "./options.js";
import { settingControl } from "./settings.js";

export const STATUSES = () => [["enable", t("enable")], ["disable", t("disabled")]];

export function drawPanel(slot) {
  const { selected, design } = state;
  if (!selected) slot.replaceChildren(h("p", { class: "fd-empty" }, t("nothing_selected")));
  else if (design.groups.includes(selected)) slot.replaceChildren(...groupPanel(selected));
  else slot.replaceChildren(...fieldPanel(selected));
}

// Something new: its label is what comes first.
export function focusLabel() {
  const label = document.querySelector(".fd-panel [data-setting=label]");
  label?.focus();
  label?.select();
}

function groupPanel(group) {
  return [
    h("h3", {}, icon("view_agenda"), t("group")),
    row(t("group_title"), input(group.label, set(group, "label"), { maxlength: 100, "data-setting": "label" }), { required: true, faults: sentences(group, "label") }),
    row(t("status"), select(STATUSES(), group.status, set(group, "status")), { faults: sentences(group, "status") }),
  ];
}

function set(thing, key) {
  return (value) => {
    thing[key] = value;
    changed("canvas");
  };
}

function fieldPanel(field) {
  const type = types[field.field_type];
  const groups = state.design.groups;
  const own = type.settings.map((setting) => settingControl(field, setting));
  return [
    h("h3", {}, icon(type.icon), type.label),
    (field.faults ?? []).filter((fault) => !fault.rest || fault.rest === "id").map((fault) => h("p", { class: "fd-fault" }, fault.message)),
    row(t("label"), input(field.label, set(field, "label"), { maxlength: 100, "data-setting": "label" }), { required: true, faults: sentences(field, "label") }),
    type.has_options ? optionsEditor(field) : null,
    h("h4", {}, t("own_settings")),
    own,
    h("h4", {}, t("field")),
    row(t("type"), select(typeChoices(), field.field_type, (value) => changeType(field, value)), {
      hint: field.id ? t("type_hint") : "",
      faults: sentences(field, "field_type"),
    }),
    row(t("status"), select(STATUSES(), field.status, set(field, "status")), { faults: sentences(field, "status") }),
    type.indexed
      ? h("div", { class: "fd-row", "data-setting": "indexed" }, checkbox(t("indexed"), field.indexed !== false, set(field, "indexed")), h("small", {}, t("indexed_hint")))
      : null,
    groups.length > 1
      ? row(t("move_to"), select(groups.map((group, place) => [place, group.label]), groups.indexOf(groupOf(field)), (place) => {
          placeField(field, groups[place], groups[place].fields.length);
        }))
      : null,
    row(t("name"), input(field.name, (value) => renameField(field, value.trim()), { readOnly: Boolean(field.id), maxlength: 64, class: "fd-mono", "data-setting": "name" }), {
      hint: field.id ? t("name_fixed") : t("name_hint"),
      faults: sentences(field, "name"),
    }),
    field.number
      ? row(t("number"), input(`FORMITM_${field.number}`, () => {}, { readOnly: true, class: "fd-mono", "data-setting": "number" }), { hint: t("number_hint") })
      : null,
  ].flat().filter(Boolean);
}

function typeChoices() {
  return data.types.map((type) => [type.name, `${type.group} · ${type.label}`]);
}

// Settings that the new type knows as well are kept.
function changeType(field, name) {
  const type = types[name];
  const known = new Set(type.settings.filter((setting) => setting.name !== "default").map((setting) => setting.name));
  const kept = Object.entries(field.setting).filter(([key]) => known.has(key));
  const generated = !field.id && field.name.startsWith(`${types[field.field_type].prefix}_`);
  field.setting = { ...defaults(type), ...Object.fromEntries(kept) };
  field.field_type = name;
  if (!type.has_options) field.options = [];
  if (!type.cascades) field.options.forEach((option) => (option.parent = null));
  if (generated) renameField(field, newName(type));
  changed();
}
