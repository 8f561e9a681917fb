// generated.ts: what openapi-typescript makes of the document types every call that it makes here.
import type { components, operations } from "./api";

type Body<Name extends keyof operations> = operations[Name] extends {
  requestBody?: { content: { "application/json": infer Content } };
}
  ? Content
  : never;
type Data<Name extends keyof operations> = operations[Name] extends {
  responses: { 200: { content: { "application/json": infer Content } } };
}
  ? Content
  : never;

declare const process: { argv: string[] };
const [url, token] = process.argv.slice(2);

async function call<Name extends keyof operations>(method: string, path: string, body?: unknown): Promise<Data<Name>> {
  const headers = { "ACCESS-TOKEN": token ?? "", "Content-Type": "application/json" };
  const answer = await fetch(url + path, { method, headers, body: body ? JSON.stringify(body) : undefined });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return (await answer.json()) as Data<Name>;
}

const filter: components["schemas"]["Filter"] = { name: "id", op: "in", value: [11, 30] };
const group: components["schemas"]["FilterGroup"] = { or: [filter, { or: [filter] }] };
const wanted: Body<"list_by_put"> = {
  custom_form_id: 2,
  page: 1,
  per_page: 15,
  filters: [filter, group],
  sort: [{ id: "asc" }],
  only_field_names: ["id", "text_1691116775689_fb4558"],
};
const query: NonNullable<operations["list"]["parameters"]["query"]> = {
  custom_form_id: 2,
  filters: JSON.stringify(wanted.filters),
  sort: JSON.stringify(wanted.sort),
  only_field_names: ["id"],
};
const values: Body<"create"> = { custom_form_id: 2, form_entity: { text_1691116775689_fb4558: "由 TypeScript 新建" } };

async function main(): Promise<void> {
  const listed = await call<"list_by_put">("PUT", "/apaas/api/v2/form_entities", wanted);
  const ids = await call<"ids_by_put">("PUT", "/apaas/api/v2/form_entities/ids", { custom_form_id: 2, filters: [filter] });
  const names = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) for (const item of [value].flat()) names.append(name, String(item));
  const asked = await call<"list">("GET", `/apaas/api/v2/form_entities?${names}`);
  const made = await call<"create">("POST", "/apaas/api/v2/form_entities", values);
  const read = await call<"detail">("GET", `/apaas/api/v2/form_entities/${made.data.id}?custom_form_id=2`);
  console.log(
    JSON.stringify({
      listed: listed.data.models.map((record) => record.id),
      ids: ids.data.ids,
      asked: asked.data.models,
      title: read.data.text_1691116775689_fb4558,
    }),
  );
}
main();
