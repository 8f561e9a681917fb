// Elements of SVG, the shape of each type of component, and texts cut to a width.
const SPACE = "http://www.w3.org/2000/svg";

export const ICONS = {
  start: "play_arrow",
  human_input: "person_edit",
  condition: "alt_route",
  parallel: "call_split",
  collection: "call_merge",
  set_field: "edit_note",
  call_flow: "output",
  end: "flag",
};

export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// The outline, and what makes the type known without its colour: bars where lines part and meet, sides of a call.
export function shape(type, { width, height }) {
  const box = (radius) => s("rect", { class: "fl-shape", width, height, rx: radius });
  const bar = (y) => s("rect", { class: "fl-bar", x: 0, y, width, height: 5, rx: 2 });
  const side = (x) => s("rect", { class: "fl-bar", x, y: 5, width: 2, height: height - 10 });
  switch (type) {
    case "start":
    case "end":
      return [box(height / 2)];
    case "condition": {
      const tip = 16;
      const corners = [[tip, 0], [width - tip, 0], [width, height / 2], [width - tip, height], [tip, height], [0, height / 2]];
      return [s("polygon", { class: "fl-shape", points: corners.map((corner) => corner.join(",")).join(" ") })];
    }
    case "parallel":
      return [box(4), bar(height - 5)];
    case "collection":
      return [box(4), bar(0)];
    case "call_flow":
      return [box(4), side(5), side(width - 7)];
    default:
      return [box(9)];
  }
}

let measure = null;

export function textWidth(text, size = 13) {
  measure ??= document.createElement("canvas").getContext("2d");
  measure.font = `500 ${size}px ${getComputedStyle(document.body).fontFamily}`;
  return measure.measureText(text).width;
}

export function cut(text, width, size = 13) {
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  let [least, most] = [0, letters.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (textWidth(`${letters.slice(0, middle).join("")}…`, size) <= width) least = middle;
    else most = middle - 1;
  }
  return `${letters.slice(0, least).join("")}…`;
}

// A way along the points, its corners rounded.
export function way(points, radius = 8) {
  const kept = points.filter(([x, y], place) => {
    const [before, after] = [points[place - 1], points[place + 1]];
    if (!before || !after) return true;
    return !(before[0] === x && x === after[0]) && !(before[1] === y && y === after[1]);
  });
  const parts = [`M${kept[0].join(" ")}`];
  for (let place = 1; place < kept.length; place += 1) {
    const [before, at, after] = [kept[place - 1], kept[place], kept[place + 1]];
    if (!after) {
      parts.push(`L${at.join(" ")}`);
      continue;
    }
    const near = (other) => {
      const length = Math.hypot(other[0] - at[0], other[1] - at[1]) || 1;
      const share = Math.min(radius, length / 2) / length;
      return [at[0] + (other[0] - at[0]) * share, at[1] + (other[1] - at[1]) * share];
    };
    parts.push(`L${near(before).join(" ")}`, `Q${at.join(" ")} ${near(after).join(" ")}`);
  }
  return parts.join("");
}
