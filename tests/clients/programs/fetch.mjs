// fetch.mjs <address> <token> <text>
const [address, token, text] = process.argv.slice(2);
const api = `${address}/apaas/api/v2/form_entities`;
const title = "text_1691116775689_fb4558";
const one = {name: "id", op: "in", value: [11, 30]};
const headers = {"ACCESS-TOKEN": token, "Content-Type": "application/json"};
const send = (method, path, body) => fetch(api + path, {method, headers, body: body && JSON.stringify(body)});
const json = async (...request) => (await send(...request)).json();

const query = new URLSearchParams({custom_form_id: 2, filters: JSON.stringify([one]), "sort[][id]": "desc"});
for (const name of ["id", title]) query.append("only_field_names", name);
const listed = await json("GET", `?${query}`);
const found = await json("PUT", "", {custom_form_id: 2, search_column_name: title, query: text, filters: one});
const made = await json("POST", "", {custom_form_id: 2, form_entity: {[title]: "泵 &=+%"}, only_field_names: ["id"]});
const id = made.data.id;
await json("PUT", `/${id}`, {custom_form_id: 2, form_entity: {float_1692266369741_23c9a8: 0.1}});
await json("POST", "/transfer", {custom_form_id: 2, ids: [id], to_user_uid: 2});
const names = `only_field_names[]=${title}&only_field_names[]=user`;
const bearer = {headers: {Authorization: `Bearer ${token}`}};
const read = await (await fetch(`${api}/${id}?custom_form_id=2&${names}`, bearer)).json();
await json("DELETE", "/mass_destroy", {custom_form_id: 2, ids: [id]});
const gone = (await send("GET", `/${id}?custom_form_id=2`)).status;
const refused = (await fetch(`${api}?custom_form_id=2`)).status;
console.log(JSON.stringify({listed, found, read, gone, refused}));
