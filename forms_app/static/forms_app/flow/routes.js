// The ways of the lines: down through the gaps between layers, each crosswise stretch on a track of its own; lines
// that run back go up at the side of all that they pass.
const PAD = 24;
const TOP = 22; // from a layer to the first track below it
const BOTTOM = 32; // from the last track to the layer below, with its arrowhead
const TRACK = 10;
const SIDE = 22;

export function route(graph, layers) {
  const backs = graph.edges.filter((edge) => edge.back).map((edge) => backWay(edge, layers));
  // gaps[n] is above layer n, gaps[n + 1] below it.
  const gaps = [[], ...layers].map((layer, place) => tracks(place - 1, layer, backs));
  gaps[0].top = PAD;
  let y = PAD + (gaps[0].count ? TOP + BOTTOM + (gaps[0].count - 1) * TRACK : 0);
  layers.forEach((layer, level) => {
    const height = Math.max(0, ...layer.map((item) => item.height));
    layer.forEach((item) => (item.y = y + height / 2));
    const gap = gaps[level + 1];
    gap.top = y + height;
    const open = level < layers.length - 1 || gap.count;
    y += height + (open ? TOP + BOTTOM + Math.max(0, gap.count - 1) * TRACK : 0);
  });
  const lines = graph.edges.filter((edge) => !edge.back).map((edge) => down(edge, gaps));
  channels(backs, layers);
  for (const back of backs) lines.push(up(back, gaps));
  return framed(graph, lines.sort((one, other) => one.line - other.line), y + PAD);
}

// The crosswise stretches in the gap below a layer and their tracks. Those of one item share one, and so do those of
// items that lead to one and the same only.
function tracks(level, layer, backs) {
  const groups = new Map();
  const add = (key, member, from, ends) => {
    if (!groups.has(key)) groups.set(key, { members: [], froms: [], ends: [] });
    const group = groups.get(key);
    group.members.push(member);
    group.froms.push(from);
    group.ends.push(...ends);
  };
  for (const item of layer) {
    const ends = item.below.filter((other) => other.x !== item.x).map((other) => other.x);
    if (ends.length) add(item.below.length === 1 ? item.below[0] : item, item, item.x, ends);
  }
  for (const back of backs) {
    const { edge, side } = back;
    const far = side * 1e6; // how far is known only when the tracks are
    if (back.leaves === "gap" && edge.source.rank === level) add(back, back, edge.source.x, [far]);
    if (back.enters === "gap" && edge.target.rank - 1 === level) add(edge, edge, far, [edge.target.x]);
  }
  const mean = (xs) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
  const all = [...groups.values()].map(({ members, froms, ends }) => {
    const [from, xs] = [mean(froms), [...froms, ...ends]];
    return { members, from, left: Math.min(...xs), right: Math.max(...xs), turn: Math.sign(mean(ends) - from), track: 0 };
  });
  // Of those that lead to the right the rightmost turns first, of those to the left the leftmost: so they don't cross.
  all.sort((one, other) => one.turn - other.turn || (one.turn > 0 ? other.from - one.from : one.from - other.from));
  all.forEach((group, place) => {
    const over = all.slice(0, place).filter((other) => group.left <= other.right + 4 && other.left <= group.right + 4);
    group.track = over.length ? 1 + Math.max(...over.map((other) => other.track)) : 0;
  });
  const at = new Map(all.flatMap(({ members, track }) => members.map((member) => [member, track])));
  return { at, count: all.length ? 1 + Math.max(...all.map((group) => group.track)) : 0, top: 0 };
}

const trackY = (gap, key) => gap.top + TOP + gap.at.get(key) * TRACK;

function down(edge, gaps) {
  const stops = [edge.source, ...edge.chain, edge.target];
  const points = [[edge.source.x, edge.source.y + edge.source.height / 2]];
  for (let place = 1; place < stops.length; place += 1) {
    const [from, to] = [stops[place - 1], stops[place]];
    if (from.x !== to.x) {
      const y = trackY(gaps[from.rank + 1], from);
      points.push([from.x, y], [to.x, y]);
    }
    if (to.knee) points.push([to.x, to.y]);
  }
  points.push([edge.target.x, edge.target.y - edge.target.height / 2]);
  const own = edge.chain.find((knee) => knee.own);
  const label = edge.label ? { ...edge.label, x: own.x, y: own.y } : null;
  return { line: edge.line, points, label, insert: insertAt(edge, own), back: false };
}

