// The design as it stands on the page, and what can be done to it. Everything else draws it.
import { data, t } from "../shared/page.js";

export { data, t };
export const types = Object.fromEntries(data.types.map((type) => [type.name, type]));

export const state = { saved: null, design: null, base: "", columns: {}, shared: {}, selected: null, dirty: false, faults: [] };
const listeners = [];

export function listen(listener) {
  listeners.push(listener);
}

let noted = () => true; // keeps the step; says whether the design differs from the saved one

export function noteBy(note) {
  noted = note;
}

// `structure`: what is drawn must be drawn anew, not only what shows that something is unsaved.
export function changed(structure = true) {
  state.dirty = noted(structure);
  listeners.forEach((listener) => listener(structure));
}

export function redraw() {
  listeners.forEach((listener) => listener(true));
}

export function load({ design, base, columns, shared }) {
  const selected = state.selected?.name;
  Object.assign(state, { saved: structuredClone(design), design, base, columns, shared, dirty: false, faults: [], selected: null });
  for (const field of allFields()) if (types[field.field_type]?.cascades) field.options = treeOrder(field.options);
  state.selected = allFields().find((field) => field.name === selected) ?? null;
}

export function allFields() {
  return state.design.groups.flatMap((group) => group.fields);
}

export function groupOf(field) {
  return state.design.groups.find((group) => group.fields.includes(field));
}

export function fieldNamed(name) {
  return allFields().find((field) => field.name === name);
}

export function columnOf(name) {
  const system = data.system_columns.find((column) => column.name === name);
  const field = fieldNamed(name);
  if (!field) return system;
  const saved = field.id ? state.columns[name] : null;
  return { ...(saved ?? types[field.field_type] ?? {}), name, label: field.label, options: field.options, field };
}

function random(count) {
  return crypto.getRandomValues(new Uint8Array(count));
}

