// Talking to the server.
export async function post(url, body) {
  const token = document.querySelector("#designer [name=csrfmiddlewaretoken]").value;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json" },
      body: JSON.stringify(body),
      redirect: "manual",
    });
    const json = (response.headers.get("Content-Type") ?? "").startsWith("application/json");
    return { ok: response.ok, status: response.status, signedOut: response.type === "opaqueredirect", body: json ? await response.json() : null };
  } catch {
    return { ok: false, status: 0, signedOut: false, body: null };
  }
}