// The button that puts a component into the line stands where no other line runs.
function insertAt({ source, target, chain, label }, own) {
  if (label) return [own.x, own.y + own.height / 2 + 10];
  if (chain.length) return [chain[0].x, chain[0].y];
  if (source.x === target.x && source.outputs.length === 1 && target.inputs.length === 1) {
    return [target.x, (source.y + source.height / 2 + target.y - target.height / 2) / 2 - 2];
  }
  if (target.inputs.filter((edge) => !edge.back).length === 1) return [target.x, target.y - target.height / 2 - 20];
  return [source.x, source.y + source.height / 2 + 12];
}

// Which side a line back runs at, and whether it leaves and enters a node at that side or through the gap beside it.
function backWay(edge, layers) {
  const { source, target } = edge;
  const outermost = (node, side) => (side > 0 ? layers[node.rank].at(-1) : layers[node.rank][0]) === node;
  const free = (side) => outermost(source, side) + outermost(target, side);
  const side = free(-1) > free(1) ? -1 : 1;
  const own = source === target;
  return {
    edge,
    side,
    leaves: outermost(source, side) ? "side" : "gap",
    enters: outermost(target, side) && !own ? "side" : "gap",
    x: 0,
  };
}

// The x of each line's way up: outside of all it passes, shorter ones inside longer ones.
function channels(backs, layers) {
  const placed = [];
  const length = ({ edge }) => edge.source.rank - edge.target.rank;
  for (const back of [...backs].sort((one, other) => length(one) - length(other) || one.edge.line - other.edge.line)) {
    const { edge, side } = back;
    const [first, last] = [Math.max(0, edge.target.rank - 1), Math.min(layers.length - 1, edge.source.rank + 1)];
    const passed = layers.slice(first, last + 1).flat().map((item) => side * item.x + item.width / 2);
    const half = edge.label ? edge.label.width / 2 : 0;
    const inner = placed.filter((other) => other.side === side && first <= other.last && other.first <= last).map((other) => other.reach);
    const x = Math.max(...passed, ...inner) + SIDE + Math.max(0, half - 8);
    placed.push({ side, first, last, reach: x + half });
    back.x = side * x;
  }
}

function up(back, gaps) {
  const { edge, side, leaves, enters, x } = back;
  const { source, target } = edge;
  const points = [];
  if (leaves === "side") points.push([source.x + (side * source.width) / 2, source.y + 9], [x, source.y + 9]);
  else {
    const y = trackY(gaps[source.rank + 1], back);
    points.push([source.x, source.y + source.height / 2], [source.x, y], [x, y]);
  }
  if (enters === "side") points.push([x, target.y - 9], [target.x + (side * target.width) / 2, target.y - 9]);
  else {
    const y = trackY(gaps[target.rank], edge);
    points.push([x, y], [target.x, y], [target.x, target.y - target.height / 2]);
  }
  const rise = points.findIndex(([at]) => at === x);
  const middle = (points[rise][1] + points[rise + 1][1]) / 2;
  const label = edge.label ? { ...edge.label, x, y: middle } : null;
  return { line: edge.line, points, label, insert: [x, label ? middle - 22 : middle], back: true };
}

// All moved so that the leftmost stands at the edge.
function framed({ nodes }, lines, height) {
  const xs = [...nodes.values()].flatMap((node) => [node.x - node.width / 2, node.x + node.width / 2]);
  for (const { points, label } of lines) {
    xs.push(...points.map(([x]) => x));
    if (label) xs.push(label.x - label.width / 2, label.x + label.width / 2);
  }
  const [left, right] = xs.length ? [Math.min(...xs), Math.max(...xs)] : [0, 0];
  const shift = PAD - left;
  const boxes = new Map();
  for (const [id, { x, y, width, height: high }] of nodes) boxes.set(id, { x: x + shift - width / 2, y: y - high / 2, width, height: high });
  for (const line of lines) {
    line.points = line.points.map(([x, y]) => [x + shift, y]);
    line.insert = [line.insert[0] + shift, line.insert[1]];
    if (line.label) line.label.x += shift;
  }
  return { width: right - left + 2 * PAD, height, nodes: boxes, lines };
}
