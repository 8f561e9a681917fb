// What the server gave the page, and the page's words.
export const data = JSON.parse(document.getElementById("designer-data").textContent);

export function t(key, values = {}) {
  return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, () => value), data.texts[key] ?? key);
}
