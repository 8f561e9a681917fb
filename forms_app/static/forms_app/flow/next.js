// Where a component leads: its next one, the branches of a parallel, the rules of a condition.
import { t, changed, component, definition, sentences } from "./state.js";
import { outgoing } from "./branches.js";
import { connect, mayConnect, step } from "./edits.js";
import { cut } from "./removal.js";
import { h, icon, iconButton, row, select } from "../shared/dom.js";
import { ruleEditor } from "./rule.js";

const nameOf = (id) => component(id)?.name || id;

// Those that a line may lead to, and the one it leads to.
function choices(source, line = null) {
  const found = definition().components.filter((one) => one.id === line?.target || mayConnect(definition(), source, one.id));
  return found.map((one) => [one.id, one.name || one.id]);
}

function faultLines(id) {
  return sentences(id, "next").map((text) => h("small", { class: "fd-fault" }, text));
}

// `line` null: not there yet, a choice makes it.
function targetSelect(source, line, attributes = {}) {
  const list = choices(source, line);
  return select([["", line ? t("no_next") : t("choose_next")], ...list], line?.target ?? "", (target) => {
    if (line && target) line.target = target;
    else if (line) cut(definition(), line);
    else if (target) connect(definition(), source, target);
    changed();
  }, { "aria-label": t("next"), ...attributes });
}

export function nextPart(one) {
  if (one.type === "end") return faultLines(one.id);
  const lines = outgoing(definition(), one.id);
  if (one.type !== "parallel") {
    return [
      row(t("next"), targetSelect(one.id, lines[0] ?? null, { "data-setting": "next" }), { required: true, faults: sentences(one.id, "next") }),
      // More lines than one lead nowhere: they can only be taken away.
      lines.slice(1).map((line) => lineRow(line)),
    ];
  }
  return [h("h4", {}, t("branches")), lines.map((line) => lineRow(line)), targetSelect(one.id, null, { "data-setting": "branch" }), faultLines(one.id)];
}

function lineRow(line) {
  return h("div", { class: "fl-line-row" }, targetSelect(line.source, line), removeLine(line));
}

function removeLine(line) {
  return iconButton("delete", t("remove_line"), () => {
    cut(definition(), line);
    changed();
  });
}

export function rulesPart(one) {
  const lines = outgoing(definition(), one.id);
  const rules = lines.filter((line) => !line.default);
  const rest = lines.filter((line) => line.default);
  const match = select([["first", t("match_first")], ["last", t("match_last")]], one.match ?? "last", (value) => {
    one.match = value;
    changed(false);
  }, { "data-setting": "match" });
  return [
    h("h4", {}, t("rules")),
    row(t("match"), match, {}),
    h("ol", { class: "fl-rules" }, rules.map((line, place) => ruleBox(line, place, rules.length))),
    h("button", { type: "button", class: "fd-button", "data-do": "add-rule", onclick: () => addRule(one, rest[0]) }, icon("add"), t("add_rule")),
    h("h4", {}, t("default_line")),
    h("p", { class: "fd-hint" }, t("default_hint")),
    rest.length ? rest.map((line) => lineRow(line)) : defaultSelect(one),
    faultLines(one.id),
  ];
}

// A new rule leads where the default line leads until somebody says where.
function addRule(one, rest) {
  const [target] = rest ? [rest.target] : choices(one.id)[0] ?? [];
  if (target) definition().lines.push({ source: one.id, target, rule: "" });
  changed();
}

function defaultSelect(one) {
  return select([["", t("choose_next")], ...choices(one.id)], "", (target) => {
    definition().lines.push({ source: one.id, target, default: true });
    changed();
  }, { "aria-label": t("default_line"), "data-setting": "default" });
}

function ruleBox(line, place, count) {
  const keep = (rule, structure = "diagram") => {
    line.rule = rule;
    changed(structure);
  };
  return h(
    "li",
    { class: "fl-rule" },
    h(
      "header",
      {},
      h("strong", {}, t("rule_of", { number: place + 1 })),
      iconButton("arrow_upward", t("up"), () => move(line, -1), { disabled: place === 0 }),
      iconButton("arrow_downward", t("down"), () => move(line, 1), { disabled: place === count - 1 }),
      removeLine(line),
    ),
    ruleEditor({ label: t("when"), name: "rule", key: line, text: line.rule ?? "", keep }),
    row(t("leads_to"), targetSelect(line.source, line, { "data-setting": "target", title: nameOf(line.target) })),
  );
}

function move(line, by) {
  step(definition(), line, by);
  changed();
}
