// What can be done to a definition: components come in and go, lines are led elsewhere. Each edits it in place.
const OWN = {
  human_input: () => ({ fields: null, assignees: { members: [], departments: [], fields: [], creator: false }, validation: null, actions: [] }),
  condition: () => ({ match: "last" }),
  set_field: () => ({ values: [] }),
  call_flow: () => ({ flow: "", inputs: [], outputs: [] }),
};

export const outgoing = ({ lines }, id) => lines.filter((line) => line.source === id);
export const incoming = ({ lines }, id) => lines.filter((line) => line.target === id);
const typeOf = ({ components }, id) => components.find((one) => one.id === id)?.type;
const parts = (definition, id) => ["condition", "parallel"].includes(typeOf(definition, id));

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
  const onward = [];
  if (type === "parallel") {
    const branches = [1, 2].map(() => make(definition, "human_input", labels.human_input));
    const meeting = make(definition, "collection", labels.collection);
    for (const branch of branches) onward.push({ source: made.id, target: branch.id }, { source: branch.id, target: meeting.id });
    onward.push({ source: meeting.id, target: line.target });
  } else if (type === "condition") onward.push({ source: made.id, target: line.target, default: true });
  else if (type !== "end") onward.push({ source: made.id, target: line.target });
  definition.lines.splice(place, 1, { ...line, target: made.id }, ...onward);
  return made;
}

// Puts a component behind another: into its only line, or on a new branch that leads to where the others lead.
export function addAfter(definition, id, type, labels) {
  const [line] = outgoing(definition, id);
  if (line && !parts(definition, id)) return insertInLine(definition, definition.lines.indexOf(line), type, labels);
  const target = meetingOf(definition, id);
  const branch = parts(definition, id) ? branchLine(definition, id) : { source: id };
  const made = make(definition, type, labels[type]);
  definition.lines.push({ ...branch, target: made.id });
  if (type === "end" || !target) return made;
  if (type === "parallel" || type === "condition") definition.lines.push({ source: made.id, target, ...(type === "condition" && { default: true }) });
  else definition.lines.push({ source: made.id, target });
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

export function disconnect(definition, line) {
  definition.lines.splice(definition.lines.indexOf(line), 1);
}

// Takes a component out. Those before it lead on to where it led, if that is one place only.
export function remove(definition, id) {
  const targets = [...new Set(outgoing(definition, id).map((line) => line.target))].filter((target) => target !== id);
  const next = targets.length === 1 ? targets[0] : null;
  definition.components.splice(definition.components.findIndex((one) => one.id === id), 1);
  definition.lines = definition.lines.flatMap((line) => {
    if (line.source === id) return [];
    if (line.target !== id) return [line];
    return next && mayConnect(definition, line.source, next) ? [{ ...line, target: next }] : [];
  });
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
