// Which line of a diagram is near the pointer, and marking where something would be dropped.
const NEAR = 44; // pixels
const STEP = 12;

// The place of the nearest line in the definition; null where none is near.
export function lineNear(svg, { clientX, clientY }) {
  const matrix = svg.getScreenCTM();
  if (!matrix) return null;
  const at = new DOMPoint(clientX, clientY).matrixTransform(matrix.inverse());
  let [least, found] = [NEAR, null];
  for (const group of svg.querySelectorAll("[data-line]")) {
    const path = group.querySelector(".fl-way");
    const length = path.getTotalLength();
    for (let way = 0; way <= length; way += STEP) {
      const point = path.getPointAtLength(way);
      const distance = Math.hypot(point.x - at.x, point.y - at.y);
      if (distance < least) [least, found] = [distance, Number(group.dataset.line)];
    }
  }
  return found;
}

// Marks {line} or {component}, and takes the mark from what had it.
export function marker(svg) {
  let marked = null;
  return (place) => {
    marked?.classList.remove("fl-drop");
    const wanted = place && (place.component ? `[data-component="${CSS.escape(place.component)}"]` : `[data-line="${place.line}"]`);
    marked = wanted ? svg.querySelector(wanted) : null;
    marked?.classList.add("fl-drop");
  };
}
