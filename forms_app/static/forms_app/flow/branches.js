// How a definition's ways part and meet: what can be reached, and where the branches of each parallel are collected.
export const outgoing = ({ lines }, id) => lines.filter((line) => line.source === id);
export const incoming = ({ lines }, id) => lines.filter((line) => line.target === id);
export const typeOf = ({ components }, id) => components.find((one) => one.id === id)?.type;
export const parts = (definition, id) => ["condition", "parallel"].includes(typeOf(definition, id));

// All that can be reached from some components, which count too, on ways that avoid one.
export function reached(definition, from, without = null) {
  const found = new Set();
  const waiting = from.filter((id) => id !== without);
  while (waiting.length) {
    const id = waiting.pop();
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...outgoing(definition, id).map(({ target }) => target).filter((target) => target !== without));
  }
  return found;
}

export const starts = ({ components }) => components.filter(({ type }) => type === "start").map(({ id }) => id);
export const branchesOf = (definition, id) => [...new Set(outgoing(definition, id).map(({ target }) => target))];

// Map of parallel → the collection of its branches: the nearest pairs first, as the server finds them (flows/language/graph.py).
export function meetings(definition) {
  const of = (type) => definition.components.filter((one) => one.type === type).map(({ id }) => id);
  const pairs = of("parallel").flatMap((parallel) => {
    const branches = branchesOf(definition, parallel);
    const others = reached(definition, starts(definition), parallel);
    const met = of("collection").filter((collection) => branches.length && !others.has(collection) && branches.every((branch) => reached(definition, [branch]).has(collection)));
    return met.map((collection) => ({ parallel, collection, size: reached(definition, branches, collection).size }));
  });
  const found = new Map();
  for (const { parallel, collection } of pairs.sort((one, other) => one.size - other.size)) {
    if (!found.has(parallel) && ![...found.values()].includes(collection)) found.set(parallel, collection);
  }
  return found;
}
