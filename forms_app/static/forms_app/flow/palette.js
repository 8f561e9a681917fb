// The types of components on the left: a click puts one behind the selected component, a drag into a line or behind
// another component.
import { data, t } from "./state.js";
import { h, icon } from "../shared/dom.js";
import { lineNear, marker } from "./near.js";
import { ICONS } from "./shapes.js";
import { TYPES } from "./menu.js";

let dragged = null;

export function drawPalette(slot, add) {
  slot.replaceChildren(
    h("h3", {}, t("components")),
    h(
      "div",
      { class: "fl-types" },
      TYPES.map((type) =>
        h(
          "button",
          {
            type: "button",
            class: `fd-type fl-${type}`,
            "data-type": type,
            title: data.words.hints[type],
            draggable: true,
            onclick: () => add(type),
            ondragstart: (event) => {
              dragged = type;
              event.dataTransfer.effectAllowed = "copy";
              event.dataTransfer.setData("text/plain", data.words.types[type]);
            },
            ondragend: () => (dragged = null),
          },
          icon(ICONS[type]),
          h("span", {}, data.words.types[type]),
        ),
      ),
    ),
    h("p", { class: "fd-hint" }, t("palette_hint")),
  );
}

// What is dropped on a component goes behind it, on a line or near one between the two. `area` is what the diagram stands in.
export function dropsInto(svg, area, drop) {
  const mark = marker(svg);
  const under = (event) => {
    const hit = event.target.closest("[data-line], [data-insert], [data-component]");
    if (hit?.dataset.component) return { component: hit.dataset.component };
    const line = hit ? Number(hit.dataset.line ?? hit.dataset.insert) : lineNear(svg, event);
    return line === null ? null : { line };
  };
  area.addEventListener("dragover", (event) => {
    const place = dragged && under(event);
    mark(place);
    if (place) event.preventDefault();
  });
  area.addEventListener("dragleave", () => mark(null));
  area.addEventListener("drop", (event) => {
    const place = dragged && under(event);
    mark(null);
    if (!place) return;
    event.preventDefault();
    drop(dragged, place);
  });
}
