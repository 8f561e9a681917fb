// Assignments: a field or variable, and the formula or value it is set to.
import { data, t, changed, offered } from "./state.js";
import { checkbox, h, icon, iconButton, input, row, select } from "../shared/dom.js";
import { formulaBox } from "../shared/formula_box.js";

// `list` is edited in place. `fields` and `variables` may be set, `readable` and `check` are for the formulas.
export function assignmentList(list, { fields, variables, readable, check }) {
  const targets = [...fields.map(({ name, label }) => [name, label]), ...variables.map((name) => [`$${name}`, `$${name}`])];
  const add = () => {
    const taken = new Set(list.map(({ target }) => target));
    const [target = ""] = targets.find(([name]) => !taken.has(name)) ?? [];
    list.push({ target, formula: "" });
    changed();
  };
  return h(
    "div",
    { class: "fl-assignments" },
    list.map((item, place) => assignmentBox(list, item, place, { fields, targets, readable, check })),
    h("button", { type: "button", class: "fd-button", "data-do": "add-assignment", onclick: add }, icon("add"), t("add_assignment")),
  );
}

function assignmentBox(list, item, place, { fields, targets, readable, check }) {
  const known = targets.some(([name]) => name === item.target) ? targets : [[item.target, item.target], ...targets];
  const target = select(known, item.target, (name) => {
    item.target = name;
    if ("value" in item) item.value = null;
    changed();
  }, { "aria-label": t("target"), "data-setting": "assigned" });
  const literal = "value" in item;
  const mode = select([["formula", t("by_formula")], ["value", t("by_value")]], literal ? "value" : "formula", (chosen) => {
    delete item[literal ? "value" : "formula"];
    if (chosen === "value") item.value = null;
    else item.formula = "";
    changed();
  }, { "aria-label": t("by_formula"), "data-setting": "mode" });
  const keep = (key) => (value) => {
    item[key] = value;
    changed(false);
  };
  return h(
    "div",
    { class: "fl-box" },
    h("header", {}, target, iconButton("delete", t("remove"), () => {
      list.splice(place, 1);
      changed();
    })),
    mode,
    literal
      ? row(t("value"), valueControl(fields.find(({ name }) => name === item.target), item.value, keep("value")), { hint: t("empty_clears") })
      : formulaBox({ label: t("formula"), name: "formula", text: item.formula ?? "", readable, keep: keep("formula"), check, rows: 2, folded: true }),
  );
}

// The value as a client would send it.
function valueControl(field, value, keep) {
  const options = offered(field, value);
  if (options.length && field.list) {
    let chosen = Array.isArray(value) ? value : [];
    return h("div", { class: "fd-checks" }, options.map((option) =>
      checkbox(option.label, chosen.includes(option.value), (checked) => {
        chosen = chosen.filter((one) => one !== option.value);
        if (checked) chosen = [...chosen, option.value];
        keep(chosen.length ? chosen : null);
      })));
  }
  if (options.length) {
    return select([["", t("none")], ...options.map((option) => [option.value, option.label])], value, (text) => keep(text || null), { "data-setting": "value" });
  }
  if (field?.kind === "boolean") {
    return select([["", t("none")], ["true", t("yes")], ["false", t("no")]], value, (text) => keep(text === "" ? null : text === "true"), { "data-setting": "value" });
  }
  const text = value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  return input(text, (typed) => keep(parsed(field, typed)), { "data-setting": "value" });
}

// Text as it is typed; for other kinds numbers and lists where it is some.
function parsed(field, typed) {
  if (!typed.trim()) return null;
  if (field && ["text", "date", "datetime"].includes(field.kind)) return typed;
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}
