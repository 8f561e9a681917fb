// The flow designer: draws the page from the state; saves, checks and publishes the flow as a whole.
import { asText, data, state, t, changed, choose, component, definition, faultComponent, labels, listen, load, noteBy, redraw, restore } from "./state.js";
import { h, keepFocus } from "../shared/dom.js";
import { history } from "../shared/history.js";
import { outgoing } from "./branches.js";
import { onLoaded } from "./call_flow.js";
import { drawsLines } from "./connect.js";
import { draw } from "./diagram.js";
import { addAfter, connect, endsHere, insertInLine, mayConnect } from "./edits.js";
import { openMenu } from "./menu.js";
import { drawPalette, dropsInto } from "./palette.js";
import { movesNodes } from "./moving.js";
import { drawPanel } from "./panel.js";
import { movable, move, remove } from "./removal.js";
import { sentence } from "./rule.js";
import * as server from "./server.js";
import { drawSettings, drawVersions } from "./settings.js";
import { sheets } from "../shared/sheets.js";
import { waiting } from "../shared/waiting.js";
import { frame } from "./zoom.js";

const page = document.getElementById("designer");
const slot = (name) => page.querySelector(`[data-slot="${name}"]`);
const { svg, fresh } = frame(slot("diagram"), data.words.zoom);
let busy = false;
let note = "";
let next = ""; // what is said of the edit that comes

function drawDiagram() {
  draw(svg, definition(), {
    selected: state.selected,
    faults: state.faults.map(faultComponent).filter(Boolean),
    labels: labels(),
    words: data.words,
    sentence,
    onSelect: choose,
    ...(data.editable && {
      onInsert: (where, anchor) =>
        openMenu(anchor, where, { insert: (type) => put(type, where), lead: (target) => led(where.component, target) }),
    }),
  });
  fresh();
}

function drawState() {
  const { published, changed: differs } = state.status;
  slot("title").textContent = state.design.name || "—";
  slot("version").textContent = published ? t("version_published", { number: published }) : t("not_published");
  slot("version").dataset.published = String(Boolean(published));
  slot("state").textContent = note || (state.dirty ? t("unsaved") : published && differs ? t("unpublished_changes") : "");
  slot("state").dataset.dirty = String(state.dirty);
  if (!data.editable) return;
  for (const name of ["save", "check", "publish", "unpublish"]) slot(name).disabled = busy;
  slot("unpublish").hidden = !published;
}

function drawAll(structure) {
  if (structure) drawDiagram();
  if (structure === true) {
    keepFocus(slot("panel"), (panel) => drawPanel(panel, { remove: removeComponent }));
    keepFocus(slot("settings"), drawSettings);
    drawVersions(slot("versions"));
    drawFaults();
    follow(state.selected);
  }
  drawState();
}

function drawFaults() {
  slot("faults").hidden = !state.faults.length;
  if (!state.faults.length) return;
  slot("faults").replaceChildren(
    h("strong", {}, t(state.faultsOf, { count: state.faults.length })),
    h("ul", {}, state.faults.map((fault) => {
      const name = component(faultComponent(fault))?.name || fault.label;
      return h("li", {}, h("button", { type: "button", onclick: () => showFault(fault) }, name ? `${name}: ${fault.message}` : fault.message));
    })),
  );
}

function showFault(fault) {
  const id = faultComponent(fault);
  if (!id) {
    if (["name", "api_path", "description"].includes(fault.field)) view("settings");
    return;
  }
  state.selected = id;
  view("flow");
  svg.querySelector(`[data-component="${CSS.escape(id)}"]`)?.scrollIntoView({ block: "center", inline: "center" });
  slot("panel").querySelector(".fd-fault")?.scrollIntoView({ block: "nearest" });
}

function view(name) {
  page.querySelectorAll("[data-view]").forEach((tab) => tab.setAttribute("aria-selected", String(tab.dataset.view === name)));
  page.querySelectorAll("[data-page]").forEach((part) => (part.hidden = part.dataset.page !== name));
  redraw();
}

// Of an edit: what is said about it, until the next one.
function edited(saying = "") {
  next = saying;
  changed();
}

function put(type, { line, component: id }) {
  const labelled = data.words.types;
  if (type === "end" && !endsHere(definition(), { line, component: id })) return said(t("end_not_here"));
  const made = id ? addAfter(definition(), id, type, labelled) : insertInLine(definition(), line, type, labelled);
  state.selected = made.id;
  edited();
  slot("panel").querySelector("[data-setting=name]")?.select();
}

