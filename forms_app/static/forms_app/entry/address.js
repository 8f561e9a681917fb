// An address: a select for each level of regions, asked for below the one above, and the rest as text.
import { h } from "../shared/dom.js";
import { asker } from "./picker.js";

export function address(entry) {
  const { levels, detail } = entry.data;
  const { texts } = entry;
  const ask = asker(entry.data);
  const value = { ...(entry.read() ?? {}) };
  const selects = levels.map((level, place) => h("select", { "aria-label": texts[level], title: texts[level], onchange: (event) => choose(place, event.target.value) }));
  const rest = h("input", {
    type: "text",
    autocomplete: "off",
    value: value[detail] ?? "",
    placeholder: texts[detail],
    "aria-label": texts[detail],
    oninput: (event) => {
      value[detail] = event.target.value;
      keep();
    },
  });

  function keep() {
    const given = Object.entries(value).filter(([, item]) => item);
    entry.write(given.length ? JSON.stringify(Object.fromEntries(given)) : "");
  }

  function choose(place, region) {
    value[levels[place]] = region;
    levels.slice(place + 1).forEach((level) => delete value[level]);
    keep();
    draw(place + 1);
  }

  // The levels from `place` on. What another system's ids name is unknown here, and stays as it is.
  async function draw(place) {
    if (place >= levels.length) return;
    const select = selects[place];
    const parent = place ? (value[levels[place - 1]] ?? "") : "";
    const held = value[levels[place]] ?? "";
    fill(select, place, held ? [{ value: held, label: `#${held}` }] : [], held);
    draw(place + 1);
    if (place && !parent) return;
    const { results } = await ask({ parent }).catch(() => ({ results: [] }));
    if ((place ? (value[levels[place - 1]] ?? "") : "") !== parent) return; // another was chosen meanwhile
    const known = !held || results.some((region) => region.value === held);
    fill(select, place, known ? results : [{ value: held, label: `#${held}` }, ...results], value[levels[place]] ?? "");
  }

  function fill(select, place, regions, held) {
    select.replaceChildren(h("option", { value: "" }, texts[levels[place]]), ...regions.map((region) => h("option", { value: region.value, selected: region.value === held }, region.label)));
    select.disabled = !regions.length;
  }

  const parts = [h("div", { class: "fe-inline fe-levels" }, ...selects)];
  if (!entry.data.compares) parts.push(rest); // places are found by their regions
  entry.holder.append(...parts);
  draw(0);
}
