// On a phone the palette and the panel are sheets over the page; at its foot are the buttons to add and to save.
import { t } from "./page.js";
import { h, icon, iconButton } from "./dom.js";

const phone = window.matchMedia("(max-width: 700px)");

// `add`: the text of the button that opens the palette; `save()` saves; `deselect()` is told that the panel was closed.
// Answers `follow(selected)`, called after each drawing: the panel opens with what is selected.
export function sheets(page, { add, save, deselect }) {
  let last = null;
  let back = null;

  const show = (name) => {
    if (name) page.dataset.sheet = name;
    else delete page.dataset.sheet;
  };
  const close = () => {
    const { sheet } = page.dataset;
    show(null);
    if (sheet === "panel") deselect();
    back?.focus();
    back = null;
  };
  const opener = h("button", { type: "button", class: "fd-button", "data-do": "open-palette", onclick: () => {
    back = opener;
    show("palette");
    page.querySelector(".fd-palette button")?.focus();
  } }, icon("add"), add);
  const saver = h("button", { type: "button", class: "fd-button fd-primary", "data-do": "save", onclick: save }, t("save"));
  page.append(iconButton("close", t("close"), close, { class: "fd-icon fd-close" }), h("div", { class: "fd-foot" }, opener, saver));
  page.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && page.dataset.sheet && phone.matches) close();
  });

  return function follow(selected) {
    if (selected === last) return;
    last = selected;
    if (selected) show("panel");
    else if (page.dataset.sheet === "panel") show(null);
  };
}
