// A flow's diagram: `draw` puts a definition into an SVG element. It only shows; what a click means, the page says.
import { LABEL, layout } from "./layout.js";
import { cut, ICONS, s, shape, textWidth, way } from "./shapes.js";

export { layout };

let diagrams = 0; // arrowheads have ids: each diagram of a page its own
export const MARKS = { waiting: "hourglass_top", stopped: "error", calling: "output", joining: "call_merge", done: "check" };

// options: selected (component id), faults (ids), marks ({id: {state, count}}), labels ({field name: label}),
// words ({types: {type: label}, default, insert, states: {state: label}}); onSelect(id), onInsert({line} | {component}, element):
// each makes the diagram answer to it;
// sentence(rule): the rule as people read it, if it can be told so. Answers the layout.
export function draw(svg, definition, options = {}) {
  const texts = (line) => labelOf(line, definition, options);
  const found = layout(definition, texts);
  const focused = svg.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  svg.setAttribute("viewBox", `0 0 ${found.width} ${found.height}`);
  svg.setAttribute("class", "fl-diagram");
  svg.setAttribute("role", "group");
  const own = (svg.dataset.own ??= String((diagrams += 1)));
  svg.dataset.width = found.width;
  svg.dataset.height = found.height;
  const components = new Map(definition.components.map((component) => [component.id, component]));
  const drawn = [...found.nodes].sort(([, one], [, other]) => one.y - other.y || one.x - other.x);
  svg.replaceChildren(
    arrowheads(own),
    s("g", {}, found.lines.map((line) => drawLine(line, definition, options, own))),
    s("g", {}, drawn.map(([id, box]) => [drawNode(components.get(id), box, options), port(components.get(id), box, options)])),
    s("g", {}, options.onInsert ? found.lines.map((line) => insertButton(line, definition.lines[line.line], components, options)) : []),
  );
  if (focused) svg.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  return found;
}

function labelOf(line, { components }, { labels = {}, words = {}, sentence = () => null }) {
  if (components.find((component) => component.id === line.source)?.type !== "condition") return null;
  const rule = (line.rule ?? "").replace(/\{\s*([^{}]*?)\s*\}/g, (whole, path) => labels[path] ?? (path in labels ? path : whole));
  const full = line.default ? words.default ?? "…" : (sentence(line.rule ?? "") ?? rule.trim()) || "?";
  const text = cut(full, LABEL.most - 20, 12);
  return { text, full, width: Math.max(36, Math.ceil(textWidth(text, 12)) + 20) };
}

