// The page of a call: sends it, shows the answer's text, keeps the curl line true, copies on a click.
import { laidOut, linesOf, parse, queryString } from "./json.js";

const texts = JSON.parse(document.getElementById("texts").textContent);
const find = (name) => document.querySelector(`[data-${name}]`);
const say = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// --- The answer ------------------------------------------------------------------------------------------

function show(text) {
  const place = find("answer");
  try {
    place.replaceChildren(...laidOut(parse(text)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    place.textContent = text;
  }
}

const given = find("answer");
if (given.textContent && !("plain" in given.dataset)) show(given.textContent);

// --- Sending ---------------------------------------------------------------------------------------------

const sender = document.getElementById("sender") && JSON.parse(document.getElementById("sender").textContent);
const form = find("sender");
const body = find("body");

/** What the form says now: {method, address, body, node}. Throws SyntaxError. */
function request() {
  const { method, path } = sender.endpoints[Number(find("method").value)];
  const address = path.replace(/\{(\w+)\}/g, (whole, name) => {
    const input = form.querySelector(`[data-path="${name}"]`);
    return encodeURIComponent(input?.value.trim() || whole);
  });
  const text = body?.value.trim() ? body.value : "";
  const node = text ? parse(text) : { kind: "object", members: [] };
  if (node.kind !== "object") throw new SyntaxError();
  if (method !== "GET") return { method, address, body: text, node };
  const query = queryString(node);
  return { method, address: query ? `${address}?${query}` : address, body: "", node };
}

function problem(error) {
  return error.message ? say(texts.notJson, { reason: error.message }) : texts.notObject;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function refresh() {
  const { method, path } = sender.endpoints[Number(find("method").value)];
  const hint = find("hint");
  if (hint) hint.hidden = method !== "GET";
  find("target").textContent = path;
  let sent;
  try {
    sent = request();
  } catch (error) {
    find("problem").textContent = problem(error);
    return;
  }
  find("problem").textContent = "";
  const start = find("curl").textContent.split("\n")[0];
  const lines = [start, `curl -X ${method} ${quoted(sender.origin + sent.address)}`, '  -H "ACCESS-TOKEN: $APAAS_TOKEN"'];
  if (find("file")) lines.push(`  -F ${quoted(`file=@${find("file").files[0]?.name ?? "contract.pdf"}`)}`);
  else if (sent.body) lines.push("  -H 'Content-Type: application/json'", `  -d ${quoted(linesOf(sent.node))}`);
  find("curl").textContent = lines[0] + "\n" + lines.slice(1).join(" \\\n");
}

async function send(sent) {
  const headers = { Accept: "application/json", "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value };
  const options = { method: sent.method, headers, credentials: "same-origin", cache: "no-store" };
  if (find("file")) {
    options.body = new FormData();
    options.body.append("file", find("file").files[0]);
  } else if (sent.body) {
    headers["Content-Type"] = "application/json";
    options.body = sent.body;
  }
  const began = performance.now();
  const response = await fetch(sent.address, options);
  const kind = response.headers.get("Content-Type") ?? "";
  const text = kind.startsWith("application/json")
    ? await response.text()
    : say(texts.bytes, { count: (await response.arrayBuffer()).byteLength, type: kind });
  const took = performance.now() - began;
  document.getElementById("answer").hidden = false;
  find("status").textContent = response.status;
  find("status").classList.toggle("failed", !response.ok);
  find("time").textContent = `${Math.round(took)} ms`;
  find("request-id").textContent = response.headers.get("X-Request-Id") ?? "";
  find("address").textContent = `${sent.method} ${decodeURI(sent.address)}`;
  show(text);
}

if (sender) {
  form.addEventListener("input", refresh);
  form.addEventListener("reset", () => setTimeout(refresh));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = find("send");
    if (button.dataset.confirm && !window.confirm(button.dataset.confirm)) return;
    button.disabled = true;
    try {
      await send(request());
      document.getElementById("answer").scrollIntoView({ behavior: "smooth", block: "nearest" });
    } catch (error) {
      find("problem").textContent = error instanceof SyntaxError ? problem(error) : texts.unreachable;
    } finally {
      button.disabled = false;
    }
  });
  body?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  if (body?.value) body.defaultValue = linesOf(parse(body.value));
  if (body) body.rows = Math.min(Math.max(body.value.split("\n").length + 1, 6), 24);
  refresh();
  find("send").disabled = false;
}

// --- Choosing a form, copying ----------------------------------------------------------------------------

const chooser = find("chooser");
if (chooser) {
  chooser.querySelector("button").hidden = true;
  chooser.addEventListener("change", () => chooser.submit());
}

for (const element of document.querySelectorAll("[data-copy]")) {
  element.tabIndex = 0;
  element.setAttribute("role", "button");
}

async function copy(element) {
  await navigator.clipboard.writeText(element.dataset.copy || element.textContent);
  element.dataset.said = texts.copied;
  setTimeout(() => delete element.dataset.said, 1200);
}

document.addEventListener("click", (event) => {
  const element = event.target.closest("[data-copy]");
  if (element && !String(getSelection())) copy(element);
});
document.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === " ") && event.target.matches("[data-copy]")) {
    event.preventDefault();
    copy(event.target);
  }
});
