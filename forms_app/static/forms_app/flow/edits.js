// What can be done to a definition: components come in, lines are led elsewhere. Each edits it in place.
import { meetings, outgoing, parts, typeOf } from "./branches.js";

const OWN = {
  human_input: () => ({ fields: null, assignees: { members: [], departments: [], fields: [], creator: false }, validation: null, actions: [] }),
  condition: () => ({ match: "first" }),
  set_field: () => ({ values: [] }),
  call_flow: () => ({ flow: "", inputs: [], outputs: [] }),
};

// A new component of a type, under a name that is free; `label` is the type's.
export function make(definition, type, label) {
  const ids = new Set(definition.components.map((one) => one.id));
  const names = new Set(definition.components.map((one) => one.name));
  let number = definition.components.length + 1;
  while (ids.has(`c${number}`)) number += 1;
  let name = label;
  for (let again = 2; names.has(name); again += 1) name = `${label} ${again}`;
  const made = { id: `c${number}`, type, name, ...OWN[type]?.() };
  definition.components.push(made);
  return made;
}

// Puts a component into a line. A parallel comes with two branches and where they meet again.
export function insertInLine(definition, place, type, labels) {
  const line = definition.lines[place];
  const made = make(definition, type, labels[type]);
  definition.lines.splice(place, 1, { ...line, target: made.id }, ...onward(definition, made, line.target, labels));
  return made;
}

// The lines by which a new component leads on; null: it leads nowhere yet.
function onward(definition, { id, type }, target, labels) {
  if (type === "parallel") {
    const branches = [1, 2].map(() => make(definition, "human_input", labels.human_input));
    const meeting = make(definition, "collection", labels.collection);
    const lines = branches.flatMap((branch) => [{ source: id, target: branch.id }, { source: branch.id, target: meeting.id }]);
    return target ? [...lines, { source: meeting.id, target }] : lines;
  }
  if (type === "end" || !target) return [];
  return [{ source: id, target, ...(type === "condition" && { default: true }) }];
}

// Puts a component behind another: into its only line, or on a new branch that leads to where the others lead.
export function addAfter(definition, id, type, labels) {
  const [line] = outgoing(definition, id);
  if (line && !parts(definition, id)) return insertInLine(definition, definition.lines.indexOf(line), type, labels);
  const target = meetingOf(definition, id);
  const branch = parts(definition, id) ? branchLine(definition, id) : { source: id };
  const made = make(definition, type, labels[type]);
  definition.lines.push({ ...branch, target: made.id }, ...onward(definition, made, target, labels));
  return made;
}

function branchLine(definition, id) {
  if (typeOf(definition, id) === "parallel") return { source: id };
  const rest = outgoing(definition, id).some((line) => line.default);
  return rest ? { source: id, rule: "" } : { source: id, default: true };
}

// Where a new branch goes on: to the collection of a parallel's branches, or to where a condition's default line leads.
function meetingOf(definition, id) {
  if (typeOf(definition, id) === "condition") return outgoing(definition, id).find((line) => line.default)?.target ?? null;
  if (typeOf(definition, id) !== "parallel") return null;
  const met = meetings(definition).get(id);
  if (met) return met;
  const seen = new Set([id]);
  const waiting = outgoing(definition, id).map((line) => line.target);
  while (waiting.length) {
    const next = waiting.shift();
    if (seen.has(next)) continue;
    seen.add(next);
    if (typeOf(definition, next) === "collection") return next;
    waiting.push(...outgoing(definition, next).map((line) => line.target));
  }
  return null;
}

// Leads a line from one to the other: a new one out of a condition or parallel, else the only one is led there.
export function connect(definition, source, target) {
  if (!mayConnect(definition, source, target)) return false;
  const [line] = outgoing(definition, source);
  if (parts(definition, source)) definition.lines.push({ ...branchLine(definition, source), target });
  else if (line) line.target = target;
  else definition.lines.push({ source, target });
  return true;
}

export function mayConnect(definition, source, target) {
  if (source === target || typeOf(definition, source) === "end" || [undefined, "start"].includes(typeOf(definition, target))) return false;
  const there = outgoing(definition, source).some((line) => line.target === target);
  return !there || typeOf(definition, source) === "condition";
}

// The lines out of one component in another order.
export function step(definition, line, by) {
  const own = outgoing(definition, line.source).filter((other) => !other.default);
  const other = own[own.indexOf(line) + by];
  if (!other) return;
  const [one, two] = [definition.lines.indexOf(line), definition.lines.indexOf(other)];
  [definition.lines[one], definition.lines[two]] = [other, line];
}

// A variable under another name: its formulas and assignments follow.
export function renameVariable(definition, from, to) {
  const walk = (value) => {
    if (Array.isArray(value)) return value.map(walk);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key === "target" && inner === `$${from}` ? `$${to}` : ["formula", "rule"].includes(key) && typeof inner === "string" ? inner.replaceAll(`{$${from}}`, `{$${to}}`) : walk(inner)]));
    }
    return value;
  };
  if (!from) return;
  definition.components.forEach((one) => Object.assign(one, walk(one)));
  definition.lines.forEach((one) => Object.assign(one, walk(one)));
}

// An end goes where nothing would be cut off behind it.
export function endsHere(definition, { line, component: id }) {
  if (line !== undefined) return false;
  return typeOf(definition, id) === "condition" || !outgoing(definition, id).length;
}