function said(text) {
  note = text;
  drawState();
}

// A click in the palette: behind what is selected; else, or behind an end, into the line to the first end.
function add(type) {
  const lines = definition().lines;
  const chosen = component(state.selected);
  if (chosen && chosen.type !== "end") {
    const taken = type === "end" && !["condition", "parallel"].includes(chosen.type) && outgoing(definition(), chosen.id).length;
    if (!taken) return put(type, { component: chosen.id });
  }
  const end = chosen ?? definition().components.find((one) => one.type === "end");
  const line = lines.findIndex((one) => one.target === end?.id);
  const loose = definition().components.find((one) => one.type !== "end" && !outgoing(definition(), one.id).length);
  if (line >= 0 && type !== "end") return put(type, { line });
  return put(type, { component: (loose ?? definition().components.find((one) => one.type === "start")).id });
}

function led(source, target) {
  if (!connect(definition(), source, target)) return;
  state.selected = source;
  edited();
}

function moved(id, line) {
  if (!move(definition(), id, line)) return;
  state.selected = id;
  edited();
}

function removeComponent(id) {
  if (!component(id)) return;
  if (component(id).type === "start") {
    said(t("start_stays"));
    return;
  }
  const count = remove(definition(), id);
  state.selected = null;
  edited(count > 0 ? t("removed_with", { count }) : "");
  slot("diagram").focus();
}

// What the server says: the page's new state, or faults to show.
function taken(outcome, saying, wrong) {
  state.faults = [];
  if (outcome.ok && !outcome.body.faults?.length) {
    if (outcome.body.design) {
      load(outcome.body);
      steps.rebase();
    }
    note = t(saying);
  } else {
    note = "";
    const faults = outcome.body?.faults ?? [{ field: "", message: t(outcome.signedOut ? "signed_out" : "failed") }];
    state.faults = outcome.status === 409 ? [...faults, { field: "", message: t("conflict_hint") }] : faults;
    state.faultsOf = wrong;
  }
  redraw();
  if (state.faults.length) window.scrollTo({ top: 0 });
  return !state.faults.length;
}

async function during(action) {
  if (busy || !data.editable) return;
  busy = true;
  drawState();
  try {
    await action();
  } finally {
    busy = false;
    drawState();
  }
}

const save = async () => taken(await waiting(page, server.save), "saved", "refused");
const check = async () => taken(await waiting(page, server.check), "no_faults", "not_publishable");
const publish = async () => {
  if (state.dirty && !(await save())) return;
  taken(await waiting(page, server.publish), "published_now", "not_publishable");
};
const unpublish = async () => taken(await waiting(page, server.unpublish), "unpublished_now", "refused");

load(data);
const follow = data.editable ? sheets(page, { add: t("insert_component"), save: () => during(save), deselect: () => choose(null) }) : () => {};
const shown = (text, dirty) => {
  note = "";
  restore(text, dirty);
};
const steps = history({ slot: data.editable ? slot("history") : h("span"), text: asText, put: shown });
noteBy((structure) => {
  [note, next] = [next, ""];
  return steps.note(structure);
});
listen(drawAll);
onLoaded(redraw);
if (data.editable) {
  drawPalette(slot("palette"), add);
  drawsLines(svg, (source, target) => mayConnect(definition(), source, target), led);
  dropsInto(svg, slot("diagram"), put);
  movesNodes(svg, (id) => movable(definition(), id), moved);
  for (const [name, action] of Object.entries({ save, check, publish })) slot(name).addEventListener("click", () => during(action));
  slot("unpublish").addEventListener("click", () => {
    if (state.dirty ? window.alert(t("save_first")) : window.confirm(t("confirm_unpublish"))) during(unpublish);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      during(save);
    } else if (["Delete", "Backspace"].includes(event.key) && !event.target.closest("input, textarea, select, button, [role=menu]")) {
      const id = event.target.closest("[data-component]")?.dataset.component ?? state.selected;
      if (!id) return;
      event.preventDefault();
      removeComponent(id);
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (state.dirty) event.preventDefault();
  });
}
redraw();
page.querySelectorAll("[data-view]").forEach((tab) => tab.addEventListener("click", () => view(tab.dataset.view)));
page.dataset.ready = "true";
