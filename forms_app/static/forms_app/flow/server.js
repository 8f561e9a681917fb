// What the page asks of the server.
import { data, state, definition } from "./state.js";
import { post } from "../shared/server.js";

export { post };

// A check for a formula box: of this flow's form and variables, or with `flow` of another flow's.
export function checkFormula(expected = "any", flow = "") {
  return (formula) => post(data.urls.formula, { formula, expected, flow, definition: definition() });
}

export const save = () => post(data.urls.save, { design: state.design, base: state.base });
export const check = () => post(data.urls.check, { design: state.design });
export const publish = () => post(data.urls.publish, { base: state.base });
export const unpublish = () => post(data.urls.unpublish, {});

// JSON at an address, or null.
export async function read(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
