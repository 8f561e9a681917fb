// The page of exports: while a file is being made its row is drawn anew, and that it is ready is said once.
const SECOND = 1000;
const holder = document.querySelector("[data-exports]");
const told = document.querySelector("[data-told]");
const state = () => holder.firstElementChild.dataset;

async function look() {
  const answer = await fetch(holder.dataset.exports, { redirect: "error" }).catch(() => null);
  if (answer?.ok) {
    const { say } = state();
    const focused = holder.contains(document.activeElement) ? document.activeElement.id : "";
    holder.innerHTML = await answer.text();
    if (focused) document.getElementById(focused)?.focus();
    if (state().say !== say) told.textContent = state().say;
  }
  again();
}

function again() {
  if (Number(state().unfinished)) window.setTimeout(look, SECOND);
  else document.documentElement.dataset.exports = "finished";
}

again();
