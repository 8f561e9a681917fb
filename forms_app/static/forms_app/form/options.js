// The options of a choice field: order, labels, status; in a cascade, levels.
import { types, t, changed, levelOf, newToken } from "./state.js";
import { h, icon, iconButton, input } from "../shared/dom.js";
import { sentences } from "./faults.js";

export function optionsEditor(field) {
  const cascades = types[field.field_type].cascades;
  const general = sentences(field, "options", -1);
  const list = h("ol", { class: "fd-options" }, field.options.map((option, place) => optionRow(field, option, place, cascades)));
  const paste = h("div", { class: "fd-paste", hidden: true });
  return h(
    "div",
    { class: "fd-row", "data-setting": "options" },
    h("h4", {}, t("options")),
    field.options.length ? list : h("p", { class: "fd-empty" }, t("no_options")),
    general.map((text) => h("small", { class: "fd-fault" }, text)),
    h(
      "div",
      { class: "fd-inline" },
      h("button", { type: "button", class: "fd-button", "data-do": "add-option", onclick: () => add(field) }, icon("add"), t("add_option")),
      h("button", { type: "button", class: "fd-button", onclick: () => openPaste(field, paste, cascades) }, icon("content_paste"), t("paste_options")),
    ),
    paste,
  );
}

function add(field, label = "", parent = null) {
  const option = { value: newToken(), label, status: "enable", parent };
  field.options.push(option);
  changed();
  if (!label) document.querySelector(`[data-token="${option.value}"] input`)?.focus();
}

function optionRow(field, option, place, cascades) {
  const level = cascades ? levelOf(field.options, option) : 0;
  const off = option.status === "disable";
  const faults = sentences(field, "options", place);
  const line = h(
    "li",
    { class: ["fd-option", off && "fd-off", faults.length && "fd-wrong"].filter(Boolean).join(" "), "data-token": option.value },
    input(option.label, (value) => {
      option.label = value;
      changed("canvas");
    }, {
      maxlength: 200,
      placeholder: `${t("option")} ${place + 1}`,
      "aria-label": `${t("option")} ${place + 1}`,
      onkeydown: (event) => {
        if (event.key === "Enter" && !event.isComposing) add(field, "", option.parent);
      },
    }),
    h(
      "span",
      { class: "fd-tools" },
      cascades ? iconButton("format_indent_decrease", t("outdent"), () => shift(field, option, -1), { disabled: level === 0 }) : null,
      cascades ? iconButton("format_indent_increase", t("indent"), () => shift(field, option, 1), { disabled: place === 0 }) : null,
      iconButton("arrow_upward", t("up"), () => step(field, option, -1)),
      iconButton("arrow_downward", t("down"), () => step(field, option, 1)),
      iconButton(off ? "visibility_off" : "visibility", off ? t("disabled") : t("enable"), () => {
        option.status = off ? "enable" : "disable";
        changed();
      }),
      iconButton("delete", t("remove"), () => remove(field, option)),
    ),
    faults.map((text) => h("small", { class: "fd-fault" }, text)),
    h("code", { title: option.value }, option.value),
  );
  line.style.marginInlineStart = `${level * 1.25}rem`;
  return line;
}

// The option with all that stands below it.
function branch(options, option) {
  return [option, ...options.filter((other) => other.parent === option.value).flatMap((other) => branch(options, other))];
}

function step(field, option, direction) {
  const moved = branch(field.options, option);
  const siblings = field.options.filter((other) => (other.parent ?? null) === (option.parent ?? null));
  const neighbour = siblings[siblings.indexOf(option) + direction];
  if (!neighbour) return;
  const rest = field.options.filter((other) => !moved.includes(other));
  const group = branch(field.options, neighbour);
  const place = rest.indexOf(group[0]) + (direction > 0 ? group.length : 0);
  rest.splice(place, 0, ...moved);
  field.options = rest;
  changed();
}

// One level deeper: below the sibling before it. One level up: beside its parent, behind the parent's branch.
function shift(field, option, direction) {
  const { options } = field;
  const siblings = options.filter((other) => (other.parent ?? null) === (option.parent ?? null));
  const before = siblings[siblings.indexOf(option) - 1];
  if (direction > 0) {
    if (!before) return;
    option.parent = before.value;
  } else {
    const parent = options.find((other) => other.value === option.parent);
    const moved = branch(options, option);
    const rest = options.filter((other) => !moved.includes(other));
    option.parent = parent.parent ?? null;
    rest.splice(rest.indexOf(parent) + branch(rest, parent).length, 0, ...moved);
    field.options = rest;
  }
  changed();
}

function remove(field, option) {
  const gone = branch(field.options, option);
  field.options = field.options.filter((other) => !gone.includes(other));
  const tokens = gone.map((other) => other.value);
  const { default: chosen } = field.setting;
  if (tokens.includes(chosen)) delete field.setting.default;
  else if (Array.isArray(chosen)) field.setting.default = chosen.filter((token) => !tokens.includes(token));
  changed();
}

function openPaste(field, slot, cascades) {
  const text = h("textarea", { rows: 6, "aria-label": t("paste_options") });
  const take = () => {
    const above = [];
    for (const line of text.value.split("\n")) {
      const label = line.trim();
      if (!label) continue;
      const level = cascades ? Math.min(line.length - line.trimStart().length, above.length) : 0;
      const option = { value: newToken(), label, status: "enable", parent: level ? above[level - 1] : null };
      above.splice(level, above.length, option.value);
      field.options.push(option);
    }
    changed();
  };
  slot.hidden = false;
  slot.replaceChildren(
    h("small", {}, t(cascades ? "paste_hint_cascade" : "paste_hint")),
    text,
    h(
      "div",
      { class: "fd-inline" },
      h("button", { type: "button", class: "fd-button fd-primary", onclick: take }, t("take_over")),
      h("button", { type: "button", class: "fd-button", onclick: () => (slot.hidden = true) }, t("cancel")),
    ),
  );
  text.focus();
}
