// Asks before a form is sent whether its page still answers whoever fills it in: a session that ended would take what
// was typed with it. Where it did, one signs in in another tab, and goes on here.

// How it stands: "ready", "ended", "other" (another account is signed in now) or "unreachable".
async function state(form, holder) {
  let answer;
  try {
    answer = await fetch(holder.dataset.sessionUrl, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" });
  } catch {
    return "unreachable";
  }
  if (answer.status === 401) return "ended";
  const session = answer.ok ? await answer.json().catch(() => null) : null;
  if (!session) return "unreachable";
  if (String(session.account) !== holder.dataset.account) return "other";
  form.querySelector("[name=csrfmiddlewaretoken]").value = session.token; // signing in made another one
  return "ready";
}

// Whether the form has the dialog that tells of a session that ended.
export const asksFirst = (form) => Boolean(form.querySelector("[data-session-url]"));

// Promises whether the form may be sent; if not, the page says why, and how to go on.
export async function staysSignedIn(form) {
  const holder = form.querySelector("[data-session-url]");
  const found = await state(form, holder);
  const dialog = holder.querySelector("[data-session]");
  for (const part of dialog.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(found);
  if (found === "ready") dialog.close();
  else if (!dialog.open) dialog.showModal();
  return found === "ready";
}

// `again` is called when the dialog's button asks to try once more.
export function goesOn(form, again) {
  const dialog = form.querySelector("[data-session]");
  dialog?.querySelector("[data-again]").addEventListener("click", again);
  dialog?.querySelector("[data-later]").addEventListener("click", () => dialog.close());
}
