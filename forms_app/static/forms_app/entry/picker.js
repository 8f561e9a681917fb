// A searchable list: what is chosen stands as chips before the text that one searches by.
import { h } from "../shared/dom.js";

let lists = 0;

// `chosen`: [{value, label}]; `search(text)` promises {results: [{value, label, hint}], more}; `changed(chosen)` is told
// every change.
export function picker(entry, { chosen, multiple, search, changed }) {
  const { texts } = entry;
  const id = `fe-list-${++lists}`;
  let found = [];
  let active = -1;
  let asked = 0;
  let timer = 0;
  let pending = false; // what is typed has not been answered yet
  let entered = false; // Enter was pressed while it was pending
  const chips = h("span", { class: "fe-chips" });
  const input = h("input", {
    type: "text",
    role: "combobox",
    autocomplete: "off",
    placeholder: texts.search,
    "aria-labelledby": entry.label,
    "aria-controls": id,
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    oninput: () => {
      clearTimeout(timer);
      asked++; // what comes for an earlier text is no longer wanted
      pending = true;
      entered = false;
      timer = setTimeout(open, 150);
    },
    onfocus: () => open(),
    onclick: () => open(),
    onblur: close,
    onkeydown: key,
  });
  // The list keeps the focus in the input: else a click in it would close it first.
  const list = h("ul", { class: "fe-list", id, role: "listbox", hidden: true, onmousedown: (event) => event.preventDefault() });
  const box = h("div", { class: "fe-picker", onclick: (event) => event.target === box && input.focus() }, chips, input, list);

  function drawChips() {
    chips.replaceChildren(
      ...chosen.map((item) =>
        h("span", { class: "fe-chip" }, item.label, h("button", {
          type: "button",
          "aria-label": texts.remove.replace("{name}", item.label),
          onclick: () => keep(chosen.filter((other) => other !== item)),
        }, "×")),
      ),
    );
  }

  function keep(items) {
    chosen = items;
    drawChips();
    changed(chosen);
  }

  function choose(item) {
    input.value = "";
    if (!chosen.some((other) => other.value === item.value)) keep(multiple ? [...chosen, item] : [item]);
    close();
  }

  async function open() {
    const mine = ++asked;
    if (list.hidden) note(texts.searching);
    show(true);
    let answer;
    try {
      answer = await search(input.value.trim());
    } catch {
      answer = null;
    }
    if (mine !== asked) return; // closed, or asked anew
    const take = entered;
    pending = entered = false;
    if (!answer) return note(texts.failed);
    found = answer.results.filter((item) => !chosen.some((other) => other.value === item.value));
    active = found.length && input.value ? 0 : -1;
    if (!found.length) return note(texts.nothing);
    list.replaceChildren(
      ...found.map((item, place) =>
        h("li", { role: "option", id: `${id}-${place}`, onclick: () => choose(item) }, item.label, item.hint ? h("small", {}, item.hint) : null),
      ),
      ...(answer.more ? [h("li", { class: "fe-note", role: "presentation" }, texts.more)] : []),
    );
    mark();
    if (take && active >= 0) choose(found[active]);
  }

  function note(text) {
    found = [];
    list.replaceChildren(h("li", { class: "fe-note", role: "presentation" }, text));
  }

  function show(visible) {
    list.hidden = !visible;
    input.setAttribute("aria-expanded", String(visible));
  }

  function close() {
    clearTimeout(timer);
    asked++;
    pending = entered = false;
    show(false);
  }

  function mark() {
    found.forEach((_item, place) => list.children[place].setAttribute("aria-selected", String(place === active)));
    if (active >= 0) list.children[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", active >= 0 ? `${id}-${active}` : "");
  }

  function key(event) {
    if (event.isComposing) return; // Enter ends a word of an input method
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return open();
      if (!found.length) return;
      active = (active + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
      mark();
    } else if (event.key === "Enter") {
      event.preventDefault(); // it would send the form
      if (pending) entered = true; // the list still answers an earlier text: the first of what comes is meant
      else if (!list.hidden && found[active]) choose(found[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    } else if (event.key === "Backspace" && !input.value && chosen.length) {
      keep(chosen.slice(0, -1));
    }
  }

  // What is typed here is no value of the form.
  drawChips();
  entry.holder.append(box);
}

// Asks the server; the same question is asked once.
export function asker(data) {
  const answers = new Map();
  return (parameters) => {
    const url = new URL(data.url, window.location.href);
    for (const [name, value] of Object.entries({ field: data.field, ...parameters })) url.searchParams.set(name, value);
    const key = url.href;
    if (!answers.has(key)) {
      const answer = fetch(key, { headers: { Accept: "application/json" }, redirect: "error" }).then((response) => {
        if (!response.ok) throw new Error(String(response.status));
        return response.json();
      });
      answer.catch(() => answers.delete(key));
      answers.set(key, answer);
    }
    return answers.get(key);
  };
}

// Searches a list that the page has already.
export function among(options) {
  return async (text) => {
    const wanted = text.toLowerCase();
    const found = options.filter((option) => option.enabled && option.label.toLowerCase().includes(wanted));
    return { results: found.slice(0, 100), more: found.length > 100 };
  };
}
