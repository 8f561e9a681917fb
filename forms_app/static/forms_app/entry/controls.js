// Draws the controls that are more than an input. Each reads its value from a hidden input, and writes it there as the
// text that is posted.
import { address } from "./address.js";
import { cascade } from "./cascade.js";
import { choice, choices, departments, people, relatedRecord } from "./chosen.js";
import { point, span } from "./pairs.js";

const CONTROLS = { address, cascade, choice, choices, departments, people, point, related_record: relatedRecord, span };

function entryOf(holder) {
  const input = holder.querySelector("input[type=hidden]");
  return {
    holder,
    data: JSON.parse(holder.querySelector("script").textContent),
    texts: holder.closest("[data-entry-texts]").dataset,
    label: holder.getAttribute("aria-labelledby"),
    name: input.name,
    text: input.value,
    read() {
      try {
        return JSON.parse(input.value);
      } catch {
        return null; // empty, or what the server refused
      }
    },
    write(text) {
      input.value = text;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    },
  };
}

export function drawControls(root) {
  for (const holder of root.querySelectorAll("[data-control]")) {
    const entry = entryOf(holder);
    CONTROLS[holder.dataset.control]?.(entry);
    const first = holder.querySelector("input:not([type=hidden], [type=checkbox]), select");
    if (first) first.id = `id-${entry.name}`; // a click on the label leads there
  }
}
