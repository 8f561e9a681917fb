// Taking components and lines out of a definition, so that nothing is left hanging: what led to a component leads on, the
// branches of a parallel come one after the other, and what no way leads to any more goes as well.
import { branchesOf, meetings, outgoing, parts, reached, starts, typeOf } from "./branches.js";

// Takes a component out. Answers how many others went with it.
export function remove(definition, id) {
  const before = reached(definition, starts(definition));
  const count = definition.components.length - 1;
  if (typeOf(definition, id) === "parallel") unfold(definition, id);
  else bridge(definition, id);
  prune(definition, before);
  return count - definition.components.length;
}

// Takes a line out. A branch that only it led to goes with it, if its source has others. Answers how many components went.
export function cut(definition, line) {
  const before = reached(definition, starts(definition));
  const count = definition.components.length;
  definition.lines.splice(definition.lines.indexOf(line), 1);
  if (parts(definition, line.source) && outgoing(definition, line.source).length) prune(definition, before);
  return count - definition.components.length;
}

// Moves a step into a line: where it stood, what led to it leads on. Answers whether it could.
export function move(definition, id, place) {
  const line = definition.lines[place];
  if (!movable(definition, id) || !line || [line.source, line.target].includes(id)) return false;
  const tried = structuredClone(definition);
  const one = tried.components.find((other) => other.id === id);
  bridge(tried, id);
  const at = tried.lines.findIndex((other) => other.source === line.source && other.target === line.target && other.rule === line.rule);
  if (at < 0) return false;
  tried.components.push(one);
  tried.lines.splice(at, 1, { ...tried.lines[at], target: id }, { source: id, target: line.target });
  Object.assign(definition, tried);
  return true;
}

export const movable = (definition, id) => ["human_input", "set_field", "call_flow"].includes(typeOf(definition, id)) && outgoing(definition, id).length <= 1;

function drop(definition, ...ids) {
  definition.components = definition.components.filter((one) => !ids.includes(one.id));
  definition.lines = definition.lines.filter((line) => !ids.includes(line.source) && !ids.includes(line.target));
}

// Those before a component lead on to where it led; where a condition parted, on to its default line's target.
function bridge(definition, id) {
  const met = meetings(definition);
  const lines = outgoing(definition, id);
  const next = (lines.find((line) => line.default) ?? lines[0])?.target;
  const there = (source) => outgoing(definition, source).some((line) => line.target === next);
  const emptied = [];
  definition.lines = definition.lines.flatMap((line) => {
    if (line.source === id || line.target !== id) return [line];
    if (!next || next === id || next === line.source) return [];
    const branch = typeOf(definition, line.source) === "parallel";
    if (branch && met.get(line.source) === next) emptied.push(line.source); // nothing is left on this branch
    return branch && (there(line.source) || met.get(line.source) === next) ? [] : [{ ...line, target: next }];
  });
  drop(definition, id);
  for (const parallel of emptied) if (!outgoing(definition, parallel).length) dissolve(definition, parallel, met.get(parallel));
}

// A parallel without branches, and its collection.
function dissolve(definition, parallel, collection) {
  const [onward] = outgoing(definition, collection);
  const lead = (line) => (line.target === parallel ? { ...line, target: onward.target } : line);
  if (onward) definition.lines = definition.lines.map(lead);
  drop(definition, parallel, collection);
}

// A parallel goes: its branches come one after the other, where they are collected and touch nothing else; else the first
// of them stays.
function unfold(definition, id) {
  const meeting = meetings(definition).get(id);
  const firsts = branchesOf(definition, id).filter((first) => first !== meeting && first !== id);
  const regions = firsts.map((first) => reached(definition, [first], meeting));
  const all = regions.flatMap((region) => [...region]);
  const apart = new Set(all).size === all.length && !all.some((one) => one === id || typeOf(definition, one) === "end");
  if (meeting && apart) {
    const next = outgoing(definition, meeting)[0]?.target;
    const lead = (line, target) => (target ? [{ ...line, target }] : []);
    definition.lines = definition.lines.flatMap((line) => {
      if (line.target === id) return lead(line, firsts[0] ?? next);
      if (line.target !== meeting || line.source === id) return [line];
      const branch = regions.findIndex((region) => region.has(line.source));
      return lead(line, firsts[branch + 1] ?? next);
    });
    drop(definition, id, meeting);
    return;
  }
  const [first] = firsts;
  definition.lines = definition.lines.flatMap((line) => (line.target === id ? (first ? [{ ...line, target: first }] : []) : [line]));
  drop(definition, id);
  if (meeting) bridge(definition, meeting);
}

// What could be reached and can't any more. One end stays.
function prune(definition, before) {
  const after = reached(definition, starts(definition));
  const gone = definition.components.filter(({ id }) => before.has(id) && !after.has(id));
  const ends = definition.components.filter(({ type }) => type === "end");
  const last = ends.every((end) => gone.includes(end)) ? ends[0] : null;
  drop(definition, ...gone.filter((one) => one !== last).map(({ id }) => id));
}
