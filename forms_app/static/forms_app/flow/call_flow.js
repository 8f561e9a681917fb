// Calling another flow: which one, what its ticket begins with, and what comes back when it has ended.
import { data, t, changed, readable, readableOf, sentences } from "./state.js";
import { h, row, select } from "../shared/dom.js";
import { assignmentList } from "./assignments.js";
import { ownTargets } from "./parts.js";
import { checkFormula, read } from "./server.js";

const called = new Map(); // api_path → {fields, variables}, asked for once

function load(path) {
  if (!path || called.has(path)) return;
  called.set(path, null);
  read(`${data.urls.called}?flow=${encodeURIComponent(path)}`).then((found) => {
    called.set(path, found ?? { fields: [], variables: [] });
    changedPanel();
  });
}

// Drawn anew without being an edit.
let changedPanel = () => {};
export function onLoaded(listener) {
  changedPanel = listener;
}

export function callFlow(one) {
  one.inputs ??= [];
  one.outputs ??= [];
  load(one.flow);
  const other = called.get(one.flow);
  const known = data.flows.some(({ api_path: path }) => path === one.flow) || !one.flow ? [] : [[one.flow, one.flow]];
  const choice = select([["", t("choose_flow")], ...known, ...data.flows.map((flow) => [flow.api_path, `${flow.form} / ${flow.name}`])], one.flow, (path) => {
    one.flow = path;
    changed();
  }, { "data-setting": "flow" });
  const parts = () => [
    h("h4", {}, t("inputs")),
    h("p", { class: "fd-hint" }, t("inputs_hint")),
    assignmentList(one.inputs, { fields: other.fields.filter((field) => field.writable), variables: other.variables, readable, check: checkFormula() }),
    h("h4", {}, t("outputs")),
    h("p", { class: "fd-hint" }, t("outputs_hint")),
    assignmentList(one.outputs, { ...ownTargets(), readable: () => othersReadable(other), check: checkFormula("any", one.flow) }),
  ];
  return [
    row(t("called_flow"), choice, { required: true, faults: sentences(one.id, "flow") }),
    other ? parts() : one.flow ? h("p", { class: "fd-hint" }, t("checking")) : null,
    sentences(one.id, "values").map((text) => h("small", { class: "fd-fault" }, text)),
  ];
}

function othersReadable({ fields, variables }) {
  return [...readableOf(fields), ...variables.map((name) => [`$${name}`, `$${name}`])];
}
