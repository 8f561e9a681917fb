// Forms to fill in: draws the controls that are more than an input, and keeps what is typed from getting lost.
// A drawn control reads its value from a hidden input, and writes it there as the text that is posted.
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

function guard(form) {
  let dirty = form.dataset.dirty === "true";
  let sending = false;
  const touched = () => (dirty = true);
  form.addEventListener("input", touched);
  form.addEventListener("change", (event) => {
    touched();
    // The admin's own script would write the file's name into the first text nearby.
    if (event.target.type === "file") event.stopPropagation();
  }, true);
  form.addEventListener("submit", (event) => {
    // Half a date posts as an empty one, and would clear the field.
    const half = [...form.elements].find((element) => element.validity?.badInput);
    if (half) half.reportValidity();
    if (half || sending) return event.preventDefault();
    sending = true;
  });
  window.addEventListener("pageshow", () => (sending = false)); // back again by the browser's button
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !sending) event.preventDefault();
  });
}

for (const holder of document.querySelectorAll("[data-entry] [data-control]")) {
  const entry = entryOf(holder);
  CONTROLS[holder.dataset.control]?.(entry);
  const first = holder.querySelector("input:not([type=hidden], [type=checkbox]), select");
  if (first) first.id = `id-${entry.name}`; // a click on the label leads there
}
document.querySelectorAll("form[data-entry]").forEach((form) => {
  guard(form);
  form.querySelector(".fe-wrong")?.scrollIntoView({ block: "center" });
  form.dataset.ready = "true";
});
