// A field's formula: what it may read of this form and of related ones, and how it is checked.
import { data, types, allFields, sent } from "./state.js";
import { formulaBox, optionPairs } from "../shared/formula_box.js";
import { post } from "../shared/server.js";

const related = new Map(); // form id → its readable fields, asked for once

function relatedForm(field) {
  const setting = types[field.field_type]?.settings.find((candidate) => candidate.kind === "form");
  return setting ? field.setting[setting.name] : null;
}

// [path by name, path by label] of all that may be read.
function readable(own) {
  const found = [];
  for (const field of allFields()) {
    if (field === own || field.status === "disable" || !types[field.field_type]?.readable) continue;
    found.push([field.name, field.label], ...optionPairs(field, field.name, field.label));
    for (const inner of related.get(relatedForm(field)) ?? []) {
      const [name, label] = [`${field.name}.${inner.name}`, `${field.label}.${inner.label}`];
      found.push([name, label], ...optionPairs(inner, name, label));
    }
  }
  return found;
}

export function formulaEditor(field, setting, keep) {
  return formulaBox({
    label: setting.label,
    name: setting.name,
    text: field.setting[setting.name] ?? "",
    readable: () => readable(field),
    fresh: loadRelated(),
    keep,
    check: (formula) => post(data.urls.formula, { design: sent(), formula }),
    faults: (field.faults ?? []).filter((fault) => fault.rest === setting.name),
  });
}

async function loadRelated() {
  const wanted = [...new Set(allFields().map(relatedForm))].filter((id) => id && !related.has(id));
  for (const id of wanted) {
    related.set(id, []);
    const response = await fetch(data.urls.fields.replace("/0/", `/${id}/`));
    if (response.ok) related.set(id, (await response.json()).fields);
  }
  return wanted.length > 0;
}
