// A frame around a diagram: it scrolls, and its buttons zoom. `words`: {closer, farther, fit}.
import { iconButton, h } from "../designer/dom.js";

const STEP = 1.2;
const [LEAST, MOST] = [0.25, 2];

// Answers {svg, fit, fresh}: `fresh` after each draw keeps the zoom, `fit` shows the whole.
export function frame(element, words) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const scroll = h("div", { class: "fl-scroll" }, svg);
  let zoom = null; // null: as much as fits

  const size = () => [Number(svg.dataset.width), Number(svg.dataset.height)];
  const fitting = () => {
    const [width, height] = size();
    return Math.max(LEAST, Math.min(1, (scroll.clientWidth - 4) / width, (scroll.clientHeight - 4) / height));
  };
  const fresh = () => {
    const [width, height] = size();
    // Never so small at first that nothing can be read: then it scrolls.
    const shown = zoom ?? Math.max(fitting(), 0.7);
    svg.setAttribute("width", Math.floor(width * shown));
    svg.setAttribute("height", Math.floor(height * shown));
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
