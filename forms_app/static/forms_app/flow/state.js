// The flow as it stands on the page. Everything else draws it or edits it.
import { data, t } from "../shared/page.js";
import { optionPairs } from "../shared/formula_box.js";

export { data, t };
export const state = { design: null, base: "", status: {}, selected: null, dirty: false, faults: [] };
export const fields = new Map(data.fields.map((field) => [field.name, field]));
const listeners = [];

export function listen(listener) {
  listeners.push(listener);
}

let noted = () => true; // keeps the step; says whether the design differs from the saved one

export function noteBy(note) {
  noted = note;
}

// `structure`: true draws everything; "diagram" leaves the panel, in which somebody is typing; false only the bar.
export function changed(structure = true) {
  state.dirty = noted(structure);
  listeners.forEach((listener) => listener(structure));
}

export function redraw() {
  listeners.forEach((listener) => listener(true));
}

export function load({ design, base, status }) {
  Object.assign(state, { design, base, status, dirty: false, faults: [] });
  if (!component(state.selected)) state.selected = null;
}

export const asText = () => JSON.stringify(state.design);

// A step taken back or done again.
export function restore(text, dirty) {
  Object.assign(state, { design: JSON.parse(text), dirty });
  if (!component(state.selected)) state.selected = null;
  redraw();
}

export const definition = () => state.design.definition;

export function component(id) {
  return definition().components.find((one) => one.id === id);
}

export function choose(id) {
  state.selected = id;
  redraw();
}

export function variables() {
  return definition().components.flatMap((one) => one.variables ?? []);
}

// [path, label] of all that a formula of this flow may read.
export function readable() {
  return [...readableOf(data.fields), ...variables().map(({ name }) => [`$${name}`, `$${name}`]), ["$creator", "$creator"]];
}

// A choice's options to choose from: those that are enabled, and those that are chosen already.
export function offered(column, chosen) {
  return (column?.options ?? []).filter(({ value, enabled }) => enabled || [chosen].flat().includes(value));
}

export function readableOf(columns) {
  const found = [];
  for (const column of columns) {
    if (column.readable) found.push([column.name, column.label], ...optionPairs(column, column.name, column.label));
    for (const inner of column.inner ?? []) {
      const [name, label] = [`${column.name}.${inner.name}`, `${column.label}.${inner.label}`];
      found.push([name, label], ...optionPairs(inner, name, label));
    }
  }
  return found;
}

// Labels of the diagram's rules, by what formulas call them.
export const labels = () => Object.fromEntries(readable());

// A fault's component: it is named by its id, or by its place in the definition.
export function faultComponent({ field = "" }) {
  if (component(field)) return field;
  const place = /components\[(\d+)\]/.exec(field)?.[1];
  const line = /lines\[(\d+)\]/.exec(field)?.[1];
  return definition().components[place]?.id ?? definition().lines[line]?.source ?? null;
}

// The sentences about a part of a component, in its panel; "" are those about none of its parts. The server says which.
export function sentences(id, part) {
  return state.faults.filter((fault) => faultComponent(fault) === id && (fault.part ?? "") === part).map((fault) => fault.message);
}
