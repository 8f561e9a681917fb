// A rule that must be true: clicked together from fields, operators and values, or written as a formula.
import { data, t, changed, fields, offered, readable, variables } from "./state.js";
import { checkbox, h, icon, iconButton, input, select } from "../shared/dom.js";
import { formulaBox } from "../shared/formula_box.js";
import { picker } from "./people.js";
import { operatorsOf, read, wantsSeveral, wantsValue, write } from "./rule_formula.js";
import { checkFormula } from "./server.js";

const written = new WeakSet(); // rules that somebody wants to write although they could be clicked together

// What clauses may ask: the form's fields, the flow's variables, who opened the ticket.
function columns() {
  const own = [...fields.values()].filter((field) => field.readable).map((field) => ({ ...field, people: field.picks }));
  const given = variables().map(({ name, kind }) => ({ name: `$${name}`, label: `$${name}`, kind }));
  const creator = { name: "$creator", label: t("creator"), kind: "number", people: "member" };
  return new Map([...own, ...given, creator].map((column) => [column.name, column]));
}

// `key`: the object that the rule stands in; `keep(text, structure)` takes the formula.
export function ruleEditor({ label, name, key, text, keep, rows = 2 }) {
  const known = columns();
  const found = read(text, known);
  if (!found || written.has(key)) {
    const clicked = found && modeButton("to_clauses", "touch_app", () => written.delete(key));
    return h("div", {}, formulaBox({ label, name, text, readable, keep, check: checkFormula("boolean"), rows, folded: true }), clicked);
  }
  const put = (structure = true) => keep(write(found, known), structure);
  const { clauses } = found;
  return h(
    "div",
    { class: "fd-row", role: "group", "aria-label": label, "data-rule": name },
    h("span", { class: "fd-label" }, label, h("em", {}, " *")),
    clauses.length > 1 ? select([["all", t("all_clauses")], ["any", t("any_clause")]], found.any ? "any" : "all", (chosen) => {
      found.any = chosen === "any";
      put();
    }, { "aria-label": t("all_clauses"), "data-setting": "joined" }) : null,
    clauses.map((clause, place) => clauseRow(clause, known, put, () => {
      clauses.splice(place, 1);
      put();
    })),
    clauses.length ? null : clauseRow({ path: "", op: "", value: "" }, known, (structure, first) => {
      clauses.push(first);
      put(structure);
    }),
    h(
      "div",
      { class: "fd-inline" },
      clauses.length ? h("button", { type: "button", class: "fd-button", "data-do": "add-clause", onclick: () => {
        clauses.push(begun([...known.values()][0]));
        put();
      } }, icon("add"), t("add_clause")) : null,
      modeButton("to_formula", "function", () => written.add(key)),
    ),
  );
}

function modeButton(word, picture, act) {
  return h("button", { type: "button", class: "fl-mode", "data-do": word.replace("_", "-"), onclick: () => {
    act();
    changed(true);
  } }, icon(picture), t(word));
}

function begun(column) {
  const [op] = operatorsOf(column);
  return { path: column.name, op, value: first(column, op) };
}

function first(column, op) {
  if (wantsSeveral(op)) return [];
  const [option] = offered(column, "");
  if (option) return option.value;
  return column.kind === "boolean" ? true : "";
}

function clauseRow(clause, known, put, remove = null) {
  const column = known.get(clause.path);
  const choices = [...known.values()].filter((one) => operatorsOf(one).length).map((one) => [one.name, one.label]);
  const subject = select([...(column ? [] : [["", t("choose_field")]]), ...choices], clause.path, (path) => {
    const made = begun(known.get(path));
    put(true, Object.assign(clause, made));
  }, { "aria-label": t("field"), "data-setting": "clause-field" });
  if (!column) return h("div", { class: "fl-clause" }, subject);
  const operator = select(operatorsOf(column).map((op) => [op, t(`op_${op}`)]), clause.op, (op) => {
    if (wantsSeveral(op)) clause.value = [clause.value].flat().filter((one) => one !== "");
    else if (wantsValue(op) && (Array.isArray(clause.value) || clause.value === "")) clause.value = [clause.value].flat()[0] || first(column, op);
    clause.op = op;
    put();
  }, { "aria-label": t("operator"), "data-setting": "clause-operator" });
  return h(
    "div",
    { class: "fl-clause" },
    subject,
    operator,
    wantsValue(clause.op) ? valueControl(column, clause, put) : null,
    remove ? iconButton("delete", t("remove"), remove) : null,
  );
}

const TYPES = { number: "number", date: "date", datetime: "datetime-local" };

// Each kind its own input: options by label, people by name.
function valueControl(column, clause, put) {
  const named = { "aria-label": t("value"), "data-setting": "clause-value" };
  const keep = (value) => {
    clause.value = value;
    put("diagram");
  };
  const options = offered(column, clause.value);
  if (wantsSeveral(clause.op)) {
    return h("div", { class: "fd-checks", role: "group", ...named }, options.map(({ value, label }) =>
      checkbox(label, clause.value.includes(value), (checked) => keep(checked ? [...clause.value, value] : clause.value.filter((one) => one !== value)))));
  }
  if (options.length) return select([...(clause.value === "" ? [["", t("none")]] : []), ...options.map(({ value, label }) => [value, label])], clause.value, keep, named);
  if (column.kind === "boolean") return select([["true", t("yes")], ["false", t("no")]], clause.value, (value) => keep(value === "true"), named);
  if (column.people) {
    const chosen = clause.value === "" ? [] : [Number(clause.value)];
    return h("div", { class: "fl-clause-wide", ...named, role: "group" }, picker(column.people, chosen, () => {
      clause.value = chosen.length ? String(chosen.at(-1)) : "";
      put(true);
    }));
  }
  return input(clause.value, keep, { ...named, type: TYPES[column.kind] ?? "text", step: column.kind === "number" ? "any" : null, maxlength: column.kind === "text" ? 200 : null });
}

const SYMBOLS = { "=": "=", "<>": "≠", ">": ">", ">=": "≥", "<": "<", "<=": "≤" };

// A rule as the diagram tells it; null where it can't be told so.
export function sentence(text) {
  const known = columns();
  const found = read(text, known);
  if (!found?.clauses.length) return null;
  const told = found.clauses.map((clause) => clauseText(clause, known.get(clause.path)));
  return told.reduce((one, other) => t(found.any ? "either" : "both", { one, other }));
}

function clauseText({ path, op, value }, column) {
  const told = SYMBOLS[op] ?? t(`op_${op}`);
  if (!wantsValue(op)) return `${column.label} ${told}`;
  const labelled = (one) => column.options?.find((option) => option.value === one)?.label;
  const named = (one) => labelled(one) ?? (column.people ? data.people[column.people][one] ?? `#${one}` : column.kind === "boolean" ? t(one ? "yes" : "no") : String(one).replace("T", " "));
  return `${column.label || path} ${told} ${[value].flat().map(named).join(", ") || "…"}`;
}
