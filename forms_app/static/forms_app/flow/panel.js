// The settings of the selected component, on the right.
import { data, state, t, changed, choose, component, definition, sentences } from "./state.js";
import { h, icon, input, row } from "../shared/dom.js";
import { callFlow } from "./call_flow.js";
import { nextPart, rulesPart } from "./next.js";
import { humanInput, setField, start } from "./parts.js";
import { ICONS } from "./shapes.js";

const OWN = { start, human_input: humanInput, set_field: setField, call_flow: callFlow };

// `remove(id)` and `add(id, type)` are the page's.
export function drawPanel(slot, { remove }) {
  const one = component(state.selected);
  if (!one) {
    slot.replaceChildren(h("p", { class: "fd-empty" }, t("nothing_selected")), steps());
    return;
  }
  const name = input(one.name, (value) => {
    one.name = value;
    changed("diagram");
  }, { maxlength: 100, "data-setting": "name" });
  slot.replaceChildren(
    h(
      "fieldset",
      { disabled: !data.editable, class: `fl-${one.type}` },
      h("h3", {}, h("span", { class: "fl-kind-icon" }, icon(ICONS[one.type])), data.words.types[one.type] ?? one.type),
      h("p", { class: "fd-hint" }, data.words.hints[one.type]),
      sentences(one.id, "").map((text) => h("p", { class: "fd-fault" }, text)),
      row(t("name"), name, { required: true, faults: sentences(one.id, "name") }),
      OWN[one.type]?.(one),
      one.type === "condition" ? rulesPart(one) : nextPart(one),
      one.type === "start" ? null : h("button", { type: "button", class: "fd-button fl-danger", "data-do": "remove", onclick: () => remove(one.id) }, icon("delete"), t("remove_component")),
    ),
  );
}

// All components as a list: the way to each without the pointer.
function steps() {
  return h(
    "ul",
    { class: "fl-list" },
    definition().components.map((one) =>
      h("li", {}, h("button", { type: "button", class: `fl-item fl-${one.type}`, onclick: () => choose(one.id) }, icon(ICONS[one.type] ?? "help"), one.name || one.id)),
    ),
  );
}
