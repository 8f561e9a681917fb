// Controls to choose in: options, people, departments, records.
import { h } from "../shared/dom.js";
import { among, asker, picker } from "./picker.js";

const FEW = 12;
const json = (items) => (items.length ? JSON.stringify(items) : "");

// One option out of many; posts its token.
export function choice(entry) {
  const { options } = entry.data;
  const held = options.filter((option) => option.value === entry.text);
  picker(entry, { chosen: held, multiple: false, search: among(options), changed: ([option]) => entry.write(option?.value ?? "") });
}

// Several options: boxes to tick, or a search where there are many. A disabled one that is chosen may stay.
export function choices(entry) {
  const { options } = entry.data;
  const first = entry.read() ?? [];
  let tokens = [...first];
  if (options.length > FEW) {
    const held = first.map((token) => options.find((option) => option.value === token) ?? { value: token, label: token });
    const changed = (chosen) => entry.write(json(chosen.map((option) => option.value)));
    picker(entry, { chosen: held, multiple: true, search: among(options), changed });
    return;
  }
  const tick = (token, checked) => {
    tokens = tokens.filter((other) => other !== token);
    if (checked) tokens.push(token);
    entry.write(json(tokens));
  };
  const boxes = options
    .filter((option) => option.enabled || first.includes(option.value))
    .map(({ value, label }) =>
      h("label", { class: "fe-check" }, h("input", { type: "checkbox", checked: first.includes(value), onchange: (event) => tick(value, event.target.checked) }), label),
    );
  entry.holder.append(h("div", { class: "fe-checks" }, ...boxes));
}

// People and departments alike: lists of objects with an id under `key`, and today's name.
function named(entry, key) {
  const chosen = (entry.read() ?? []).map((item) => ({ value: item[key], label: item.name ?? `#${item[key]}` }));
  const ask = asker(entry.data);
  picker(entry, {
    chosen,
    multiple: entry.data.multiple,
    search: (q) => ask({ q }),
    changed: (items) => entry.write(json(items.map((item) => ({ [key]: item.value, name: item.label })))),
  });
}

export const people = (entry) => named(entry, "uid");
export const departments = (entry) => named(entry, "did");

export function relatedRecord(entry) {
  const held = entry.read();
  const ask = asker(entry.data);
  picker(entry, {
    chosen: held ? [{ value: held.value, label: held.label ?? `#${held.value}` }] : [],
    multiple: false,
    search: (q) => ask({ q }),
    changed: ([item]) => entry.write(item ? JSON.stringify({ value: item.value, label: item.label }) : ""),
  });
}
