// Drag and drop of fields: what is dragged is kept here, since a dragover event does not show its data.
let dragged = null;

export function drag(element, what) {
  element.addEventListener("dragstart", (event) => {
    dragged = what;
    event.dataTransfer.effectAllowed = "copyMove";
    event.dataTransfer.setData("text/plain", what.type ?? what.field?.label ?? what.group?.label ?? "");
    event.stopPropagation();
    element.classList.add("fd-dragged");
  });
  element.addEventListener("dragend", () => {
    dragged = null;
    element.classList.remove("fd-dragged");
    unmark();
  });
}

// `list` holds the items; `dropped(what, place)` is called with the place the pointer was over.
export function dropInto(list, accepts, dropped) {
  list.addEventListener("dragover", (event) => {
    if (!dragged || !accepts(dragged)) return;
    event.preventDefault();
    event.stopPropagation();
    unmark();
    const place = placeAt(list, event.clientY);
    const item = items(list)[place];
    if (item) item.classList.add("fd-drop-before");
    else list.classList.add("fd-drop-end");
  });
  list.addEventListener("drop", (event) => {
    if (!dragged || !accepts(dragged)) return;
    event.preventDefault();
    event.stopPropagation();
    const what = dragged;
    const place = placeAt(list, event.clientY);
    dragged = null;
    unmark();
    dropped(what, place);
  });
}

function items(list) {
  return [...list.children].filter((child) => "item" in child.dataset);
}

function placeAt(list, y) {
  const all = items(list);
  const found = all.findIndex((item) => {
    const box = item.getBoundingClientRect();
    return y < box.top + box.height / 2;
  });
  return found < 0 ? all.length : found;
}

function unmark() {
  for (const name of ["fd-drop-before", "fd-drop-end"]) {
    document.querySelectorAll(`.${name}`).forEach((element) => element.classList.remove(name));
  }
}
