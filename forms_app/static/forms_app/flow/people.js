// Choosing people or departments: those chosen as chips, others found by name or number.
import { data, t } from "./state.js";
import { h, iconButton, input } from "../shared/dom.js";
import { read } from "./server.js";

const WAIT = 150;

// `chosen`: numbers (uid or did), edited in place; `kind` is member or department; `keep` is told of each change.
export function picker(kind, chosen, keep) {
  const names = data.people[kind];
  const found = h("div", { class: "fl-found", hidden: true });
  const put = (number, name) => {
    names[number] = name;
    chosen.push(number);
    keep();
  };
  let timer = null;
  let last = 0;
  const search = async (text) => {
    const own = (last += 1);
    const answer = await read(`${data.urls.people}?kind=${kind}&q=${encodeURIComponent(text)}`);
    if (own !== last) return;
    const rows = (answer?.people ?? []).filter(({ id }) => !chosen.includes(id));
    found.hidden = false;
    if (rows.length) Object.entries({ role: "listbox", "aria-label": t(`find_${kind}`) }).forEach(([name, value]) => found.setAttribute(name, value));
    else found.removeAttribute("role");
    found.replaceChildren(
      ...(rows.length
        ? rows.map(({ id, name }) => h("button", { type: "button", role: "option", "data-person": id, onclick: () => put(id, name) }, name, h("small", {}, ` #${id}`)))
        : [h("small", {}, t("nobody_found"))]),
    );
  };
  const text = input("", (value) => {
    clearTimeout(timer);
    timer = setTimeout(() => search(value), WAIT);
  }, { placeholder: t(`find_${kind}`), "aria-label": t(`find_${kind}`), "data-setting": kind, onfocus: () => search(text.value) });
  const box = h(
    "div",
    { class: "fl-picker", onfocusout: (event) => {
      if (!box.contains(event.relatedTarget)) found.hidden = true;
    } },
    chosen.length
      ? h("div", { class: "fd-chips" }, chosen.map((number, place) =>
          h("span", { class: "fd-chip" }, names[number] ?? `#${number}`, iconButton("close", t("remove"), () => {
            chosen.splice(place, 1);
            keep();
          }))))
      : null,
    text,
    found,
  );
  return box;
}
