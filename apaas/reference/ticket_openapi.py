"""The ticket API in the OpenAPI document: its addresses from the URL table, its bodies as docs/tickets.md has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.urls import get_resolver
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apaas.reference.harmless import NOBODY
from apaas.reference.header_parameters import answered
from apaas.reference.term_schemas import TEXT, Schema, ref, thing
from apaas.tickets.parameters import QUICK_ACTIONS

TAG = gettext_lazy("Tickets")
BASIC = {"type": "http", "scheme": "basic"}
"""How a security code is asked for."""
SECRET: Schema = {"type": "string", "description": "A security code, or an access token."}
ID_OR_TEXT: Schema = {"type": ["string", "integer"]}
FORM_DATA: Schema = {
    "type": "array",
    "items": thing({"id": TEXT, "type": TEXT, "value": {}}, ["id", "value"]),
}
COMMON: Schema = {
    "security": SECRET,
    "omflow_restapi": {"type": ["integer", "string"]},
    **dict.fromkeys(("app_name", "flow_name", "flow_uuid"), TEXT),
}
WRITTEN: Schema = {"formdata": FORM_DATA, "files_item": {"type": "array", "items": TEXT}}
LOG_PLACE: Schema = {"api_path": TEXT, "data_no": ID_OR_TEXT, "data_id": ID_OR_TEXT}
ANSWER = ("status", "message")
SCHEMAS: Mapping[str, Schema] = {
    "TicketOpen": thing(
        {**COMMON, "action": {"type": "string", "const": "create"}, **WRITTEN, "start_input": {"type": "object"}},
        ["security", "action"],
    ),
    "TicketPush": thing(
        {
            **COMMON,
            "action": {"type": "string", "const": "update"},
            "data_id": ID_OR_TEXT,
            "data_no": ID_OR_TEXT,
            "quick_action": {"type": "string", "enum": list(QUICK_ACTIONS)},
            **WRITTEN,
        },
        ["security", "action", "data_id"],
    ),
    "TicketQuery": thing({**COMMON, "data_no": ID_OR_TEXT}, ["security", "data_no"]),
    "TicketFiles": thing(
        {
            **dict.fromkeys(("security", "action", "formdata", "files_item", "data_id", "data_no"), TEXT),
            "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
        },
        ["security", "action"],
    ),
    "TicketAnswer": thing({"status": TEXT, "message": TEXT, "result": TEXT, "reason": TEXT}, [*ANSWER]),
    "TicketStage": thing({"data_id": TEXT, "stop_chart_text": TEXT}, ["data_id", "stop_chart_text"]),
    "TicketStagesAnswer": thing(
        {"status": TEXT, "message": TEXT, "result": {"type": "array", "items": ref("TicketStage")}, "reason": TEXT},
        [*ANSWER],
    ),
    "TicketCondition": thing({"column": TEXT, "condition": TEXT, "value": {}}, ["column", "condition", "value"]),
    "TicketSearch": thing(
        {
            **COMMON,
            **{name: {"type": "array", "items": TEXT} for name in ("search_columns", "order_columns")},
            "search_conditions": {"type": "array", "items": ref("TicketCondition")},
            "exclude_conditions": {"type": "array", "items": ref("TicketCondition")},
            "limit": ID_OR_TEXT,
            "start": ID_OR_TEXT,
        },
        ["security"],
    ),
    "TicketLog": thing({**COMMON, **LOG_PLACE}, ["security", *LOG_PLACE]),
    "TicketLogEntry": thing({**COMMON, **LOG_PLACE, "content": TEXT}, ["security", *LOG_PLACE, "content"]),
    "TicketListAnswer": thing(
        {
            "status": {"type": "integer"},
            "message": TEXT,
            "result": {"type": ["array", "null"], "items": {"type": "object"}},
            "reason": TEXT,
        },
        [*ANSWER],
    ),
    "SecurityCodeAnswer": thing(
        {
            "status": {"type": "integer"},
            "message": TEXT,
            "result": thing({"security": TEXT}, ["security"]),
            "reason": TEXT,
        },
        [*ANSWER],
    ),
}
OPENED = {"security": "<access token>", "action": "create", "formdata": [{"id": "FORMITM_2", "value": "打印机卡纸"}]}
PUSHED = {"security": "<access token>", "action": "update", "data_id": str(NOBODY), "formdata": []}
"""Made as they stand they open and push nothing: nobody has this token."""


def security_code() -> Schema:
    return {
        "operationId": "security_code",
        "summary": _("Security code"),
        "description": _("A security code of the account, by HTTP Basic. It ends after some idle minutes."),
        "security": [{"basic": []}],
        "responses": answers("SecurityCodeAnswer"),
    }


def ticket_edit() -> Schema:
    bodies = {"anyOf": [ref("TicketOpen"), ref("TicketPush")]}
    examples = {"open": {"value": OPENED}, "push": {"value": PUSHED}}
    files = {"security": "<access token>", "action": "create", "formdata": "[]"}
    return {
        "operationId": "ticket_edit",
        "summary": _("Open or push a ticket"),
        "description": _(
            "With action create a ticket is opened, with update its stage data_id is pushed. The HTTP status is 200 "
            "whatever happens; status says how it went, and reason what was wrong."
        ),
        "security": [],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": bodies, "examples": examples},
                "multipart/form-data": {"schema": ref("TicketFiles"), "example": files},
            },
        },
        "responses": answers("TicketAnswer"),
    }


def ticket_query() -> Schema:
    return {
        "operationId": "ticket_query",
        "summary": _("Ask where a ticket waits"),
        "description": _("The stages where the ticket waits, each with the data_id that a push needs."),
        "security": [],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": ref("TicketQuery"),
                    "example": {"security": "<access token>", "data_no": "1"},
                }
            },
        },
        "responses": answers("TicketStagesAnswer"),
    }


def listing(operation_id: str, summary: str, description: str) -> Schema:
    return {
        "operationId": operation_id,
        "summary": summary,
        "description": description,
        "security": [],
        "requestBody": sent("TicketSearch", {"security": "<access token>", "start": 0, "limit": 100}),
        "responses": answers("TicketListAnswer"),
    }


def ticket_missions() -> Schema:
    description = _("The stages that wait for the caller, as the original's clients read them.")
    return listing("ticket_missions", _("My missions"), description)


def ticket_list() -> Schema:
    description = _("The newest tickets of a flow, with the values of their records that the caller may read.")
    return listing("ticket_list", _("List tickets"), description)


LOGGED = {"security": "<access token>", "api_path": "service-desk", "data_no": "1", "data_id": str(NOBODY)}


def ticket_log_entry() -> Schema:
    return {
        "operationId": "ticket_log_entry",
        "summary": _("Write in the work log"),
        "description": _("An entry beside a stage of a ticket. It stands in the ticket's history."),
        "security": [],
        "requestBody": sent("TicketLogEntry", {**LOGGED, "content": "…"}),
        "responses": answers("TicketListAnswer"),
    }


def ticket_log() -> Schema:
    return {
        "operationId": "ticket_log",
        "summary": _("Read the work log"),
        "description": _("The entries of a ticket, in their order."),
        "security": [],
        "requestBody": sent("TicketLog", LOGGED),
        "responses": answers("TicketListAnswer"),
    }


def sent(schema: str, example: Mapping[str, Any]) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": ref(schema), "example": {**example}}}}


OPERATIONS: Mapping[str, tuple[str, Callable[[], Schema]]] = {
    "security-code": ("get", security_code),
    "ticket-edit": ("post", ticket_edit),
    "ticket-query": ("post", ticket_query),
    "ticket-missions": ("post", ticket_missions),
    "ticket-list": ("post", ticket_list),
    "ticket-log-entry": ("post", ticket_log_entry),
    "ticket-log": ("post", ticket_log),
}
"""The name of each address in `apaas.ticket_urls` → its method and what it does."""
WRITES = ("ticket-edit", "ticket-log-entry")


def answers(schema: str) -> Schema:
    content = {"application/json": {"schema": ref(schema)}}
    return {
        "200": {"description": _("Success or failure: status says which."), "content": content},
        "503": {"description": _("The database is away. Retry later."), "content": content},
    }


def ticket_paths() -> dict[str, Any]:
    """Each address with its operation."""
    paths = {}
    for pattern in get_resolver("apaas.ticket_urls").url_patterns:
        name = str(getattr(pattern, "name", ""))
        if name not in OPERATIONS:
            continue
        method, described = OPERATIONS[name]
        path = "/" + template(str(pattern.pattern))
        parameters = [
            {"name": part, "in": "path", "required": True, "schema": TEXT, "example": "service-desk"}
            for part in re.findall(r"\{(\w+)\}", path)
        ]
        operation = described()
        if name in WRITES:
            operation["responses"]["200"]["headers"] = answered()
        paths[path] = {method: operation | {"tags": [str(TAG)], "parameters": parameters}}
    return paths


def template(pattern: str) -> str:
    """An address of the URL table as the documentation writes it."""
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", pattern).removeprefix("^").removesuffix(r"/?\Z")
