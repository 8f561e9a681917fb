// JSON as text: numbers are never turned into JavaScript's, which lose digits.

const TOKEN = /\s*(?:("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|([{}[\],:]))/y;
const WIDTH = 64;

/** The value that `text` spells, as nodes: {kind: "object", members: [[key, node]]}, {kind: "array", items},
 * {kind: "string" | "number" | "word", text}. Throws SyntaxError. */
export function parse(text) {
  let place = 0;
  let token = next();

  function next() {
    TOKEN.lastIndex = place;
    const match = TOKEN.exec(text);
    if (!match) {
      if (text.slice(place).trim() === "") return { kind: "end", text: "" };
      throw new SyntaxError(where(place + text.slice(place).search(/\S/)));
    }
    const found = { at: TOKEN.lastIndex - match[0].trimStart().length };
    place = TOKEN.lastIndex;
    if (match[1] !== undefined) return { ...found, kind: "string", text: match[1] };
    if (match[2] !== undefined) return { ...found, kind: "number", text: match[2] };
    if (match[3] !== undefined) return { ...found, kind: "word", text: match[3] };
    return { ...found, kind: match[4], text: match[4] };
  }

  function where(at) {
    const before = text.slice(0, at).split("\n");
    return `${before.length}:${before.at(-1).length + 1}`;
  }

  function take(kind) {
    if (token.kind !== kind) throw new SyntaxError(where(token.at ?? text.length));
    const taken = token;
    token = next();
    return taken;
  }

  function list(close, item) {
    const found = [];
    token = next();
    while (token.kind !== close) {
      found.push(item());
      if (token.kind !== close) {
        take(",");
        if (token.kind === close) take("value");
      }
    }
    token = next();
    return found;
  }

  function value() {
    if (token.kind === "{") {
      const members = list("}", () => {
        const key = take("string").text;
        take(":");
        return [key, value()];
      });
      return { kind: "object", members };
    }
    if (token.kind === "[") return { kind: "array", items: list("]", value) };
    if (["string", "number", "word"].includes(token.kind)) return take(token.kind);
    return take("value");
  }

  const found = value();
  take("end");
  return found;
}

/** A node as one line. */
export function compact(node) {
  if (node.kind === "object") return `{${node.members.map(([key, item]) => `${key}: ${compact(item)}`).join(", ")}}`;
  if (node.kind === "array") return `[${node.items.map(compact).join(", ")}]`;
  return node.text;
}

function scalar(node) {
  return node.kind !== "object" && node.kind !== "array";
}

/** A node as coloured lines: a list of text and elements. Short lists and objects stay on one line. */
export function laidOut(node, depth = 0) {
  if (scalar(node)) return [coloured(node.kind, node.text)];
  const object = node.kind === "object";
  const [open, close] = object ? "{}" : "[]";
  const entries = object ? node.members : node.items.map((item) => [null, item]);
  const label = (key) => (key === null ? [] : [coloured("key", key), ": "]);
  const pad = "\n" + "  ".repeat(depth + 1);
  const out = [open];
  if (entries.every(([, item]) => scalar(item))) {
    // Lines are filled; an object that does not fit has a line for each member.
    const whole = compact(node).length + 2 * depth <= WIDTH;
    let width = WIDTH + 1;
    entries.forEach(([key, item], index) => {
      const size = (key?.length ?? -2) + item.text.length + 4;
      const breaks = !whole && (object || width + size > WIDTH);
      width = breaks ? 2 * depth + size : width + size;
      out.push(breaks ? pad : index ? " " : "", ...label(key), coloured(item.kind, item.text));
      if (index < entries.length - 1) out.push(",");
    });
    out.push(whole ? "" : "\n" + "  ".repeat(depth), close);
    return out;
  }
  entries.forEach(([key, item], index) => {
    out.push(pad, ...label(key), ...laidOut(item, depth + 1), index < entries.length - 1 ? "," : "");
  });
  out.push("\n" + "  ".repeat(depth), close);
  return out;
}

/** The same as text. */
export function linesOf(node) {
  return laidOut(node).map((part) => part.textContent ?? part).join("");
}

function coloured(kind, text) {
  const element = document.createElement("span");
  element.className = kind;
  element.textContent = text;
  return element;
}

const AS_JSON = ["filters", "sort", "only_field_names"];

/** The members of an object as a query string: texts bare, lists of the three parameters that may be JSON as JSON,
 * other lists and objects in brackets. */
export function queryString(node) {
  const pairs = [];
  const put = (name, item) => {
    if (item.kind === "object") item.members.forEach(([key, inner]) => put(`${name}[${JSON.parse(key)}]`, inner));
    else if (item.kind === "array") item.items.forEach((inner, index) => put(`${name}[${index}]`, inner));
    else if (item.text !== "null") pairs.push([name, item.kind === "string" ? JSON.parse(item.text) : item.text]);
  };
  for (const [key, item] of node.members) {
    const name = JSON.parse(key);
    if (AS_JSON.includes(name) && !scalar(item)) pairs.push([name, compact(item)]);
    else put(name, item);
  }
  return pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
}
