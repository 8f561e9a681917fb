// The records page: conditions are drawn anew as their field or operator is chosen, and chosen records are counted.
// Without it a condition is drawn after "Apply", and each record is ticked by itself.
import { drawControls } from "../entry/controls.js";

// The form's values that are an address; a control that was left empty says nothing.
function asked(form, more) {
  const given = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  if (more) given.set("more", "1");
  return given;
}

function conditions(form) {
  const holder = form.querySelector("[data-conditions]");
  let latest = 0;

  async function redraw({ more = false, focus = "" }) {
    const mine = ++latest;
    const answer = await fetch(`${form.dataset.conditionsUrl}?${asked(form, more)}`, { redirect: "error" }).catch(() => null);
    if (mine !== latest) return;
    if (!answer?.ok) return form.requestSubmit(); // the whole page says what is the matter
    holder.innerHTML = await answer.text();
    drawControls(holder);
    const next = focus ? holder.querySelector(`[name="${CSS.escape(focus)}"]`) : holder.querySelector(".fr-condition:last-child select");
    next?.focus();
    form.dataset.drawn = mine;
  }

  form.addEventListener("change", (event) => {
    const { name } = event.target;
    if (!event.target.matches("[data-redraw]")) return;
    // What was asked of another field means nothing to this one.
    if (!name.endsWith(".op")) for (const other of form.querySelectorAll(`[name^="${CSS.escape(name)}."]`)) other.remove();
    redraw({ focus: name });
  });
  form.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-remove-condition]");
    if (remove) {
      event.preventDefault();
      remove.closest(".fr-condition").remove();
      if (!holder.querySelector(".fr-condition")) redraw({ more: true });
    } else if (event.target.closest("[data-more-conditions]")) {
      event.preventDefault();
      redraw({ more: true });
    }
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.matches("[name=more]")) return;
    event.preventDefault(); // an address without what was left empty
    window.location.assign(`?${asked(form, false)}`);
  });
  drawControls(holder);
}

function selection(form) {
  const boxes = [...form.querySelectorAll("input[name=ids]")];
  if (!boxes.length) return;
  const all = form.querySelector("[data-all]");
  const every = form.querySelector("input[name=all]");
  const buttons = form.querySelectorAll("button[name=do]");
  const told = form.querySelector("[data-selected]");
  form.querySelector("[data-with-script]").hidden = false;
  function count() {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && !all.checked;
    if (every) every.closest("label").hidden = !all.checked && !every.checked;
    told.textContent = chosen ? `${chosen} / ${boxes.length}` : "";
    for (const button of buttons) button.disabled = !chosen && !every?.checked;
    for (const box of boxes) box.closest("tr").classList.toggle("fr-chosen-row", box.checked);
  }
  form.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    count();
  });
  window.addEventListener("pageshow", count);
  count();
}

for (const form of document.querySelectorAll("[data-asked]")) conditions(form);
for (const form of document.querySelectorAll("[data-selection]")) selection(form);
// One menu at a time, and Escape closes it.
for (const panel of document.querySelectorAll(".fr-columns")) {
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    panel.open = false;
    panel.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!panel.contains(event.target)) panel.open = false;
  });
}
document.documentElement.dataset.records = "ready";
