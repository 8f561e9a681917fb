// The form's tabs: each a name, a label, filters and an order.
import { data, state, t, allFields, changed, columnOf, stepItem } from "./state.js";
import { h, icon, iconButton, input, row, select } from "../shared/dom.js";
import { sentences } from "./faults.js";
import { valueControl } from "./values.js";

export function drawTabs(slot) {
  const { tabs } = state.design;
  slot.replaceChildren(
    h("p", { class: "fd-hint" }, t("tabs_hint")),
    ...(tabs.length ? tabs.map((tab) => tabBox(tab)) : [h("p", { class: "fd-empty" }, t("no_tabs"))]),
    h("button", { type: "button", class: "fd-button fd-add", "data-do": "add-tab", onclick: addTab }, icon("add"), t("add_tab")),
  );
}

function addTab() {
  const taken = new Set(state.design.tabs.map((tab) => tab.name));
  let number = state.design.tabs.length + 1;
  while (taken.has(`tab_${number}`)) number += 1;
  state.design.tabs.push({ name: `tab_${number}`, label: "", filters: [], sort: [] });
  changed();
}

function tabBox(tab) {
  const { tabs } = state.design;
  return h(
    "section",
    { class: tab.faults ? "fd-tab fd-wrong" : "fd-tab" },
    h(
      "header",
      {},
      h("strong", {}, tab.label || tab.name),
      iconButton("arrow_upward", t("up"), () => stepItem(tabs, tab, -1)),
      iconButton("arrow_downward", t("down"), () => stepItem(tabs, tab, 1)),
      iconButton("delete", t("remove"), () => {
        tabs.splice(tabs.indexOf(tab), 1);
        changed();
      }),
    ),
    h(
      "div",
      { class: "fd-two" },
      row(t("label"), input(tab.label, keep(tab, "label"), { maxlength: 100, "data-setting": "label" }), { faults: sentences(tab, "label") }),
      row(t("tab_name"), input(tab.name, keep(tab, "name"), { maxlength: 64, class: "fd-mono", readOnly: Boolean(tab.id) }), { faults: sentences(tab, "name") }),
    ),
    h("h4", {}, t("filters")),
    sentences(tab, "filters").length && !tab.filters.length ? sentences(tab, "filters").map((text) => h("small", { class: "fd-fault" }, text)) : null,
    tab.filters.map((filter, place) => filterRow(tab, filter, place)),
    h("button", { type: "button", class: "fd-button", "data-do": "add-filter", onclick: () => addFilter(tab) }, icon("add"), t("add_filter")),
    h("h4", {}, t("sort")),
    tab.sort.map((item, place) => sortRow(tab, item, place)),
    h("button", { type: "button", class: "fd-button", "data-do": "add-sort", onclick: () => addSort(tab) }, icon("add"), t("add_sort")),
  );
}

function keep(thing, key) {
  return (value) => {
    thing[key] = value;
    changed(false);
  };
}

function columns(suits) {
  const own = allFields().filter((field) => field.status !== "disable").map((field) => columnOf(field.name));
  const system = data.system_columns.map((column) => columnOf(column.name));
  return [...own, ...system].filter(suits).map((column) => [column.name, column.label]);
}

const filterable = (column) => (column.lookups ?? []).length > 0;
const sortable = (column) => Boolean(column.sorts);

// A column that is gone stays to be seen, so that the fault about it can be mended.
function withGone(choices, name) {
  return !name || choices.some(([key]) => key === name) ? choices : [[name, name], ...choices];
}

function addFilter(tab) {
  const [first] = columns(filterable);
  if (!first) return;
  tab.filters.push({ name: first[0], op: columnOf(first[0]).lookups[0], value: "" });
  changed();
}

function addSort(tab) {
  const [first] = columns(sortable);
  tab.sort.push({ [first[0]]: "desc" });
  changed();
}

function faultLines(tab, part) {
  return sentences(tab, part).map((text) => h("small", { class: "fd-fault" }, text));
}

function filterRow(tab, filter, place) {
  const remove = iconButton("delete", t("remove"), () => {
    tab.filters.splice(place, 1);
    changed();
  });
  const faults = faultLines(tab, `filters[${place}]`);
  const classes = faults.length ? "fd-filter fd-wrong" : "fd-filter";
  if (filter.or) {
    const text = h("textarea", { rows: 3, class: "fd-mono", value: JSON.stringify(filter.or, null, 1), onchange: () => {
      try {
        filter.or = JSON.parse(text.value);
        text.setCustomValidity("");
      } catch (error) {
        text.setCustomValidity(error.message);
        text.reportValidity();
      }
      changed(false);
    } });
    return h("div", { class: classes }, h("span", {}, t("any_of")), text, remove, faults);
  }
  const column = columnOf(filter.name);
  const operators = (column?.lookups ?? [filter.op]).map((op) => [op, data.operators[op]?.label ?? op]);
  return h(
    "div",
    { class: classes },
    select(withGone(columns(filterable), filter.name), filter.name, (name) => {
      const { lookups } = columnOf(name);
      Object.assign(filter, { name, op: lookups.includes(filter.op) ? filter.op : lookups[0], value: "" });
      changed();
    }, { "aria-label": t("column") }),
    select(withGone(operators, filter.op), filter.op, (op) => {
      const [before, after] = [filter.op, op].map((name) => data.operators[name]?.control);
      if (before !== after) filter.value = after === "nothing" ? true : "";
      filter.op = op;
      changed();
    }, { "aria-label": t("operator") }),
    valueControl(column, filter, (value) => {
      filter.value = value;
      changed(false);
    }),
    remove,
    faults,
  );
}

function sortRow(tab, item, place) {
  const [[name, direction]] = Object.entries(item);
  const replace = (key, value) => {
    tab.sort[place] = { [key]: value };
    changed();
  };
  return h(
    "div",
    { class: "fd-filter" },
    select(withGone(columns(sortable), name), name, (key) => replace(key, direction), { "aria-label": t("column") }),
    select([["asc", t("asc")], ["desc", t("desc")]], direction, (value) => replace(name, value), { "aria-label": t("sort") }),
    iconButton("delete", t("remove"), () => {
      tab.sort.splice(place, 1);
      changed();
    }),
    faultLines(tab, `sort[${place}]`),
  );
}
