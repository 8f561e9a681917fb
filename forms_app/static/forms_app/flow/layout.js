// Where a flow's components and lines stand: layers from top to bottom. Pure: the same definition, the same picture.
import { placeColumns } from "./columns.js";
import { orderLayers } from "./order.js";
import { route } from "./routes.js";

export const NODE = { width: 188, height: 54 };
export const LABEL = { height: 24, most: 168 };

// `labelOf(line)` → {text, width} or null. Answers {width, height, nodes: Map(id → box), lines: [{line, points, label,
// insert, back}]}; boxes and points in pixels from the top left, `line` is the place among the definition's lines.
export function layout(definition, labelOf = () => null) {
  const graph = graphOf(definition, labelOf);
  markBackLines(graph);
  rank(graph);
  const layers = orderLayers(layersOf(graph), graph.order);
  placeColumns(layers);
  return route(graph, layers);
}

function graphOf({ components = [], lines = [] }, labelOf) {
  const nodes = new Map();
  for (const { id, type } of components) {
    nodes.set(id, { id, type, ...NODE, inputs: [], outputs: [], above: [], below: [], rank: 0 });
  }
  const edges = [];
  lines.forEach((line, place) => {
    const [source, target] = [nodes.get(line.source), nodes.get(line.target)];
    if (!source || !target) return;
    const edge = { line: place, source, target, label: labelOf(line), back: false, chain: [] };
    edges.push(edge);
    source.outputs.push(edge);
    target.inputs.push(edge);
  });
  return { nodes, edges, order: [] };
}

// A line to a component that leads to the line's own source closes a loop: it runs back, at the side.
function markBackLines({ nodes, order }) {
  const state = new Map();
  const visit = (node) => {
    state.set(node, "open");
    for (const edge of node.outputs) {
      if (state.get(edge.target) === "open") edge.back = true;
      else if (!state.has(edge.target)) visit(edge.target);
    }
    state.set(node, "done");
    order.unshift(node);
  };
  const all = [...nodes.values()];
  const first = [...all.filter((node) => node.type === "start"), ...all.filter((node) => !node.inputs.length), ...all];
  // The last visited comes first in the order, so that what hangs on nothing stands behind the start's tree.
  const roots = [...new Set(first)];
  const found = [];
  for (const root of roots) {
    if (state.has(root)) continue;
    visit(root);
    found.push(...order.splice(0));
  }
  order.push(...found);
}

const forward = (edges) => edges.filter((edge) => !edge.back);

// A line has a stretch to itself where it can be told from its neighbours: at the end that no other line shares.
export function shared({ source, target }) {
  return forward(source.outputs).length > 1 && forward(target.inputs).length > 1;
}

// The longest way from the top; a line with a label, or one that shares both its ends, takes a layer in between.
function rank({ edges, nodes }) {
  const waiting = new Map([...nodes.values()].map((node) => [node, forward(node.inputs).length]));
  const ready = [...nodes.values()].filter((node) => !waiting.get(node));
  for (const edge of edges) edge.span = edge.label || shared(edge) ? 2 : 1;
  while (ready.length) {
    const node = ready.shift();
    for (const { target, span } of forward(node.outputs)) {
      target.rank = Math.max(target.rank, node.rank + span);
      waiting.set(target, waiting.get(target) - 1);
      if (!waiting.get(target)) ready.push(target);
    }
  }
  // What nothing leads to stands right above what it leads to.
  for (const node of nodes.values()) {
    const targets = forward(node.outputs);
    if (node.type !== "start" && !node.inputs.length && targets.length) {
      node.rank = Math.min(...targets.map(({ target, span }) => target.rank - span));
    }
  }
}

// Layers of nodes and of the knees of longer lines. A line's label is its first knee.
function layersOf({ order, nodes, edges }) {
  const depth = Math.max(0, ...[...nodes.values()].map((node) => node.rank));
  const layers = Array.from({ length: depth + 1 }, () => []);
  for (const node of order) layers[node.rank].push(node);
  for (const edge of forward(edges)) {
    let above = edge.source;
    for (let level = edge.source.rank + 1; level < edge.target.rank; level += 1) {
      const labelled = edge.label && level === edge.source.rank + 1;
      const knee = { knee: true, edge, rank: level, above: [], below: [], width: labelled ? edge.label.width : 12, height: labelled ? LABEL.height : 8 };
      edge.chain.push(knee);
      layers[level].push(knee);
      join(above, knee);
      above = knee;
    }
    join(above, edge.target);
  }
  return layers;
}

function join(above, below) {
  above.below.push(below);
  below.above.push(above);
}
