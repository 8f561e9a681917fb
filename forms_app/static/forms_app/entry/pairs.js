// Two inputs that are one value.
import { h } from "../shared/dom.js";

// A start and an end; posts [start, end].
export function span(entry) {
  const held = entry.read() ?? [];
  const ends = ["start", "end"].map((name, place) =>
    h("input", { type: "datetime-local", step: "any", value: held[place] ?? "", "aria-label": entry.texts[name], title: entry.texts[name], oninput: keep }),
  );
  function keep() {
    const values = ends.map((input) => input.value);
    entry.write(values.some(Boolean) ? JSON.stringify(values) : "");
  }
  entry.holder.append(h("div", { class: "fe-inline fe-pair" }, ends[0], h("span", { class: "fe-unit" }, "–"), ends[1]));
}

// A latitude and a longitude; posts them as texts, so that no digit is lost.
export function point(entry) {
  const held = entry.read() ?? {};
  const inputs = Object.entries(entry.data.limits).map(([name, limit]) => {
    const input = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", value: held[name] ?? "", placeholder: `−${limit} … ${limit}`, oninput: keep });
    return [name, input, h("label", { class: "fe-part" }, h("small", {}, entry.texts[name]), input)];
  });
  function keep() {
    const values = inputs.map(([name, input]) => [name, input.value.trim()]).filter(([, value]) => value);
    entry.write(values.length ? JSON.stringify(Object.fromEntries(values)) : "");
  }
  entry.holder.append(h("div", { class: "fe-inline fe-pair" }, ...inputs.map(([, , part]) => part)));
}
