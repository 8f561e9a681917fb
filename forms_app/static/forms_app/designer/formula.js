// A formula's text with labels instead of names, what it may read and call, and a check without saving.
import { data, state, types, t, allFields, sent } from "./state.js";
import { h, icon, input } from "./dom.js";
import { post } from "./server.js";

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
    found.push([field.name, field.label]);
    for (const inner of related.get(relatedForm(field)) ?? []) found.push([`${field.name}.${inner.name}`, `${field.label}.${inner.label}`]);
  }
  return found;
}

// Labels that only one thing has and that can stand between braces.
function pairs(own) {
  const all = readable(own);
  const count = new Map();
  for (const [, label] of all) count.set(label, (count.get(label) ?? 0) + 1);
  return all.filter(([path, label]) => count.get(label) === 1 && label.split(".").length === path.split(".").length);
}

function replaced(text, table) {
  return String(text).replace(/\{\s*([^{}]*?)\s*\}/g, (whole, path) => (table.has(path) ? `{${table.get(path)}}` : whole));
}

const shown = (text, own) => replaced(text, new Map(pairs(own)));
const canonical = (text, own) => replaced(text, new Map(pairs(own).map(([path, label]) => [label, path])));

export function formulaEditor(field, setting, keep) {
  const answer = h("div", { class: "fd-answer", role: "status" });
  const text = h("textarea", {
    rows: 5,
    class: "fd-mono",
    spellcheck: "false",
    "data-setting": setting.name,
    value: shown(field.setting[setting.name] ?? "", field),
    oninput: () => keep(canonical(text.value, field)),
  });
  const insert = (piece) => {
    text.setRangeText(piece, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    keep(canonical(text.value, field));
  };
  const fields = h("div", { class: "fd-chips" });
  const drawFields = () => {
    const labels = new Map(pairs(field));
    fields.replaceChildren(
      ...readable(field).map(([path, label]) =>
        h("button", { type: "button", class: "fd-chip", title: `{${path}}`, onclick: () => insert(`{${labels.get(path) ?? path}}`) }, label),
      ),
    );
  };
  drawFields();
  loadRelated().then((fresh) => {
    if (!fresh) return;
    drawFields();
    if (document.activeElement !== text) text.value = shown(field.setting[setting.name] ?? "", field);
  });
  const own = (field.faults ?? []).filter((fault) => fault.rest === setting.name);
  const faults = own.map((fault) => placed(fault, text.value, field));
  return h(
    "div",
    { class: faults.length ? "fd-row fd-wrong" : "fd-row" },
    h("span", { class: "fd-label" }, setting.label, h("em", {}, " *")),
    text,
    faults.map((fault) => h("small", { class: "fd-fault" }, fault)),
    h("div", { class: "fd-inline" }, h("button", { type: "button", class: "fd-button", "data-do": "check-formula", onclick: () => check(field, setting, text, answer) }, icon("rule"), t("check"))),
    answer,
    h("small", {}, t("insert_field")),
    fields,
    functionList(insert),
  );
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

function functionList(insert) {
  const list = h("div", { class: "fd-functions" });
  const draw = (search) => {
    const wanted = search.trim().toLowerCase();
    const found = data.functions.filter((f) => [f.name, ...f.aliases, f.description].some((word) => word.toLowerCase().includes(wanted)));
    list.replaceChildren(
      ...found.map((f) =>
        h(
          "button",
          { type: "button", title: f.example, onclick: () => insert(`${f.name}()`) },
          h("strong", {}, f.name, h("i", {}, f.aliases.length ? ` ${f.aliases.join(" ")}` : "")),
          h("small", {}, f.description),
          h("code", {}, f.example),
        ),
      ),
    );
  };
  draw("");
  return h("details", {}, h("summary", {}, t("insert_function")), input("", draw, { placeholder: t("search_function"), "aria-label": t("search_function") }), list);
}

async function check(field, setting, text, answer) {
  answer.className = "fd-answer";
  answer.textContent = t("checking");
  const outcome = await post(data.urls.formula, { design: sent(), formula: canonical(text.value, field) });
  if (outcome.ok) {
    const { result, is_list: isList, volatile } = outcome.body;
    const kind = t(`result_${result}`);
    answer.classList.add("fd-good");
    answer.textContent = `${t("formula_ok", { result: isList ? t("formula_list", { result: kind }) : kind })}${volatile ? ` ${t("formula_volatile")}` : ""}`;
    return;
  }
  const faults = outcome.body?.faults ?? [{ message: t("failed") }];
  answer.classList.add("fd-bad");
  answer.replaceChildren(...faults.map((fault) => h("p", {}, placed(fault, text.value, field))));
  const first = faults[0].index;
  if (typeof first === "number") {
    const place = placeShown(text.value, field, first);
    text.focus();
    text.setSelectionRange(place, Math.min(place + 1, text.value.length));
  }
}

// The server saw names where the text shows labels: an offset there → the offset here.
function placeShown(value, field, offset) {
  let place = 0;
  while (place < value.length && canonical(value.slice(0, place + 1), field).length <= offset) place += 1;
  return place;
}

function placed(fault, value, field) {
  if (typeof fault.index !== "number") return fault.message;
  const before = value.slice(0, placeShown(value, field, fault.index));
  const line = before.split("\n").length;
  return t("fault_at", { line, column: before.length - before.lastIndexOf("\n"), message: fault.message });
}
