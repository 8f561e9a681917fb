// The flow's settings, and its versions.
import { data, state, t, changed, labels } from "./state.js";
import { checkbox, h, input, row } from "../shared/dom.js";
import { draw } from "./diagram.js";
import { read } from "./server.js";
import { frame } from "./zoom.js";

function sentencesOf(field) {
  return state.faults.filter((fault) => fault.field === field).map((fault) => fault.message);
}

export function drawSettings(slot) {
  const { design, status } = state;
  const keep = (key) => (value) => {
    design[key] = value;
    changed(false);
  };
  slot.replaceChildren(
    h(
      "fieldset",
      { class: "fd-tab", disabled: !data.editable },
      row(t("flow_name"), input(design.name, keep("name"), { maxlength: 100, "data-setting": "flow_name" }), { required: true, faults: sentencesOf("name") }),
      row(t("description"), h("textarea", { rows: 3, value: design.description, oninput: (event) => keep("description")(event.target.value) })),
      row(t("api_path"), input(design.api_path, keep("api_path"), { maxlength: 64, class: "fd-mono", readOnly: status.path_fixed, "data-setting": "api_path" }), {
        required: true,
        hint: t(status.path_fixed ? "api_path_fixed" : "api_path_hint"),
        faults: sentencesOf("api_path"),
      }),
      proposal(),
      h("div", { class: "fd-row" }, checkbox(t("api_enabled"), design.api_enabled, keep("api_enabled")), h("small", {}, t("api_enabled_hint"))),
      h("div", { class: "fd-row" }, checkbox(t("attachments"), design.attachments, keep("attachments")), h("small", {}, t("attachments_hint"))),
      h("div", { class: "fd-row" }, checkbox(t("locks_record"), design.locks_record, keep("locks_record")), h("small", {}, t("locks_record_hint"))),
    ),
  );
}

// A path that people can say, as long as it can change.
function proposal() {
  const path = data.proposed_path;
  if (state.status.path_fixed || !path || state.design.api_path === path) return null;
  const take = () => {
    state.design.api_path = path;
    changed();
  };
  return h("p", { class: "fd-row" }, h("button", { type: "button", class: "fd-button", "data-do": "propose-path", onclick: take }, t("propose_path", { path })));
}

export function drawVersions(slot) {
  const { versions, published } = state.status;
  const shown = h("div", { class: "fl-version", hidden: true });
  const show = async (version) => {
    const found = await read(data.urls.version.replace("/0/", `/${version.number}/`));
    if (!found) return;
    shown.hidden = false;
    const { svg, fresh } = frame(shown, data.words.zoom);
    draw(svg, found.definition, { words: data.words, labels: labels() });
    fresh();
    shown.scrollIntoView({ block: "nearest" });
  };
  slot.replaceChildren(
    h("p", { class: "fd-empty", hidden: versions.length > 0 }, t("no_versions")),
    h(
      "div",
      { class: "fa-scroll", hidden: !versions.length },
      h(
        "table",
        { class: "fa-table" },
        h("tr", {}, [t("version"), t("published_at"), t("published_by"), t("running"), ""].map((text) => h("th", {}, text))),
        versions.map((version) =>
          h(
            "tr",
            { "data-version": version.number },
            h("td", {}, String(version.number), version.number === published ? [" ", h("span", { class: "fd-badge" }, t("published"))] : null),
            h("td", {}, version.at),
            h("td", {}, version.by || "—"),
            h("td", {}, String(version.running)),
            h("td", {}, h("button", { type: "button", class: "fd-button", onclick: () => show(version) }, t("show_diagram"))),
          ),
        ),
      ),
    ),
    shown,
  );
}
