// Moving a component with the mouse: from where it stands into another line. By touch the diagram scrolls instead.
import { lineNear, marker } from "./near.js";
import { s } from "./shapes.js";

const FAR = 6;

// `may(id)`: whether a component can be moved; `done(id, line)` is called where it is let go near a line.
export function movesNodes(svg, may, done) {
  const mark = marker(svg);
  let id = null;
  let from = null;
  let ghost = null;
  let line = null;

  const move = (event) => {
    if (!ghost && Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) < FAR) return;
    const matrix = svg.getScreenCTM().inverse();
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    if (!ghost) svg.append((ghost = s("rect", { class: "fl-ghost", width: 188, height: 54, rx: 9 })));
    ghost.setAttribute("transform", `translate(${at.x - 94} ${at.y - 27})`);
    line = lineNear(svg, event);
    mark(line === null ? null : { line });
  };
  const stop = () => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", up);
    document.removeEventListener("pointercancel", stop);
    ghost?.remove();
    ghost = null;
    mark(null);
  };
  const up = () => {
    const moved = Boolean(ghost);
    stop();
    if (!moved) return;
    // The click that follows is none.
    const swallow = (event) => event.stopPropagation();
    document.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", swallow, { capture: true }));
    if (line !== null) done(id, line);
  };
  svg.addEventListener("pointerdown", (event) => {
    const node = event.target.closest("[data-component]");
    if (!node || event.button || event.pointerType === "touch" || !may(node.dataset.component)) return;
    [id, from, line] = [node.dataset.component, event, null];
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", up);
    document.addEventListener("pointercancel", stop);
  });
}
