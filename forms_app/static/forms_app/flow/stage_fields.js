// Which of the form's fields a stage shows: hidden, to read, to write, required; or all as the form has them.
import { data, t, changed, fields, sentences } from "./state.js";
import { checkbox, h, select } from "../shared/dom.js";

const LISTED = {
  hidden: null,
  read: { access: "read", required: false },
  write: { access: "write", required: false },
  required: { access: "write", required: true },
};

const stateOf = (item) => (!item ? "hidden" : item.access === "read" ? "read" : item.required ? "required" : "write");

function choices(field) {
  const all = [["hidden", t("hidden")], ["read", t("read_only")], ["write", t("writable")], ["required", t("required")]];
  return field.writable ? all : all.slice(0, 2);
}

function usual(field) {
  return field.writable ? (field.required ? "required" : "write") : "read";
}

export function fieldsPart(one) {
  const listed = new Map((one.fields ?? []).map((item) => [item.name, item]));
  const put = (wanted) => {
    // In the form's order; fields that the form has no more stay until somebody hides them.
    const gone = [...listed.values()].filter((item) => !fields.has(item.name));
    const kept = data.fields.flatMap((field) => {
      const value = LISTED[wanted.get(field.name) ?? stateOf(listed.get(field.name))];
      return value ? [{ name: field.name, ...value }] : [];
    });
    one.fields = [...kept, ...gone.filter((item) => wanted.get(item.name) !== "hidden")];
    changed();
  };
  const all = checkbox(t("all_fields"), !one.fields, (checked) => {
    if (checked) {
      one.fields = null;
      changed();
    } else put(new Map(data.fields.map((field) => [field.name, usual(field)])));
  });
  const faults = sentences(one.id, "fields").map((text) => h("small", { class: "fd-fault" }, text));
  if (!one.fields) return h("div", { "data-setting": "fields" }, all, faults);
  const groups = grouped(data.fields);
  const gone = [...listed.keys()].filter((name) => !fields.has(name));
  return h(
    "div",
    { "data-setting": "fields" },
    all,
    h(
      "table",
      { class: "fl-fields" },
      [...groups].flatMap(([group, columns]) => [
        h("tr", {}, h("th", { scope: "rowgroup" }, group), h("td", {}, setAll(columns, put))),
        ...columns.map((field) => fieldRow(field, stateOf(listed.get(field.name)), put)),
      ]),
      gone.map((name) => h("tr", { class: "fd-fault" }, h("td", {}, name), h("td", {}, h("button", { type: "button", class: "fd-button", onclick: () => put(new Map([[name, "hidden"]])) }, t("remove"))))),
    ),
    faults,
  );
}

function fieldRow(field, state, put) {
  const choice = select(choices(field), state, (value) => put(new Map([[field.name, value]])), { "aria-label": field.label, "data-field": field.name });
  return h("tr", { class: `fl-is-${state}` }, h("td", { title: field.name }, field.label), h("td", {}, choice));
}

function grouped(columns) {
  const found = new Map();
  for (const field of columns) found.set(field.group, [...(found.get(field.group) ?? []), field]);
  return found;
}

// One choice for all fields of a group.
function setAll(columns, put) {
  const all = [["", t("all_of_group")], ["hidden", t("hidden")], ["read", t("read_only")], ["write", t("writable")]];
  return select(all, "", (value) => value && put(new Map(columns.map((field) => [field.name, value === "write" && !field.writable ? "read" : value]))), { "aria-label": t("all_of_group") });
}
