// A box for a formula: its text with labels instead of names, what it may read and call, and a check without saving.
import { data, t } from "./page.js";
import { h, icon, input } from "./dom.js";

// Labels that only one thing has and that can stand between braces. `told` is what of the label stands for the field.
function pairs(all) {
  const count = new Map();
  for (const [, label] of all) count.set(label, (count.get(label) ?? 0) + 1);
  const dots = (text) => text.split(".").length;
  const fits = (label) => count.get(label) === 1 && label === label.trim() && !/[{}]/.test(label);
  return all.filter(([path, label, told = label]) => fits(label) && dots(told) === dots(path)).map(([path, label]) => [path, label]);
}

function replaced(text, table) {
  return String(text).replace(/\{\s*([^{}]*?)\s*\}/g, (whole, path) => (table.has(path) ? `{${table.get(path)}}` : whole));
}

// The same of the options of a choice: `{stage#TOKEN}` is shown as `{Stage#Won}`.
export function optionPairs(field, path, label) {
  return (field.options ?? []).filter((option) => option.value).map((option) => [`${path}#${option.value}`, `${label}#${option.label}`, label]);
}

// A formula's text as people read it; `readable`: [path by name, path by label] of all that may be read.
export const shown = (text, readable) => replaced(text, new Map(pairs(readable)));
const canonical = (text, readable) => replaced(text, new Map(pairs(readable).map(([path, label]) => [label, path])));

// `readable()` gives [path by name, path by label]s, more of them perhaps once the promise `fresh` gives true; `keep`
// takes the text by names; `check` sends it and gives the answer; `folded` hides fields and functions until wanted.
export function formulaBox({ label, name, text: kept, readable, fresh = null, keep, check, faults = [], required = true, rows = 5, folded = false, hint = "" }) {
  const answer = h("div", { class: "fd-answer", role: "status" });
  let own = kept;
  const take = () => {
    own = canonical(text.value, readable());
    keep(own);
  };
  const text = h("textarea", { rows, class: "fd-mono", spellcheck: "false", "data-setting": name, "aria-label": label, value: shown(kept, readable()), oninput: take });
  const insert = (piece) => {
    text.setRangeText(piece, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    take();
  };
  const fields = h("div", { class: "fd-chips" });
  const drawFields = () => {
    const labels = new Map(pairs(readable()));
    fields.replaceChildren(
      ...readable().filter(([path]) => !path.includes("#")).map(([path, told]) =>
        h("button", { type: "button", class: "fd-chip", title: `{${path}}`, onclick: () => insert(`{${labels.get(path) ?? path}}`) }, told),
      ),
    );
  };
  drawFields();
  fresh?.then((more) => {
    if (!more) return;
    drawFields();
    if (document.activeElement !== text) text.value = shown(own, readable());
  });
  const run = () => checked({ check, text, readable, answer });
  const parts = [h("small", {}, t("insert_field")), fields, functionList(insert)];
  return h(
    "div",
    { class: faults.length ? "fd-row fd-wrong" : "fd-row" },
    label ? h("span", { class: "fd-label" }, label, required ? h("em", {}, " *") : null) : null,
    text,
    hint ? h("small", {}, hint) : null,
    faults.map((fault) => h("small", { class: "fd-fault" }, placed(fault, text.value, readable()))),
    h("div", { class: "fd-inline" }, h("button", { type: "button", class: "fd-button", "data-do": "check-formula", onclick: run }, icon("rule"), t("check"))),
    answer,
    folded ? h("details", {}, h("summary", {}, t("insert")), parts) : parts,
  );
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

async function checked({ check, text, readable, answer }) {
  answer.className = "fd-answer";
  answer.textContent = t("checking");
  const outcome = await check(canonical(text.value, readable()));
  if (outcome.ok) {
    const { result, is_list: isList, volatile } = outcome.body;
    const kind = t(`result_${result}`);
    answer.classList.add("fd-good");
    answer.textContent = `${t("formula_ok", { result: isList ? t("formula_list", { result: kind }) : kind })}${volatile ? ` ${t("formula_volatile")}` : ""}`;
    return;
  }
  const faults = outcome.body?.faults ?? [{ message: t("failed") }];
  answer.classList.add("fd-bad");
  answer.replaceChildren(...faults.map((fault) => h("p", {}, placed(fault, text.value, readable()))));
  const first = faults[0].index;
  if (typeof first === "number") {
    const place = placeShown(text.value, readable(), first);
    text.focus();
    text.setSelectionRange(place, Math.min(place + 1, text.value.length));
  }
}

// The server saw names where the text shows labels: an offset there → the offset here.
function placeShown(value, readable, offset) {
  let place = 0;
  while (place < value.length && canonical(value.slice(0, place + 1), readable).length <= offset) place += 1;
  return place;
}

function placed(fault, value, readable) {
  if (typeof fault.index !== "number") return fault.message;
  const before = value.slice(0, placeShown(value, readable, fault.index));
  const line = before.split("\n").length;
  return t("fault_at", { line, column: before.length - before.lastIndexOf("\n"), message: fault.message });
}