// As the server makes them: the type's prefix, milliseconds, six hexadecimal digits.
export function newName(type) {
  const digits = [...random(3)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${type.prefix}_${Date.now()}_${digits}`;
}

// Base64 of 16 random bytes.
export function newToken() {
  return btoa(String.fromCharCode(...random(16)));
}

export function defaults(type) {
  const given = type.settings.filter((setting) => "default" in setting && setting.default !== "");
  return Object.fromEntries(given.map((setting) => [setting.name, setting.default]));
}

export function addField(typeName, group, place = group.fields.length) {
  const type = types[typeName];
  const taken = new Set(allFields().map((field) => field.label));
  let label = type.label;
  for (let number = 2; taken.has(label); number += 1) label = `${type.label} ${number}`;
  const field = { name: newName(type), label, field_type: typeName, status: "enable", setting: defaults(type), options: [] };
  group.fields.splice(place, 0, field);
  state.selected = field;
  if (!state.design.primary_field && type.searchable && !type.computed) state.design.primary_field = field.name;
  changed();
  return field;
}

export function copyField(field) {
  const group = groupOf(field);
  const copy = structuredClone({ ...field, faults: undefined });
  delete copy.id;
  delete copy.number;
  copy.name = newName(types[field.field_type]);
  copy.label = `${field.label} 2`;
  const tokens = Object.fromEntries(copy.options.map((option) => [option.value, newToken()]));
  for (const option of copy.options) Object.assign(option, { value: tokens[option.value], parent: tokens[option.parent] ?? null });
  if (copy.setting.default && copy.options.length) delete copy.setting.default;
  group.fields.splice(group.fields.indexOf(field) + 1, 0, copy);
  state.selected = copy;
  changed();
}

export function removeField(field) {
  const group = groupOf(field);
  group.fields.splice(group.fields.indexOf(field), 1);
  if (state.selected === field) state.selected = null;
  if (state.design.primary_field === field.name) state.design.primary_field = null;
  changed();
}

// A field that the server does not let go: back to where it was, or as near as that still is.
export function putBack(name) {
  const from = state.saved.groups.find((group) => group.fields.some((field) => field.name === name));
  if (!from || fieldNamed(name)) return;
  const place = from.fields.findIndex((field) => field.name === name);
  const group = state.design.groups.find((other) => other.id === from.id) ?? state.design.groups[0];
  const field = structuredClone(from.fields[place]);
  group.fields.splice(place, 0, field);
  if (state.saved.primary_field === name) state.design.primary_field ??= name;
  state.selected = field;
  state.faults = state.faults.filter((fault) => fault.field !== `removed[${name}].id`);
  changed();
}

export function placeField(field, group, place) {
  const from = groupOf(field);
  const before = from.fields.indexOf(field);
  from.fields.splice(before, 1);
  group.fields.splice(from === group && before < place ? place - 1 : place, 0, field);
  changed();
}

export function stepField(field, step) {
  const { groups } = state.design;
  const group = groupOf(field);
  const place = group.fields.indexOf(field) + step;
  const next = groups[groups.indexOf(group) + step];
  if (place >= 0 && place < group.fields.length) {
    group.fields.splice(place - step, 1);
    group.fields.splice(place, 0, field);
  } else if (next) {
    group.fields.splice(place - step, 1);
    next.fields.splice(step > 0 ? 0 : next.fields.length, 0, field);
  } else return;
  changed();
}

export function stepItem(list, item, step) {
  const place = list.indexOf(item) + step;
  if (place < 0 || place >= list.length) return;
  list.splice(place - step, 1);
  list.splice(place, 0, item);
  changed();
}

// Renaming a field that is not saved yet: what names it follows.
export function renameField(field, name) {
  for (const other of allFields()) {
    for (const [key, value] of Object.entries(other.setting)) {
      const formula = types[other.field_type].settings.some((setting) => setting.name === key && setting.kind === "formula");
      if (formula) other.setting[key] = String(value).replaceAll(`{${field.name}}`, `{${name}}`);
    }
  }
  if (state.design.primary_field === field.name) state.design.primary_field = name;
  field.name = name;
  changed(false);
}

// Options of a cascade: each right below the one it stands under.
export function treeOrder(options) {
  const below = (parent) => options.filter((o) => (o.parent ?? null) === parent).flatMap((o) => [o, ...below(o.value)]);
  return below(null);
}

export function levelOf(options, option) {
  const parent = options.find((other) => other.value === option.parent);
  return parent ? levelOf(options, parent) + 1 : 0;
}

// The design without what only the page knows.
export function asText() {
  return JSON.stringify(state.design, (key, value) => (key === "faults" ? undefined : value));
}

export const sent = () => JSON.parse(asText());

// A step taken back or done again: another design, in which what is selected and what faults are about is found again.
export function restore(text, dirty) {
  const before = state.design;
  Object.assign(state, { design: JSON.parse(text), dirty });
  const found = (thing) => {
    const { design } = state;
    if (!thing) return null;
    if (before.groups.includes(thing)) return design.groups.find(({ id }) => id && id === thing.id) ?? design.groups[before.groups.indexOf(thing)] ?? null;
    if (before.tabs.includes(thing)) return design.tabs.find(({ name }) => name === thing.name) ?? null;
    return fieldNamed(thing.name) ?? null;
  };
  state.selected = found(state.selected);
  state.faults.forEach((fault) => {
    fault.thing = found(fault.thing);
    if (fault.thing) (fault.thing.faults ??= []).push(fault);
  });
  redraw();
}

// A kept design after a save: fields that are new to the server get or lose their ids, as it knows them now.
export function adopt(kept) {
  const saved = new Map(allFields().map((field) => [field.name, field]));
  const groups = new Set(state.design.groups.map(({ id }) => id));
  for (const group of kept.groups) {
    if (!groups.has(group.id)) delete group.id;
    for (const field of group.fields) {
      const { id, number } = saved.get(field.name) ?? {};
      Object.assign(field, { id, number });
    }
  }
}
