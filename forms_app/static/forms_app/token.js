// The page that shows a new token: copying it, and leaving no way back to it.
const page = document.getElementById("made-token");
const token = page.querySelector("[data-token]");
const copy = page.querySelector("[data-copy]");

// Loading this page again must not send the form again and make a second token.
history.replaceState(null, "", page.dataset.after);

token.addEventListener("focus", () => token.select());
copy.addEventListener("click", async () => {
  token.select();
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(token.value);
  } else {
    document.execCommand("copy"); // plain http has no clipboard
  }
  copy.textContent = copy.dataset.done;
});
