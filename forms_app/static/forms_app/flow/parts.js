// The own parts of a start, a human input and a component that sets fields.
import { data, t, changed, definition, readable, sentences, variables } from "./state.js";
import { renameVariable } from "./edits.js";
import { checkbox, h, icon, iconButton, input, row, select } from "../shared/dom.js";
import { formulaBox } from "../shared/formula_box.js";
import { assignmentList } from "./assignments.js";
import { fieldsPart } from "./stage_fields.js";
import { picker } from "./people.js";
import { ruleEditor } from "./rule.js";
import { checkFormula } from "./server.js";

export function ownTargets() {
  const columns = data.fields.filter((field) => field.writable);
  return { fields: columns, variables: variables().map(({ name }) => name) };
}

function faultLines(one, part) {
  return sentences(one.id, part).map((text) => h("small", { class: "fd-fault" }, text));
}

const opened = new Map(); // component and part → what somebody made of it

// A part that can be folded: at first open where there is something in it.
function whole(one, key, filled, ...children) {
  const place = `${one.id} ${key}`;
  const open = opened.get(place) ?? filled;
  const part = h("details", { class: "fl-part", open, "data-part": key, ontoggle: () => opened.set(place, part.open) }, h("summary", {}, t(key)), ...children);
  return part;
}

export function start(one) {
  one.variables ??= [];
  return [
    whole(one, "form_view", Boolean(one.fields) || sentences(one.id, "fields").length > 0, fieldsPart(one)),
    whole(one, "variables", one.variables.length > 0, variablesPart(one)),
    whole(one, "validation", Boolean(one.validation), validationPart(one)),
  ];
}

export function humanInput(one) {
  return [
    whole(one, "assignees", true, assigneesPart(one)),
    whole(one, "form_view", Boolean(one.fields) || sentences(one.id, "fields").length > 0, fieldsPart(one)),
    whole(one, "validation", Boolean(one.validation), validationPart(one)),
    whole(one, "quick_actions", (one.actions ?? []).length > 0, actionsPart(one)),
  ];
}

export function setField(one) {
  one.values ??= [];
  return [h("h4", {}, t("values")), assignmentList(one.values, { ...ownTargets(), readable, check: checkFormula() }), faultLines(one, "values")];
}

function validationPart(one) {
  const rule = one.validation;
  const on = checkbox(t("validation_on"), Boolean(rule), (checked) => {
    one.validation = checked ? { formula: "", message: "" } : null;
    changed();
  });
  if (!rule) return h("div", { "data-setting": "validation" }, on, h("p", { class: "fd-hint" }, t("validation_hint")));
  const keep = (key) => (value, structure = false) => {
    rule[key] = value;
    changed(structure);
  };
  return h(
    "div",
    { "data-setting": "validation" },
    on,
    ruleEditor({ label: t("validation_formula"), name: "validation_formula", key: rule, text: rule.formula, keep: keep("formula"), rows: 3 }),
    row(t("validation_message"), input(rule.message, keep("message"), { maxlength: 1000, "data-setting": "validation_message" }), { required: true, faults: sentences(one.id, "validation") }),
  );
}

function variablesPart(one) {
  const add = () => {
    const names = new Set(one.variables.map(({ name }) => name));
    let number = 1;
    while (names.has(`v${number}`)) number += 1;
    one.variables.push({ name: `v${number}`, kind: "text", required: false, formula: "" });
    changed();
  };
  return h(
    "div",
    {},
    h("p", { class: "fd-hint" }, t("variables_hint")),
    one.variables.map((variable, place) => variableBox(one, variable, place)),
    faultLines(one, "variables"),
    h("button", { type: "button", class: "fd-button", "data-do": "add-variable", onclick: add }, icon("add"), t("add_variable")),
  );
}

function variableBox(one, variable, place) {
  const name = input(variable.name, () => {}, {
    maxlength: 64,
    class: "fd-mono",
    "data-setting": "variable",
    onchange: (event) => {
      renameVariable(definition(), variable.name, event.target.value.trim());
      one.variables[place].name = event.target.value.trim();
      changed();
    },
  });
  const kinds = select(data.kinds, variable.kind, (kind) => {
    one.variables[place].kind = kind;
    changed(false);
  });
  return h(
    "div",
    { class: "fl-box" },
    h("div", { class: "fd-two" }, row(t("variable_name"), name, { required: true }), row(t("variable_kind"), kinds)),
    checkbox(t("variable_required"), variable.required, (checked) => {
      one.variables[place].required = checked;
      changed(false);
    }),
    formulaBox({ label: t("variable_formula"), name: "variable_formula", required: false, text: variable.formula ?? "", readable, check: checkFormula(), rows: 2, folded: true, keep: (formula) => {
      one.variables[place].formula = formula;
      changed(false);
    } }),
    iconButton("delete", t("remove"), () => {
      one.variables.splice(place, 1);
      changed();
    }),
  );
}

function assigneesPart(one) {
  const who = (one.assignees ??= {});
  for (const key of ["members", "departments", "fields"]) who[key] ??= [];
  const columns = data.fields.filter((field) => field.people);
  const nobody = !who.members.length && !who.departments.length && !who.fields.length && !who.creator;
  const note = h("p", { class: nobody ? "fl-everyone" : "fd-hint" }, t(nobody ? "everyone" : "any_of_these"));
  const keep = () => changed();
  return h(
    "div",
    { "data-setting": "assignees" },
    note,
    row2(t("members"), picker("member", who.members, keep)),
    row2(t("departments"), picker("department", who.departments, keep)),
    columns.length
      ? row2(
          t("people_fields"),
          h("div", { class: "fd-checks" }, columns.map((column) =>
            checkbox(column.label, who.fields.includes(column.name), (checked) => {
              who.fields = who.fields.filter((name) => name !== column.name);
              if (checked) who.fields.push(column.name);
              changed();
            }))),
        )
      : null,
    checkbox(t("creator"), who.creator, (checked) => {
      who.creator = checked;
      changed();
    }),
    faultLines(one, "assignees"),
  );
}

// As `row`, for more than one control: no label element, which would pass clicks on.
function row2(label, control) {
  return h("div", { class: "fd-row", role: "group", "aria-label": label }, h("span", { class: "fd-label" }, label), control);
}

function actionsPart(one) {
  one.actions ??= [];
  return h(
    "div",
    {},
    h("p", { class: "fd-hint" }, t("quick_hint")),
    one.actions.map((action, place) =>
      h(
        "div",
        { class: "fl-box" },
        h("header", {}, h("code", {}, `action${place + 1}`), iconButton("delete", t("remove"), () => {
          one.actions.splice(place, 1);
          changed();
        })),
        row(t("action_name"), input(action.name, (value) => {
          action.name = value;
          changed(false);
        }, { maxlength: 100, "data-setting": "action" }), { required: true }),
        assignmentList((action.values ??= []), { ...ownTargets(), readable, check: checkFormula() }),
      ),
    ),
    faultLines(one, "actions"),
    one.actions.length < 2
      ? h("button", { type: "button", class: "fd-button", "data-do": "add-action", onclick: () => {
          one.actions.push({ name: "", values: [] });
          changed();
        } }, icon("add"), t("add_action"))
      : null,
  );
}
