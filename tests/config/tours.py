"""A tour of every call of both APIs on a served demo: each is sent, and must succeed."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import requests

NUMBERED = """
from forms_app.models import CustomApp
from tests.factories import make_form
fields = {"sku": ("text_field", {"unique": True}), "amount": "float_field", "paper": "file_field"}
fields |= {"gapless": ("auto_number_field", {"mode": "gap_free"}), "fast": "auto_number_field"}
fields |= {"doubled": ("formula_field", {"formula": "{amount} * 2"})}
print(make_form(CustomApp.objects.get(pk=4), fields, name="toured").pk)
"""
"""Makes the form of the tours in a shell of the demo. Its gap-free number is taken before its fast one."""
TICKET_CALLS = {"security", "ticket_open", "ticket_query", "ticket_push", "missions", "tickets", "log_entry", "log"}
V2 = "/apaas/api/v2/"
REST = "/rest/flowmanage/api/"


class Tour:
    """Goes round as often as wanted. What did not succeed is in `failed`; `called` counts the calls by name."""

    def __init__(self, facts: dict[str, Any], form_id: int) -> None:
        self.facts = facts
        self.form_id = form_id
        self.flow = next(flow for flow in facts["flows"] if not flow["validating"])
        self.session = requests.Session()
        self.session.headers["ACCESS-TOKEN"] = facts["token"]
        self.called: Counter[str] = Counter()
        self.failed: list[str] = []

    def send(self, call: str, method: str, path: str, **more: Any) -> requests.Response:
        self.called[call] += 1
        response = self.session.request(method, self.facts["base_url"] + path, timeout=120, **more)
        told = response.headers.get("X-Fault-Codes")  # a failure of the ticket API is 200 as well
        if response.status_code != 200 or told:
            self.failed.append(f"{call}: {response.status_code} {response.text[:500]}")
            response.raise_for_status()
            raise requests.RequestException(response.text)
        return response

    def ask(self, call: str, method: str, path: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
        """The data of a success."""
        sent = {"params": body} if method == "GET" else {"json": body}
        answer = self.send(call, method, V2 + path, headers=headers, **sent).json()
        return answer.get("data") if "code" in answer else answer

    def records(self, call: str, method: str, path: str = "", **body: Any) -> Any:
        return self.ask(call, method, f"form_entities{path}", custom_form_id=self.form_id, **body)

    def ticket(self, call: str, path: str, **body: Any) -> Any:
        return self.send(call, "POST", path, json={"security": self.facts["token"], **body}).json()["result"]

    def parts(self) -> tuple[Callable[[], None], ...]:
        """What a round is made of."""
        return (self.writes, self.reads, self.many, self.definitions, self.people, self.signs_in, self.tickets)

    def round(self) -> None:
        """Every call, most of them once."""
        for part in self.parts():
            try:
                part()
            except (requests.RequestException, AssertionError) as error:
                self.failed.append(f"{part.__name__}: {error!r}"[:500])

    def writes(self) -> None:
        stored = self.send("upload", "POST", f"{V2}files", files={"file": ("a.txt", b"tour")}).json()["data"]
        self.send("download", "GET", stored["file_url"])
        values = {"sku": uuid.uuid4().hex, "amount": 1.5, "paper": [stored]}
        made = self.records("create", "POST", form_entity=values)
        self.id = made["id"]
        key = {"Idempotency-Key": uuid.uuid4().hex}
        values = {"sku": uuid.uuid4().hex}
        ids = [self.records("create", "POST", headers=key, form_entity=values)["id"] for _twice in range(2)]
        assert ids[0] == ids[1]
        self.records("update", "PUT", f"/{self.id}", form_entity={"amount": 3})
        assert self.records("evaluate", "PUT", "/evaluate", field_name="doubled", form_entity={"amount": 4})

    def reads(self) -> None:
        assert self.records("detail", "GET", f"/{self.id}")["doubled"] == 6
        assert self.records("list", "GET", per_page=5)["models"]
        condition = {"name": "amount", "op": "gt", "value": 2}
        assert self.records("list", "PUT", filters=[condition], sort={"sku": "asc"}, per_page=5)["models"]
        assert self.records("list", "PUT", search_column_name="sku", query="a", per_page=5)
        assert self.id in self.records("ids", "GET", "/ids")["ids"]
        assert self.records("simple", "GET", "/simple", query="a") is not None
        assert self.records("history", "GET", f"/{self.id}/history")["models"]
        assert self.records("changes", "GET", "/changes", per_page=5)["models"]
        self.send("export", "GET", f"{V2}form_entities/export", params={"custom_form_id": self.form_id})

    def many(self) -> None:
        skus = [uuid.uuid4().hex for _row in range(5)]
        rows = [{"sku": sku, "amount": 1} for sku in skus]
        ids = [row["id"] for row in self.records("mass_create", "POST", "/mass_create", form_entities=rows)["results"]]
        changes = [{"id": record_id, "form_entity": {"amount": 2}} for record_id in ids]
        self.records("mass_update", "PUT", "/mass_update", form_entities=changes)
        rows = [{"sku": skus[0], "amount": 3}, {"sku": uuid.uuid4().hex}]
        assert self.records("mass_upsert", "PUT", "/mass_upsert", key="sku", form_entities=rows)["created"] == 1
        self.records("transfer", "PUT", "/transfer", ids=ids, to_user_uid=2)
        self.records("mass_destroy", "DELETE", "/mass_destroy", ids=ids)
        self.records("trash", "GET", "/trash", per_page=5)
        self.records("restore", "PUT", "/restore", ids=ids[:2])

    def definitions(self) -> None:
        assert self.ask("custom_apps", "GET", "custom_apps")["models"]
        assert self.ask("custom_forms", "GET", "custom_forms")["models"]
        assert self.ask("custom_form", "GET", f"custom_forms/{self.form_id}")["id"] == self.form_id
        self.ask("docs", "GET", "openapi.json", custom_form_id=self.form_id)
        address = {"url": "http://127.0.0.1:9/tour", "events": ["form_entity.computed"]}
        hook = self.ask("webhook_create", "POST", "webhooks", custom_form_id=self.form_id, **address)["id"]
        self.ask("webhooks", "GET", "webhooks", per_page=5)
        self.ask("webhook", "GET", f"webhooks/{hook}")
        self.ask("webhook_update", "PUT", f"webhooks/{hook}", enabled=True)
        self.ask("webhook_deliveries", "GET", f"webhooks/{hook}/deliveries")
        times = {"since": "2026-01-01T00:00:00+08:00", "until": "2026-01-02T00:00:00+08:00"}
        self.ask("webhook_replay", "POST", f"webhooks/{hook}/replay", **times)
        self.ask("webhook_delete", "DELETE", f"webhooks/{hook}")

    def people(self) -> None:
        name = uuid.uuid4().hex
        self.ask("user_list", "GET", "user/list", per_page=5)
        self.ask("departments", "GET", "departments")
        self.ask("departments_upsert", "PUT", "departments/mass_upsert", departments=[
            {"third_dept_id": name, "name": name, "parent_did": 1}
        ])  # fmt: skip
        self.ask("users_upsert", "PUT", "users/mass_upsert", users=[{"third_userid": name, "name": name}])
        self.ask("rights", "GET", "rights", custom_form_id=self.form_id, uid=2)
        role = self.ask("role_create", "POST", "roles", name=name, members=[2])["id"]
        self.ask("roles", "GET", "roles", per_page=5)
        self.ask("role_update", "PUT", f"roles/{role}", members=[2, 3])
        self.ask("role", "GET", f"roles/{role}")
        self.ask("role_delete", "DELETE", f"roles/{role}")
        token = self.ask("token_create", "POST", "tokens", uid=2, name=name, verbs=["read"])["id"]
        self.ask("tokens", "GET", "tokens", uid=2, per_page=5)
        self.ask("token_update", "PUT", f"tokens/{token}", calls_per_minute=60)
        self.ask("token_rotate", "POST", f"tokens/{token}/rotate", hours=1)
        self.ask("token_revoke", "DELETE", f"tokens/{token}")

    def signs_in(self) -> None:
        admin = self.facts["admin"]
        self.send("security", "GET", "/accounts/api/security/get/", auth=(admin["username"], admin["password"]))

    def tickets(self) -> None:
        path = self.flow["api_path"]
        edit = f"{REST}omdata/edit/{path}"
        number = self.ticket("ticket_open", edit, action="create", formdata=self.flow["create_formdata"])
        first = True
        while stages := self.ticket("ticket_query", f"{REST}omdata-data-id/get/{path}", data_no=number):
            stage, place = stages[0], {"api_path": path, "data_no": number, "data_id": stages[0]["data_id"]}
            if first:
                first = False
                self.ticket("log_entry", f"{REST}omdata-worklog/create/", content="tour", **place)
                self.ticket("log", f"{REST}omdata-worklog/list/", **place)
                self.ticket("missions", "/rest/my-mission/api/my-mission/list/", start=0, limit=5)
                self.ticket("tickets", f"{REST}omdata/list/{path}", start=0, limit=5)
            formdata = self.flow["push_formdata"][stage["stop_chart_text"]]
            self.ticket("ticket_push", edit, action="update", data_id=stage["data_id"], formdata=formdata)
