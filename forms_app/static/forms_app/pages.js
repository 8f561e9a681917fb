// Of all pages: what select2 and unfold leave out for who uses a keyboard or a screen reader.

// A box of select2 says nothing of what it is for, and its list holds more than items.
function named(container) {
  const select = container.previousElementSibling;
  if (!(select instanceof HTMLSelectElement)) return;
  const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  if (!label) return;
  label.id ||= `${select.id}-label`;
  const box = container.querySelector(".select2-selection");
  const shown = container.querySelector(".select2-selection--single .select2-selection__rendered");
  shown?.removeAttribute("role"); // it is a part of the box, and no box of its own
  shown?.removeAttribute("aria-readonly");
  box?.setAttribute("aria-labelledby", shown ? `${label.id} ${shown.id}` : label.id);
  container.querySelector(".select2-search__field")?.setAttribute("aria-labelledby", label.id);
}

function mended(root) {
  for (const container of root.querySelectorAll(".select2-container")) named(container);
  for (const clear of root.querySelectorAll("ul > .select2-selection__clear")) clear.setAttribute("role", "listitem");
  const open = document.querySelector(".select2-container--open .select2-selection");
  const search = root.querySelector(".select2-search--dropdown .select2-search__field");
  if (!open) return;
  open.setAttribute("aria-controls", open.getAttribute("aria-owns") ?? "");
  search?.setAttribute("aria-labelledby", open.getAttribute("aria-labelledby"));
}

// What only a mouse can click: unfold's menus and switches.
function reachable(root) {
  for (const each of root.querySelectorAll("[x-on\\:click]:not(a[href], button, input, select, textarea, label, tr, td, [role])")) {
    if (!each.textContent.trim() || each.querySelector("a, button, input, select, textarea")) continue;
    each.setAttribute("role", "button");
    each.tabIndex = 0;
    each.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      each.click();
    });
  }
}

document.addEventListener("DOMContentLoaded", () => {
  reachable(document.body);
  mended(document.body);
  new MutationObserver((changes) => {
    for (const { addedNodes, target } of changes) {
      if (!addedNodes.length) continue;
      const holder = target instanceof Element ? target.closest(".select2-container") : null;
      mended(holder?.parentElement ?? target);
    }
  }).observe(document.body, { childList: true, subtree: true });
});
