// The designer: draws the page from the state, saves the design as a whole.
import { data, state, types, t, adopt, allFields, asText, changed, listen, load, noteBy, putBack, redraw, restore, sent } from "./state.js";
import { checkbox, h, input, keepFocus, row, select } from "../shared/dom.js";
import { drawCanvas } from "./canvas.js";
import { clearFaults, drawFaults, sentences, takeFaults } from "./faults.js";
import { drawPalette } from "./palette.js";
import { drawPanel, STATUSES } from "./panel.js";
import { history } from "../shared/history.js";
import { post } from "../shared/server.js";
import { sheets } from "../shared/sheets.js";
import { drawTabs } from "./tabs.js";
import { waiting } from "../shared/waiting.js";

const page = document.getElementById("designer");
const slot = (name) => page.querySelector(`[data-slot="${name}"]`);
let saving = false;
let note = "";

function drawState() {
  slot("state").textContent = note || (state.dirty ? t("unsaved") : "");
  slot("state").dataset.dirty = String(state.dirty);
  slot("title").textContent = state.design.name || "—";
  slot("save").disabled = saving;
}

function drawForm(place) {
  const { design } = state;
  const keep = (key) => (value) => {
    design[key] = value;
    changed(false);
  };
  const named = allFields().filter((field) => types[field.field_type]?.searchable && field.status !== "disable");
  const description = h("textarea", { rows: 4, value: design.description, oninput: (event) => keep("description")(event.target.value) });
  place.replaceChildren(
    h(
      "section",
      { class: "fd-tab" },
      row(t("form_name"), input(design.name, keep("name"), { maxlength: 100 }), { required: true, faults: sentences(null, "name") }),
      row(t("description"), description),
      row(t("primary_field"), select([["", t("none")], ...named.map((field) => [field.name, field.label])], design.primary_field, (name) => {
        design.primary_field = name || null;
        changed();
      }, { "data-setting": "primary_field" }), { hint: t("primary_hint"), faults: sentences(null, "primary_field") }),
      row(t("status"), select(STATUSES(), design.status, keep("status")), { faults: sentences(null, "status") }),
      h("div", { class: "fd-row", "data-setting": "keeps_history" }, checkbox(t("keeps_history"), design.keeps_history, keep("keeps_history")), h("small", {}, t("keeps_history_hint"))),
    ),
  );
}

// `structure`: true draws everything; "canvas" leaves the panel, in which somebody is typing; false only the bar.
function draw(structure) {
  if (state.dirty) note = "";
  if (structure) {
    keepFocus(slot("canvas"), drawCanvas);
    if (structure === true) {
      keepFocus(slot("panel"), drawPanel);
      keepFocus(slot("tabs"), drawTabs);
      keepFocus(slot("form"), drawForm);
      drawFaults(slot("faults"), showFault);
      follow(state.selected && (state.selected.name ?? `group ${state.design.groups.indexOf(state.selected)}`));
    }
  }
  drawState();
}

function view(name) {
  page.querySelectorAll("[data-view]").forEach((tab) => tab.setAttribute("aria-selected", String(tab.dataset.view === name)));
  page.querySelectorAll("[data-page]").forEach((part) => (part.hidden = part.dataset.page !== name));
  // What one view changed (labels, options) the others show.
  draw(true);
}

function showFault(fault) {
  if (state.design.tabs.includes(fault.thing)) view("tabs");
  else if (fault.thing) {
    state.selected = fault.thing;
    view("fields");
    page.querySelector(".fd-canvas .fd-selected")?.scrollIntoView({ block: "center" });
    page.querySelector(".fd-panel .fd-wrong, .fd-panel .fd-fault")?.scrollIntoView({ block: "center" });
  } else if (fault.field?.startsWith("removed[")) {
    view("fields");
    putBack(/\[(.*?)\]/.exec(fault.field)[1]);
  } else if (["name", "status", "primary_field"].includes(fault.field)) view("form");
}

async function save() {
  if (saving) return;
  saving = true;
  clearFaults();
  note = t("saving");
  drawState();
  const outcome = await waiting(page, () => post(data.urls.save, { design: sent(), base: state.base }));
  saving = false;
  if (outcome.ok) {
    load(outcome.body);
    steps.rewrite(adopt);
    steps.rebase();
    note = t("saved");
  } else {
    note = "";
    const faults = outcome.body?.faults ?? [{ field: "", message: t(outcome.signedOut ? "signed_out" : "failed") }];
    takeFaults(outcome.status === 409 ? [...faults, { field: "", message: t("conflict_hint") }] : faults);
  }
  draw(true);
  if (!outcome.ok) window.scrollTo({ top: 0 });
}

load(data);
const follow = sheets(page, { add: t("add_field"), save, deselect: () => {
  state.selected = null;
  redraw();
} });
const steps = history({ slot: slot("history"), text: asText, put: restore });
noteBy(steps.note);
listen(draw);
drawPalette(slot("palette"));
draw(true);
slot("save").addEventListener("click", save);
page.querySelectorAll("[data-view]").forEach((tab) => tab.addEventListener("click", () => view(tab.dataset.view)));
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  }
});
window.addEventListener("beforeunload", (event) => {
  if (state.dirty) event.preventDefault();
});
page.dataset.ready = "true";