function arrowheads(own) {
  const head = (id, name) =>
    s("marker", { id, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" },
      s("path", { class: name, d: "M0 1L9 5L0 9z" }));
  return s("defs", {}, head(`fl-arrow-${own}`, "fl-head"), head(`fl-arrow-${own}-on`, "fl-head fl-on"));
}

function drawLine({ line, points, label, back }, { lines }, { selected, onSelect }, own) {
  const { source, target, default: otherwise, rule } = lines[line];
  const on = selected && (selected === source || selected === target);
  const classes = ["fl-line", otherwise && "fl-default", back && "fl-back", on && "fl-on"].filter(Boolean).join(" ");
  const d = way(points);
  const wrong = label && !otherwise && !(rule ?? "").trim();
  return s(
    "g",
    { class: classes, "data-line": line, onclick: onSelect && (() => onSelect(source)) },
    s("path", { class: "fl-hit", d }),
    s("path", { class: "fl-way", d, "marker-end": `url(#fl-arrow-${own}${on ? "-on" : ""})` }),
    label &&
      s(
        "g",
        { class: wrong ? "fl-label fl-wrong" : "fl-label", transform: `translate(${label.x} ${label.y})` },
        s("title", {}, label.full),
        s("rect", { x: -label.width / 2, y: -LABEL.height / 2, width: label.width, height: LABEL.height, rx: LABEL.height / 2 }),
        s("text", { "text-anchor": "middle", y: 4 }, label.text),
      ),
  );
}

function drawNode(component, box, options) {
  const { id, type, name } = component;
  const { selected, faults = [], marks = {}, words = {}, onSelect } = options;
  const kind = words.types?.[type];
  const mark = marks[id];
  const wrong = new Set(faults).has(id);
  const state = mark && (words.states?.[mark.state] ?? mark.state);
  const spoken = [kind, name, state && (mark.count > 1 ? `${state} ${mark.count}` : state)].filter(Boolean).join(" · ");
  const classes = ["fl-node", `fl-${type}`, selected === id && "fl-selected", wrong && "fl-wrong", mark && `fl-mark-${mark.state}`];
  const picked = onSelect && {
    role: "button",
    tabindex: 0,
    "aria-pressed": String(selected === id),
    onclick: () => onSelect(id),
    onkeydown: (event) => {
      if (event.target !== event.currentTarget) return;
      if (event.key === "Enter" || event.key === " ") onSelect(id);
      else return;
      event.preventDefault();
    },
  };
  const inner = box.width - 62;
  return s(
    "g",
    { class: classes.filter(Boolean).join(" "), "data-component": id, "data-key": id, transform: `translate(${box.x} ${box.y})`, "aria-label": spoken, role: "img", ...picked },
    s("title", {}, spoken),
    shape(type, box),
    s("text", { class: "material-symbols-outlined fl-icon", x: 16, y: box.height / 2 + 10, "aria-hidden": "true" }, ICONS[type] ?? "help"),
    s("text", { class: "fl-name", x: 44, y: kind ? box.height / 2 - 2 : box.height / 2 + 5 }, cut(name || "—", inner)),
    kind && s("text", { class: "fl-kind", x: 44, y: box.height / 2 + 15 }, cut(kind, inner, 11)),
    mark && drawMark(mark, box),
    wrong && s("g", { class: "fl-fault-mark", transform: "translate(2 2)" }, s("circle", { r: 9 }), s("text", { "text-anchor": "middle", y: 4 }, "!")),
  );
}

function drawMark({ state, count }, { width }) {
  const several = count > 1 ? String(count) : "";
  const wide = several ? 32 + several.length * 7 : 24;
  return s(
    "g",
    { class: "fl-mark", transform: `translate(${width - wide + 8} -10)` },
    s("rect", { width: wide, height: 22, rx: 11 }),
    s("text", { class: "material-symbols-outlined", x: 4, y: 17, "aria-hidden": "true" }, MARKS[state] ?? "circle"),
    several && s("text", { class: "fl-count", x: 23, y: 15.5 }, several),
  );
}

function plus(radius) {
  return [s("circle", { r: radius }), s("path", { d: `M${-radius / 2} 0H${radius / 2}M0 ${-radius / 2}V${radius / 2}` })];
}

function button(attributes, at, label, action, ...children) {
  const act = (event) => {
    event.stopPropagation();
    action(event.currentTarget);
  };
  const key = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act(event);
  };
  return s("g", { ...attributes, role: "button", tabindex: 0, "aria-label": label, transform: `translate(${at.join(" ")})`, onclick: act, onkeydown: key }, s("title", {}, label), children);
}

function insertButton({ line, insert }, { source, target }, components, { onInsert, words = {} }) {
  const label = `${words.insert ?? "+"}: ${components.get(source)?.name} → ${components.get(target)?.name}`;
  return button({ class: "fl-insert", "data-insert": line, "data-key": `line ${line}` }, insert, label, (element) => onInsert({ line }, element), plus(8));
}

// Below a node, and its sibling: a control holds no other. A click adds what comes next, dragging draws a line (connect.js).
function port({ id, type, name }, { x, y, width, height }, { onInsert, words = {} }) {
  if (!onInsert || type === "end") return null;
  const label = `${name}: ${words.next ?? "+"}`;
  return button({ class: `fl-port fl-${type}`, "data-port": id, "data-key": `port ${id}` }, [x + width - 18, y + height], label, (element) => onInsert({ component: id }, element), plus(8));
}
