// A refusal's faults: each is tied to the thing it is about, so that it follows the thing when that is moved.
import { state, types, t, allFields } from "./state.js";
import { h } from "../shared/dom.js";

const PLACE = /^(groups|tabs)\[(\d+)\](?:\.fields\[(\d+)\])?(?:\.(.*))?$/;

export function clearFaults() {
  state.faults = [];
  for (const thing of [...state.design.groups, ...allFields(), ...state.design.tabs]) delete thing.faults;
}

export function takeFaults(faults) {
  clearFaults();
  for (const fault of faults) {
    const [, kind, first, second, rest] = PLACE.exec(fault.field ?? "") ?? [];
    let thing = null;
    if (kind === "tabs") thing = state.design.tabs[Number(first)];
    else if (kind) thing = state.design.groups[Number(first)];
    if (thing && second !== undefined) thing = thing.fields[Number(second)];
    const found = { ...fault, thing, rest: kind ? rest ?? "" : fault.field ?? "" };
    if (thing) (thing.faults ??= []).push(found);
    state.faults.push(found);
  }
}

// The sentences for one part of a thing: its label, one of its settings; with `index` only those about that item, with
// -1 those about none.
export function sentences(thing, part, index = null) {
  const found = (thing?.faults ?? state.faults.filter((fault) => !fault.thing && !thing)).filter((fault) => {
    const same = fault.rest === part || fault.rest.startsWith(`${part}.`) || fault.rest.startsWith(`${part}[`);
    return same && (index === null || (fault.index ?? -1) === index);
  });
  return found.map((fault) => fault.message);
}

export function drawFaults(slot, show) {
  slot.hidden = state.faults.length === 0;
  slot.replaceChildren(
    h("strong", {}, t("refused", { count: state.faults.length })),
    h(
      "ul",
      {},
      state.faults.map((fault) => {
        const removed = fault.field?.startsWith("removed[") ? t("removed") : "";
        const named = fault.thing?.label || types[fault.thing?.field_type]?.label || fault.thing?.name || fault.label;
        const label = [removed, named].filter(Boolean).join(" ");
        const back = removed ? ` ${t("put_back")}` : "";
        const place = typeof fault.index === "number" && fault.rest === "options" ? ` ${t("option")} ${fault.index + 1}` : "";
        const text = `${label}${place}${label || place ? ": " : ""}${fault.message}${back}`;
        return h("li", {}, h("button", { type: "button", onclick: () => show(fault) }, text));
      }),
    ),
  );
}
