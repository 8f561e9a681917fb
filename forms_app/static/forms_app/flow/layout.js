// Where a flow's components and lines stand: layers from top to bottom. dagre says which layer and which column each gets,
// routes.js which way the lines go. Pure: the same definition, the same picture.
import { Graph, layout as place } from "../vendor/dagre/dagre.esm.js";
import { route } from "./routes.js";

export const NODE = { width: 188, height: 54 };
export const LABEL = { height: 24, most: 168 };
const KNEE = { width: 12, height: 8 };

// `labelOf(line)` → {text, width} or null. Answers {width, height, nodes: Map(id → box), lines: [{line, points, label,
// insert, back}]}; boxes and points in pixels from the top left, `line` is the place among the definition's lines.
export function layout(definition, labelOf = () => null) {
  const graph = graphOf(definition, labelOf);
  markBackLines(graph);
  return route(graph, layersOf(graph));
}

function graphOf({ components = [], lines = [] }, labelOf) {
  const nodes = new Map();
  components.forEach(({ id, type }, number) => nodes.set(id, { number: String(number), type, ...NODE, inputs: [], outputs: [] }));
  const edges = [];
  lines.forEach((line, number) => {
    const [source, target] = [nodes.get(line.source), nodes.get(line.target)];
    if (!source || !target) return;
    const edge = { line: number, source, target, label: labelOf(line), back: false };
    edges.push(edge);
    source.outputs.push(edge);
    target.inputs.push(edge);
  });
  return { nodes, edges };
}

// A line to a component that leads to the line's own source closes a loop: it runs back, at the side.
function markBackLines({ nodes }) {
  const state = new Map();
  const visit = (node) => {
    if (state.has(node)) return;
    state.set(node, "open");
    for (const edge of node.outputs) {
      if (state.get(edge.target) === "open") edge.back = true;
      else visit(edge.target);
    }
    state.set(node, "done");
  };
  const all = [...nodes.values()];
  [...all.filter((node) => node.type === "start"), ...all.filter((node) => !node.inputs.length), ...all].forEach(visit);
}

const forward = (edges) => edges.filter((edge) => !edge.back);

// What a line shows on its way: its label; a line that shares both its ends has a stretch to itself.
function shownOn({ source, target, label }) {
  if (label) return { width: label.width, height: LABEL.height };
  return forward(source.outputs).length > 1 && forward(target.inputs).length > 1 ? KNEE : null;
}

// From left to right as it was defined, so that little moves when something is added; dagre's own order where that spares
// more than two crossings.
function layersOf(graph) {
  const asDefined = placed(graph, { disableOptimalOrderHeuristic: true });
  const most = crossings(linked(graph, asDefined)) - 2;
  const free = most > 0 ? placed(graph) : null;
  return linked(graph, free && crossings(linked(graph, free)) < most ? free : asDefined);
}

function placed({ nodes, edges }, options) {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ nodesep: 36, edgesep: 22, ranker: fromTheTop });
  for (const { number } of nodes.values()) graph.setNode(number, { ...NODE });
  for (const edge of forward(edges)) {
    graph.setEdge(edge.source.number, edge.target.number, { labelpos: "c", ...shownOn(edge) }, String(edge.line));
  }
  place(graph, options);
  return graph;
}

// The longest way from the top; what nothing leads to stands right above what it leads to.
function fromTheTop(graph) {
  const rank = (id) => (graph.node(id).rank ??= Math.max(0, ...graph.inEdges(id).map((edge) => rank(edge.v) + graph.edge(edge).minlen)));
  graph.nodes().forEach(rank);
  const isRoot = (id) => !graph.inEdges(id).length; // dagre's own, above all
  for (const id of graph.nodes()) {
    const targets = graph.outEdges(id).map((edge) => rank(edge.w) - graph.edge(edge).minlen);
    if (!isRoot(id) && targets.length && graph.inEdges(id).every((edge) => isRoot(edge.v))) graph.node(id).rank = Math.min(...targets);
  }
}

// Layers of nodes and of the knees of longer lines. Of dagre's layers those in which only knees stand are left out.
function linked({ nodes, edges }, graph) {
  const ways = forward(edges).map((edge) => [edge, graph.edge(edge.source.number, edge.target.number, String(edge.line))]);
  for (const node of nodes.values()) {
    const { x, y } = graph.node(node.number);
    Object.assign(node, { x: Math.round(x), y, below: [] });
  }
  const shown = [...nodes.values(), ...ways.map(([, way]) => way).filter(({ height }) => height)];
  const levels = [...new Set(shown.map(({ y }) => y))].sort((one, other) => one - other);
  const layers = levels.map(() => []);
  const stand = (item) => layers[(item.rank = levels.indexOf(item.y))].push(item);
  for (const node of nodes.values()) stand(node);
  for (const [edge, way] of ways) {
    edge.chain = way.points.slice(1, -1).filter(({ y }) => levels.includes(y)).map(({ x, y }) => {
      const own = y === way.y && way.height;
      return { knee: true, own, x: Math.round(x), y, below: [], ...KNEE, ...(own && { width: way.width, height: way.height }) };
    });
    edge.chain.forEach(stand);
    const stops = [edge.source, ...edge.chain, edge.target];
    stops.slice(1).forEach((stop, number) => stops[number].below.push(stop));
  }
  for (const layer of layers) layer.sort((one, other) => one.x - other.x);
  return layers;
}

function crossings(layers) {
  let count = 0;
  for (const layer of layers) {
    const pairs = layer.flatMap((item) => item.below.map((other) => [item.x, other.x]));
    pairs.forEach(([from, to], number) => {
      for (const [other, end] of pairs.slice(0, number)) if ((from - other) * (to - end) < 0) count += 1;
    });
  }
  return count;
}
