// The value of a filter, as its column and operator want it.
import { data, t } from "./state.js";
import { checkbox, h, input, select } from "../shared/dom.js";

export function valueControl(column, filter, keep) {
  const { op, value } = filter;
  const control = data.operators[op]?.control;
  if (control === "nothing") return h("span", {});
  const options = (column?.options ?? []).filter((option) => !option.parent);
  if (options.length && control === "several") return several(options, value, keep);
  if (options.length && control === "value" && column.kind !== "any") {
    return select([["", t("none")], ...options.map((option) => [option.value, option.label])], value, keep);
  }
  if (control === "range") return range(column, value, keep);
  if (column?.kind === "boolean") {
    return select([["", t("none")], ["true", t("yes")], ["false", t("no")]], value, (text) => keep(text === "" ? "" : text === "true"));
  }
  return input(typeof value === "string" ? value : JSON.stringify(value), (text) => keep(parsed(column, text)), {
    placeholder: t("value_hint"),
    "aria-label": t("value"),
  });
}

function several(options, value, keep) {
  let chosen = Array.isArray(value) ? value : [];
  return h(
    "div",
    { class: "fd-checks" },
    options.map((option) =>
      checkbox(option.label, chosen.includes(option.value), (checked) => {
        chosen = chosen.filter((token) => token !== option.value);
        if (checked) chosen.push(option.value);
        keep(chosen);
      }),
    ),
  );
}

function range(column, value, keep) {
  const ends = Array.isArray(value) ? [...value] : [null, null];
  const end = (place, label) =>
    input(ends[place] ?? "", (text) => {
      ends[place] = text.trim() === "" ? null : parsed(column, text);
      keep(ends.every((item) => item === null) ? "" : [...ends]);
    }, { placeholder: label, "aria-label": label });
  return h("span", { class: "fd-inline" }, end(0, t("from")), end(1, t("to")));
}

// A text column takes what is typed; others take JSON where it is some.
function parsed(column, text) {
  if (["text", "date", "datetime"].includes(column?.kind)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
