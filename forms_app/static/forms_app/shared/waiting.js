// While the server is asked, the page waits: nothing in it takes a click or a letter, and the keys of the whole page
// (undo, delete, save) do nothing. What was done meanwhile would be lost when the answer is drawn.
const OURS = ["s", "y", "z"];

function still(event) {
  event.stopImmediatePropagation();
  // Else the browser would save the page itself, or take back what was typed.
  if ((event.ctrlKey || event.metaKey) && OURS.includes(event.key.toLowerCase())) event.preventDefault();
}

// Waits for what `ask()` promises, and gives it. What is being typed is told first, what is being dragged is let go; the
// text box that had the focus has it again.
export async function waiting(page, ask) {
  const held = page.contains(document.activeElement) ? document.activeElement : null;
  held?.blur();
  document.dispatchEvent(new PointerEvent("pointercancel"));
  page.inert = true;
  window.addEventListener("keydown", still, true);
  try {
    return await ask();
  } finally {
    window.removeEventListener("keydown", still, true);
    page.inert = false;
    if (held?.matches("input, textarea, select")) held.focus({ preventScroll: true });
  }
}
