// The items' x after Brandes and Köpf: four ways to stack items right above each other, and the middle of the four.
// Lines through several layers come out straight, parents stand over the middle of their children.
const BETWEEN = 36;

export function placeColumns(layers) {
  const crossed = conflicts(layers);
  const ways = [];
  for (const upwards of [false, true]) {
    for (const mirrored of [false, true]) ways.push(placed(layers, crossed, upwards, mirrored));
  }
  matched(ways);
  for (const item of layers.flat()) {
    const four = ways.map(({ at }) => at.get(item)).sort((one, other) => one - other);
    item.x = Math.round((four[1] + four[2]) / 2 + 1e-6);
  }
}

function distance(left, right) {
  const between = left.knee && right.knee ? 20 : left.knee || right.knee ? 24 : BETWEEN;
  return (left.width + right.width) / 2 + between;
}

// Pairs that must not be stacked: they would cross a longer line, which has the right to be straight.
function conflicts(layers) {
  const found = new Map();
  for (const layer of layers) {
    const pairs = layer.flatMap((item) => item.below.map((below) => [item, below]));
    const long = pairs.filter(([above, below]) => above.knee && below.knee);
    for (const [above, below] of pairs) {
      if (above.knee && below.knee) continue;
      if (long.some(([one, other]) => (one.place - above.place) * (other.place - below.place) < 0)) {
        found.set(below, [...(found.get(below) ?? []), above]);
      }
    }
  }
  return (one, other) => Boolean(found.get(one)?.includes(other) || found.get(other)?.includes(one));
}

// One of the four ways: item → x, and from where to where.
function placed(layers, crossed, upwards, mirrored) {
  const turned = (upwards ? [...layers].reverse() : layers).map((layer) => (mirrored ? [...layer].reverse() : layer));
  const place = (item) => (mirrored ? -item.place : item.place);
  const root = stacked(turned, place, upwards ? "below" : "above", crossed);
  const at = compacted(turned, root);
  if (mirrored) for (const [item, x] of at) at.set(item, -x);
  const xs = [...at.values()];
  return { at, mirrored, left: Math.min(...xs), right: Math.max(...xs) };
}

// Each item below its middle neighbour, where no other is already and nothing crosses: item → the top of its stack.
function stacked(layers, place, side, crossed) {
  const root = new Map(layers.flat().map((item) => [item, item]));
  const taken = new Set();
  for (const layer of layers) {
    let last = -Infinity;
    for (const item of layer) {
      const near = [...item[side]].sort((one, other) => place(one) - place(other));
      const middle = (near.length - 1) / 2;
      for (let n = Math.floor(middle); near.length && n <= Math.ceil(middle); n += 1) {
        const other = near[n];
        if (root.get(item) !== item || taken.has(other) || last >= place(other) || crossed(item, other)) continue;
        root.set(item, root.get(other));
        taken.add(other);
        last = place(other);
      }
    }
  }
  return root;
}

// All stacks as far to the left as they get, then each as near to its right neighbours as it can.
function compacted(layers, root) {
  const after = new Map();
  const before = new Map();
  for (const layer of layers) {
    for (let n = 1; n < layer.length; n += 1) {
      const [one, other] = [root.get(layer[n - 1]), root.get(layer[n])];
      const apart = distance(layer[n - 1], layer[n]);
      link(after, one, other, apart);
      link(before, other, one, apart);
    }
  }
  const x = new Map();
  const leftmost = (stack) => {
    if (!x.has(stack)) x.set(stack, Math.max(0, ...[...(before.get(stack) ?? [])].map(([other, apart]) => leftmost(other) + apart)));
    return x.get(stack);
  };
  const stacks = [...new Set(root.values())];
  stacks.forEach(leftmost);
  for (const stack of stacks.sort((one, other) => x.get(other) - x.get(one))) {
    const rightmost = Math.min(...[...(after.get(stack) ?? [])].map(([other, apart]) => x.get(other) - apart));
    if (rightmost < Infinity) x.set(stack, Math.max(x.get(stack), rightmost));
  }
  return new Map([...root].map(([item, stack]) => [item, x.get(stack)]));
}

function link(links, one, other, apart) {
  if (!links.has(one)) links.set(one, new Map());
  links.get(one).set(other, Math.max(apart, links.get(one).get(other) ?? 0));
}

// The four side by side: each with its left or right end where the narrowest has it.
function matched(ways) {
  const narrowest = ways.reduce((one, other) => (other.right - other.left < one.right - one.left ? other : one));
  for (const way of ways) {
    const shift = way.mirrored ? narrowest.right - way.right : narrowest.left - way.left;
    if (way !== narrowest) for (const [item, x] of way.at) way.at.set(item, x + shift);
  }
}
