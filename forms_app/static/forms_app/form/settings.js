// One control for each kind of setting; the kinds are told by the server (forms_app/admin/palette.py).
import { data, t, changed } from "./state.js";
import { checkbox, h, input, row, select } from "../shared/dom.js";
import { sentences } from "./faults.js";
import { formulaEditor } from "./formula.js";

const CONTROLS = {
  bool: (value, keep, setting) => checkbox(setting.label, value, (checked) => keep(checked)),
  maybe: (value, keep) =>
    select([["", t("none")], ["true", t("yes")], ["false", t("no")]], value ?? "", (text) => keep(text === "" ? "" : text === "true")),
  int: (value, keep, setting) =>
    input(value, keep, { inputmode: "numeric", type: "number", step: 1, min: setting.min_value, max: setting.max_value }),
  number: (value, keep) => input(value, keep, { inputmode: "decimal" }),
  text: (value, keep, setting) => input(value, keep, { maxlength: setting.max_length }),
  choice: (value, keep, setting) => {
    const blank = setting.blank && !setting.choices.some(([key]) => key === "") ? [["", t("none")]] : [];
    return select([...blank, ...setting.choices.map(([key, label]) => [key, label || t("none")])], value, keep);
  },
  list: (value, keep) =>
    h("textarea", {
      rows: 3,
      value: (value ?? []).join("\n"),
      oninput: (event) => keep(event.target.value.split("\n").map((line) => line.trim()).filter(Boolean)),
    }),
  form: (value, keep) => select([["", t("choose_form")], ...data.forms.map((form) => [form.id, form.label])], value, (id) => keep(id && Number(id))),
  option: (value, keep, setting, field) =>
    select([["", t("none")], ...field.options.filter((o) => o.status !== "disable").map((o) => [o.value, o.label])], value, keep),
  options: (value, keep, setting, field) =>
    h(
      "div",
      { class: "fd-checks" },
      field.options
        .filter((option) => option.status !== "disable")
        .map((option) =>
          checkbox(option.label, (value ?? []).includes(option.value), (checked) => {
            const others = (field.setting[setting.name] ?? []).filter((token) => token !== option.value);
            keep(checked ? [...others, option.value] : others);
          }),
        ),
    ),
};

export function settingControl(field, setting) {
  const faults = sentences(field, setting.name);
  const keep = (value) => {
    const empty = value === "" || value === null || value === undefined || (Array.isArray(value) && !value.length);
    // An empty text is a choice of its own where leaving it out would mean another default.
    if (empty && !setting.default) delete field.setting[setting.name];
    else field.setting[setting.name] = value;
    changed("canvas");
  };
  const value = field.setting[setting.name];
  if (setting.kind === "formula") return formulaEditor(field, setting, keep);
  const control = CONTROLS[setting.kind](value, keep, setting, field);
  control.dataset.setting = setting.name;
  if (setting.kind === "bool") {
    return h("div", { class: faults.length ? "fd-row fd-wrong" : "fd-row" }, control, faults.map((fault) => h("small", { class: "fd-fault" }, fault)));
  }
  const hint = setting.help || (setting.kind === "list" ? t("list_hint") : "");
  return row(setting.label, control, { hint, faults, required: setting.required });
}
