// Drawing a line with the pointer: from a component's "+" to another component.
import { s } from "./shapes.js";

const FAR = 6;

// `may(source, target)` says where a line may lead; `done(source, target)` is called where it is let go.
export function drawsLines(svg, may, done) {
  let source = null;
  let from = null;
  let line = null;
  let over = null;

  const place = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  const under = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-component]");
  const mark = (node) => {
    over?.classList.remove("fl-target");
    over = node;
    over?.classList.add("fl-target");
  };
  const move = (event) => {
    if (!line && Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) < FAR) return;
    if (!line) svg.append((line = s("path", { class: "fl-drawing" })));
    const [start, end] = [place(from), place(event)];
    line.setAttribute("d", `M${start.x} ${start.y}L${end.x} ${end.y}`);
    const node = under(event);
    mark(node && svg.contains(node) && may(source, node.dataset.component) ? node : null);
  };
  const stop = () => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", up);
    document.removeEventListener("pointercancel", stop);
    line?.remove();
    line = null;
    mark(null);
  };
  const up = () => {
    const drawn = Boolean(line);
    const target = over?.dataset.component;
    stop();
    if (!drawn) return;
    // The click that follows is none.
    const swallow = (event) => event.stopPropagation();
    document.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", swallow, { capture: true }));
    if (target) done(source, target);
  };
  svg.addEventListener("pointerdown", (event) => {
    const port = event.target.closest("[data-port]");
    if (!port || event.button) return;
    source = port.dataset.port;
    from = event;
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", up);
    document.addEventListener("pointercancel", stop);
  });
}
