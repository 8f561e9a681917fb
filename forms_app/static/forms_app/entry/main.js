// Forms to fill in: draws their controls, and keeps what is typed from getting lost.
import { drawControls } from "./controls.js";
import { asksFirst, goesOn, staysSignedIn } from "./session.js";

const HELD = 10_000; // milliseconds; then whoever has stopped the browser may send again

function guard(form) {
  let dirty = form.dataset.dirty === "true";
  let sending = false;
  let held = false; // sent a moment ago: a second click must not send it again
  const touched = () => (dirty = true);
  form.addEventListener("input", touched);
  form.addEventListener("change", (event) => {
    touched();
    // The admin's own script would write the file's name into the first text nearby.
    if (event.target.type === "file") event.stopPropagation();
  }, true);
  let asking = false;
  let by = null;
  form.addEventListener("submit", (event) => {
    if (held) return event.preventDefault();
    if (sending) return hold(); // asked already, and good
    // Half a date posts as an empty one, and would clear the field.
    const half = [...form.elements].find((element) => element.validity?.badInput);
    if (half) {
      event.preventDefault();
      return half.reportValidity();
    }
    // Sent by itself: within this event a browser ignores requestSubmit.
    if (!asksFirst(form)) {
      sending = true;
      return hold();
    }
    event.preventDefault();
    by = event.submitter;
    send();
  });
  function hold() {
    held = true;
    setTimeout(() => (held = false), HELD);
  }
  async function send() {
    if (asking) return;
    asking = true;
    const ready = await staysSignedIn(form);
    asking = false;
    if (!ready) return;
    sending = true;
    form.requestSubmit(by);
  }
  goesOn(form, send);
  window.addEventListener("pageshow", () => (sending = held = false)); // back again by the browser's button
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !sending) event.preventDefault();
  });
}

document.querySelectorAll("form[data-entry]").forEach((form) => {
  drawControls(form);
  if (form.dataset.entry !== "confirmed") guard(form);
  form.querySelector(".fe-wrong")?.scrollIntoView({ block: "center" });
  form.dataset.ready = "true";
});
