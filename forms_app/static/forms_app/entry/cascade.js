// A path down a tree of options: a select for each level; the next one appears when something stands below.
import { h } from "../shared/dom.js";

export function cascade(entry) {
  const { options } = entry.data;
  const first = Object.values(entry.read() ?? {});
  const row = h("div", { class: "fe-inline fe-levels" });
  let path = [...first];

  function below(parent) {
    return options.filter((option) => option.parent === parent && (option.enabled || first.includes(option.value)));
  }

  function draw() {
    const selects = [];
    for (let level = 0; level <= path.length; level++) {
      const choices = below(level ? path[level - 1] : null);
      if (!choices.length) break;
      const label = entry.texts.level.replace("{number}", level + 1);
      selects.push(
        h("select", { "aria-label": label, onchange: (event) => choose(level, event.target.value) },
          h("option", { value: "" }, entry.texts.none),
          choices.map((option) => h("option", { value: option.value, selected: option.value === path[level] }, option.label))),
      );
    }
    row.replaceChildren(...selects);
  }

  function choose(level, token) {
    path = [...path.slice(0, level), ...(token ? [token] : [])];
    entry.write(path.length ? JSON.stringify(Object.fromEntries(path.map((item, place) => [`level_${place}`, item]))) : "");
    draw();
    row.children[level].focus();
  }

  draw();
  entry.holder.append(row);
}
