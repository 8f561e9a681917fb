// Building elements: h("button", {class: "x", onclick: f}, "text", child …).
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (["value", "checked", "disabled", "readOnly", "selected", "draggable", "rows"].includes(name)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  return h("span", { class: "material-symbols-outlined", "aria-hidden": "true" }, name);
}

export function iconButton(name, title, onclick, attributes = {}) {
  return h("button", { type: "button", class: "fd-icon", title, "aria-label": title, onclick, ...attributes }, icon(name));
}

// A labelled control; `faults` are sentences shown below it.
export function row(label, control, { hint = "", faults = [], required = false } = {}) {
  return h(
    "label",
    { class: faults.length ? "fd-row fd-wrong" : "fd-row" },
    h("span", { class: "fd-label" }, label, required ? h("em", {}, " *") : null),
    control,
    hint ? h("small", {}, hint) : null,
    faults.map((fault) => h("small", { class: "fd-fault" }, fault)),
  );
}

export function select(choices, value, onchange, attributes = {}) {
  const text = value === null || value === undefined ? "" : String(value);
  return h(
    "select",
    { onchange: (event) => onchange(event.target.value), ...attributes },
    choices.map(([key, label]) => h("option", { value: key, selected: String(key) === text }, label)),
  );
}

export function input(value, oninput, attributes = {}) {
  return h("input", { type: "text", value: value ?? "", oninput: (event) => oninput(event.target.value), ...attributes });
}

export function checkbox(label, checked, onchange) {
  return h(
    "label",
    { class: "fd-check" },
    h("input", { type: "checkbox", checked: Boolean(checked), onchange: (event) => onchange(event.target.checked) }),
    label,
  );
}

// Draws what `slot` holds anew: it stays scrolled where it was, and the control that had the focus has it again.
export function keepFocus(slot, drawing) {
  const { scrollTop } = slot;
  const active = slot.contains(document.activeElement) ? document.activeElement : null;
  const name = (element) => element.dataset.setting ?? element.dataset.field ?? element.getAttribute("aria-label") ?? element.textContent;
  const alike = () => [...slot.querySelectorAll(active.tagName)].filter((other) => name(other) === name(active));
  const place = active ? alike().indexOf(active) : -1;
  drawing(slot);
  slot.scrollTop = scrollTop;
  if (active && !slot.contains(document.activeElement)) alike()[place]?.focus({ preventScroll: true });
}
