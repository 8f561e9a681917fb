// The pages of tickets: draws the diagram with where the ticket stands, and asks before what can't be taken back.
import { draw } from "../flow/diagram.js";
import { frame } from "../flow/zoom.js";

const holder = document.querySelector("[data-diagram]");
const source = document.getElementById("diagram-data");

// A click on a component shows what happened there; another one shows all again.
function follow(data) {
  const { svg, fresh } = frame(holder, data.words.zoom);
  const steps = [...document.querySelectorAll(".ti-step")];
  let selected = null;
  const redraw = () => {
    draw(svg, data.definition, {
      marks: data.marks ?? {},
      labels: data.labels,
      words: data.words,
      selected,
      onSelect: steps.length ? select : undefined,
    });
    fresh();
  };
  const select = (component) => {
    selected = component === selected ? null : component;
    const found = steps.filter((step) => step.dataset.component === selected);
    steps.forEach((step) => step.classList.toggle("ti-aside", selected !== null && !found.includes(step)));
    found.at(-1)?.scrollIntoView({ block: "nearest", behavior: "smooth" });
    redraw();
  };
  redraw();
  const height = Number(svg.getAttribute("height")) + 8;
  if (height < holder.clientHeight) holder.style.height = `${height}px`; // a short flow needs less
  // Where it stands comes into view.
  const [mark] = svg.querySelectorAll(".fl-mark-stopped, .fl-mark-waiting, .fl-mark-calling");
  const scroll = svg.parentElement;
  if (mark) {
    const [box, around] = [mark.getBoundingClientRect(), scroll.getBoundingClientRect()];
    scroll.scrollTop += box.top - around.top - scroll.clientHeight / 2;
    scroll.scrollLeft += box.left + box.width / 2 - around.left - scroll.clientWidth / 2;
  }
  holder.dataset.ready = "true";
}

if (holder && source) follow(JSON.parse(source.textContent));

for (const button of document.querySelectorAll("button[data-confirm]")) {
  button.addEventListener("click", (event) => confirm(button.dataset.confirm) || event.preventDefault());
}
for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => confirm(form.dataset.confirm) || event.preventDefault());
}
for (const choice of document.querySelectorAll("select[data-submits]")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
}
