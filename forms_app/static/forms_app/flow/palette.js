// The types of components on the left: a click puts one behind the selected component, a drag into a line or behind
// another component.
import { data, t } from "./state.js";
import { h, icon } from "../shared/dom.js";
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

// `drop(type, {line} | {component})`.
export function dropsInto(svg, drop) {
  let marked = null;
  const mark = (element) => {
    marked?.classList.remove("fl-drop");
    marked = element;
    marked?.classList.add("fl-drop");
  };
  const under = (event) => event.target.closest("[data-line], [data-insert], [data-component]");
  svg.addEventListener("dragover", (event) => {
    const element = dragged && under(event);
    mark(element);
    if (element) event.preventDefault();
  });
  svg.addEventListener("dragleave", () => mark(null));
  svg.addEventListener("drop", (event) => {
    const element = dragged && under(event);
    mark(null);
    if (!element) return;
    event.preventDefault();
    const { line, insert, component } = element.dataset;
    drop(dragged, component ? { component } : { line: Number(line ?? insert) });
  });
}
