// The API page in the admin: one call at a time, samples in one language at a time, copying.
import { laidOut, parse } from "./json.js";

const page = document.querySelector("[data-api-page]");
const texts = JSON.parse(document.getElementById("api-texts").textContent);
const all = (selector, within = page) => [...within.querySelectorAll(selector)];

// --- Calls -----------------------------------------------------------------------------------------------

const names = all("[data-tab]").map((tab) => tab.dataset.tab);

/** The page keeps its place when another call is chosen: the tabs stay where they are. */
function choose(name) {
  const chosen = names.includes(name) ? name : names[0];
  for (const tab of all("[data-tab]")) {
    if (tab.dataset.tab === chosen) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  for (const call of all("[data-call]")) call.hidden = call.dataset.call !== chosen;
  page.querySelector(`[data-tab="${chosen}"]`).scrollIntoView({ block: "nearest", inline: "nearest" });
}

page.querySelector("[data-tabs]").addEventListener("click", (event) => {
  const tab = event.target.closest("[data-tab]");
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", `#${tab.dataset.tab}`);
  choose(tab.dataset.tab);
});
window.addEventListener("popstate", () => choose(location.hash.slice(1)));
choose(location.hash.slice(1));

// --- Languages -------------------------------------------------------------------------------------------

const KEPT = "api-page-language";
const languages = [...new Set(all("[data-language]").map((button) => button.dataset.language))];

function speak(language) {
  for (const button of all("[data-language]")) button.setAttribute("aria-pressed", button.dataset.language === language);
  for (const sample of all("[data-sample]")) sample.hidden = sample.dataset.sample !== language;
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // a browser may refuse to keep anything
  }
}

for (const button of all("[data-language]")) {
  button.addEventListener("click", () => {
    speak(button.dataset.language);
    try {
      localStorage.setItem(KEPT, button.dataset.language);
    } catch {} // as above
  });
}
for (const element of all("[data-languages], [data-copy-sample]")) element.hidden = false;
speak(languages.includes(kept()) ? kept() : languages[0]);

// --- Samples of one call ---------------------------------------------------------------------------------

for (const group of all(".ap-choice")) {
  const buttons = all("[data-choice]", group);
  const show = (name) => {
    for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.choice === name);
    for (const sample of all("[data-variant]", group.parentElement)) sample.hidden = sample.dataset.variant !== name;
  };
  for (const button of buttons) button.addEventListener("click", () => show(button.dataset.choice));
  group.hidden = false;
  show(buttons[0].dataset.choice);
}

// --- JSON ------------------------------------------------------------------------------------------------

for (const element of all("[data-json]")) element.replaceChildren(...laidOut(parse(element.textContent)));

// --- Copying ---------------------------------------------------------------------------------------------

async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Plain http has no clipboard.
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

function say(element) {
  element.dataset.said = texts.copied;
  setTimeout(() => delete element.dataset.said, 1200);
}

for (const button of all("[data-copy-sample]")) {
  button.addEventListener("click", async () => {
    const shown = all("[data-sample]", button.closest(".ap-code")).find((sample) => !sample.hidden);
    await copy(shown.textContent);
    say(button);
  });
}

for (const element of all("[data-copy]")) {
  element.tabIndex = 0;
  element.setAttribute("role", "button");
  const act = async () => {
    await copy(element.dataset.copy || element.textContent);
    say(element);
  };
  element.addEventListener("click", () => String(getSelection()) || act());
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  });
}
