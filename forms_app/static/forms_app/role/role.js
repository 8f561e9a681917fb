// The grid of a role: an app's forms fold away, and a form's tabs and fields are brought when they are asked for.

const page = document.getElementById("role");
const toggle = document.getElementById("toggle");

for (const app of page.querySelectorAll("[data-app]")) {
  if (!app.querySelector('[data-level="form"]')) continue;
  const button = toggle.content.firstElementChild.cloneNode(true);
  button.setAttribute("aria-expanded", String("open" in app.dataset));
  button.addEventListener("click", () => {
    const open = app.toggleAttribute("data-open");
    button.setAttribute("aria-expanded", String(open));
  });
  app.querySelector("th").insertBefore(button, app.querySelector(".ro-label"));
}

for (const more of page.querySelectorAll("details[data-url]")) {
  more.addEventListener("toggle", async () => {
    const { url } = more.dataset;
    if (!more.open || !url) return;
    more.dataset.url = "";
    const answer = await fetch(url, { headers: { "X-Requested-With": "XMLHttpRequest" } });
    if (!answer.ok) {
      more.dataset.url = url;
      more.open = false;
      return;
    }
    more.insertAdjacentHTML("beforeend", await answer.text());
    // The choice of records with the form's tabs takes the place of the one without.
    const [plain, full] = more.closest("td").querySelectorAll("[data-rows]");
    if (!full) return;
    full.value = plain.value;
    plain.remove();
  });
}

page.addEventListener("change", ({ target }) => {
  if (target.type !== "checkbox") return;
  const row = target.closest("tr");
  row?.toggleAttribute("data-given", row.querySelector(":checked") !== null);
});
