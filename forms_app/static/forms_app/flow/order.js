// The order within each layer: barycenters, swept down and up, keeping the order with the fewest crossings.
const SWEEPS = 8;

export function orderLayers(layers, visited) {
  seed(layers, visited);
  let best = copy(layers);
  let fewest = crossings(layers);
  for (let sweep = 0; sweep < SWEEPS && fewest; sweep += 1) {
    const down = sweep % 2 === 0;
    const run = down ? layers.slice(1) : layers.slice(0, -1).reverse();
    for (const layer of run) sortBy(layer, down ? "above" : "below");
    const count = crossings(layers);
    if (count < fewest) {
      fewest = count;
      best = copy(layers);
    }
  }
  best.forEach(number);
  return best;
}

const copy = (layers) => layers.map((layer) => [...layer]);

function number(layer) {
  layer.forEach((item, place) => (item.place = place));
}

// To begin with, each layer in the order in which its items hang on those above: lines from left to right as defined.
function seed(layers, visited) {
  const seen = new Map();
  const walk = (item) => {
    if (seen.has(item)) return;
    seen.set(item, seen.size);
    item.below.forEach(walk);
  };
  visited.forEach(walk);
  for (const layer of layers) {
    layer.sort((one, other) => seen.get(one) - seen.get(other));
    number(layer);
  }
}

function sortBy(layer, side) {
  const weight = new Map(
    layer.map((item) => {
      const places = item[side].map((other) => other.place);
      return [item, places.length ? places.reduce((sum, place) => sum + place, 0) / places.length : item.place];
    }),
  );
  layer.sort((one, other) => weight.get(one) - weight.get(other) || one.place - other.place);
  number(layer);
}

function crossings(layers) {
  layers.forEach(number);
  let count = 0;
  for (const layer of layers) {
    const pairs = layer.flatMap((item) => item.below.map((other) => [item.place, other.place]));
    for (let i = 0; i < pairs.length; i += 1) {
      for (let j = i + 1; j < pairs.length; j += 1) {
        if ((pairs[i][0] - pairs[j][0]) * (pairs[i][1] - pairs[j][1]) < 0) count += 1;
      }
    }
  }
  return count;
}
