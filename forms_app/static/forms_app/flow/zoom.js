// A frame around a diagram: it scrolls, and its buttons zoom. `words`: {closer, farther, fit, diagram}.
import { iconButton, h } from "../shared/dom.js";

const STEP = 1.2;
const [LEAST, MOST] = [0.25, 2];
const READABLE = 0.65; // smaller than that it scrolls, until somebody wants to see the whole

// Answers {svg, fit, fresh}: `fresh` after each draw keeps the zoom, `fit` shows the whole.
export function frame(element, words) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const scroll = h("div", { class: "fl-scroll", tabindex: 0, role: "group", "aria-label": words.diagram }, svg);
  let zoom = null; // null: as wide as fits
  let begun = false;

  const size = () => [Number(svg.dataset.width), Number(svg.dataset.height)];
  const fitting = () => {
    const [width, height] = size();
    return Math.max(LEAST, Math.min(1, (scroll.clientWidth - 4) / width, (scroll.clientHeight - 4) / height));
  };
  const fresh = () => {
    const [width, height] = size();
    const shown = zoom ?? Math.max(READABLE, Math.min(1, (scroll.clientWidth - 4) / width));
    svg.setAttribute("width", Math.floor(width * shown));
    svg.setAttribute("height", Math.floor(height * shown));
    if (zoom === null && !begun) toStart();
  };
  const toStart = () => {
    const start = svg.querySelector(".fl-start")?.getBoundingClientRect();
    if (!start?.width) return;
    begun = true;
    scroll.scrollLeft += (start.left + start.right) / 2 - scroll.getBoundingClientRect().left - scroll.clientWidth / 2;
  };
  const set = (value) => {
    zoom = value;
    fresh();
  };
  const by = (factor) => set(Math.min(MOST, Math.max(LEAST, (svg.clientWidth / size()[0]) * factor)));
  const fit = () => set(fitting());
  scroll.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    by(event.deltaY < 0 ? STEP : 1 / STEP);
  }, { passive: false });
  new ResizeObserver(() => zoom === null && svg.dataset.width && fresh()).observe(scroll);
  const tools = h("div", { class: "fl-zoom" }, iconButton("zoom_out", words.farther, () => by(1 / STEP)), iconButton("fit_screen", words.fit, fit), iconButton("zoom_in", words.closer, () => by(STEP)));
  element.classList.add("fl-frame");
  element.replaceChildren(scroll, tools);
  return { svg, fit, fresh };
}
