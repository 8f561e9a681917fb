// The flow designer: draws the page from the state; saves, checks and publishes the flow as a whole.
import { data, state, t, changed, choose, component, definition, faultComponent, labels, listen, load, redraw } from "./state.js";
import { h } from "../shared/dom.js";
import { onLoaded } from "./call_flow.js";
import { drawsLines } from "./connect.js";
import { draw } from "./diagram.js";
import { addAfter, connect, insertInLine, mayConnect, outgoing, remove } from "./edits.js";
import { openMenu } from "./menu.js";
import { drawPalette, dropsInto } from "./palette.js";
import { drawPanel } from "./panel.js";
import * as server from "./server.js";
import { drawSettings, drawVersions } from "./settings.js";
import { frame } from "./zoom.js";

const page = document.getElementById("designer");
const slot = (name) => page.querySelector(`[data-slot="${name}"]`);
const { svg, fresh } = frame(slot("diagram"), data.words.zoom);
let busy = false;
let note = "";

function drawDiagram() {
  draw(svg, definition(), {
    selected: state.selected,
    faults: state.faults.map(faultComponent).filter(Boolean),
    labels: labels(),
    words: data.words,
    onSelect: choose,
    ...(data.editable && {
      onRemove: removeComponent,
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
  if (state.dirty) note = "";
  if (structure) drawDiagram();
  if (structure === true) {
    const { scrollTop } = slot("panel");
    drawPanel(slot("panel"), { remove: removeComponent });
    slot("panel").scrollTop = scrollTop;
    drawSettings(slot("settings"));
    drawVersions(slot("versions"));
    drawFaults();
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

function put(type, { line, component: id }) {
  const labelled = data.words.types;
  const made = id ? addAfter(definition(), id, type, labelled) : insertInLine(definition(), line, type, labelled);
  state.selected = made.id;
  changed();
  slot("panel").querySelector("[data-setting=name]")?.select();
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
  changed();
}

function removeComponent(id) {
  if (!component(id) || component(id).type === "start") return;
  remove(definition(), id);
  if (state.selected === id) state.selected = null;
  changed();
}

// What the server says: the page's new state, or faults to show.
function taken(outcome, saying, wrong) {
  state.faults = [];
  if (outcome.ok && !outcome.body.faults?.length) {
    if (outcome.body.design) load(outcome.body);
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
  page.inert = true; // what is typed meanwhile would be lost when the answer is drawn
  drawState();
  try {
    await action();
  } finally {
    busy = page.inert = false;
    drawState();
  }
}

const save = async () => taken(await server.save(), "saved", "refused");
const check = async () => taken(await server.check(), "no_faults", "not_publishable");
const publish = async () => {
  if (state.dirty && !(await save())) return;
  taken(await server.publish(), "published_now", "not_publishable");
};
const unpublish = async () => taken(await server.unpublish(), "unpublished_now", "refused");

load(data);
listen(drawAll);
onLoaded(redraw);
if (data.editable) {
  drawPalette(slot("palette"), add);
  drawsLines(svg, (source, target) => mayConnect(definition(), source, target), led);
  dropsInto(svg, put);
  for (const [name, action] of Object.entries({ save, check, publish })) slot(name).addEventListener("click", () => during(action));
  slot("unpublish").addEventListener("click", () => {
    if (state.dirty ? window.alert(t("save_first")) : window.confirm(t("confirm_unpublish"))) during(unpublish);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      during(save);
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (state.dirty) event.preventDefault();
  });
}
redraw();
page.querySelectorAll("[data-view]").forEach((tab) => tab.addEventListener("click", () => view(tab.dataset.view)));
page.dataset.ready = "true";
