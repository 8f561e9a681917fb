"""with_library.py <library> <address> <token> <text>: requests and httpx, which are called alike."""

import importlib
import json
import sys

library, address, token, text = sys.argv[1:]
http = importlib.import_module(library)
api = f"{address}/apaas/api/v2/form_entities"
title = "text_1691116775689_fb4558"
one = {"name": "id", "op": "in", "value": [11, 30]}


def ask(method, path="", headers=None, **sent):
    return http.request(method, api + path, headers=headers or {"ACCESS-TOKEN": token}, timeout=60, **sent)


query = {"custom_form_id": 2, "filters": json.dumps([one]), "sort[][id]": "desc", "only_field_names": ["id", title]}
listed = ask("GET", params=query).json()
wanted = {"custom_form_id": 2, "search_column_name": title, "query": text, "filters": one}
found = ask("PUT", json=wanted).json()
made = {"custom_form_id": 2, "form_entity": {title: "泵 &=+%"}, "only_field_names": ["id"]}
number = ask("POST", json=made).json()["data"]["id"]
ask("PUT", f"/{number}", json={"custom_form_id": 2, "form_entity": {"float_1692266369741_23c9a8": 0.1}})
ask("POST", "/transfer", json={"custom_form_id": 2, "ids": [number], "to_user_uid": 2})
bearer = {"Authorization": f"Bearer {token}"}
names = {"custom_form_id": 2, "only_field_names[]": [title, "user"]}
read = ask("GET", f"/{number}", headers=bearer, params=names).json()
ask("DELETE", "/mass_destroy", json={"custom_form_id": 2, "ids": [number]})
gone = ask("GET", f"/{number}", params={"custom_form_id": 2}).status_code
refused = ask("GET", headers={"Accept": "*/*"}, params={"custom_form_id": 2}).status_code
sys.stdout.write(json.dumps({"listed": listed, "found": found, "read": read, "gone": gone, "refused": refused}))
