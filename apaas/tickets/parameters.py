"""The parameters of the ticket API: which call takes which, and how each is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apaas.requests.idempotency import REQUEST_TICKET
from apaas.requests.json_texts import parse_json, refuse_unstorable
from apaas.requests.readers import fault
from forms_app.exceptions import Fault, Refused
from forms_app.field_types._references import MAX_ID, spelt_id

COMMON = ("security", "omflow_restapi", "app_name", "flow_name", "flow_uuid")
"""Taken by all calls; but for the first they have no effect: the address says which flow is meant."""
LISTS = ("search_columns", "search_conditions", "exclude_conditions", "order_columns")
SEARCHING = (*LISTS, "limit", "start")
WRITING = (*COMMON, REQUEST_TICKET, "action", "formdata", "files", "files_item")
TAKEN = {
    "create": (*WRITING, "start_input"),
    "update": (*WRITING, "data_id", "data_no", "quick_action"),
    "query": (*COMMON, "data_no"),
    "list": (*COMMON, *SEARCHING),
    "log": (*COMMON, "api_path", "data_no", "data_id"),
    "log entry": (*COMMON, REQUEST_TICKET, "api_path", "data_no", "data_id", "content"),
}
EITHER = tuple(dict.fromkeys([*TAKEN["create"], *TAKEN["update"]]))
ACTIONS = ("create", "update")
QUICK_ACTIONS = ("action1", "action2")


def action_of(params: Mapping[str, Any]) -> str | None:
    """`create`, `update`, or None where it can't be read."""
    action = params.get("action")
    return str(action) if action in ACTIONS else None


def action_fault(params: Mapping[str, Any]) -> Fault:
    if "action" not in params:
        return fault("action", "required", _("The action is needed."), allowed=list(ACTIONS))
    message = _("Expected one of {values}.").format(values=", ".join(ACTIONS))
    return fault("action", "unknown_value", message, params["action"], list(ACTIONS))


def unknown_faults(names: Sequence[str], call: str | None) -> list[Fault]:
    """A fault for each name that the call does not take."""
    taken = TAKEN[call] if call else EITHER
    message = _("This call has no such parameter.")
    return [fault(name[:128], "unknown_parameter", message, allowed=list(taken)) for name in names if name not in taken]


def listed(params: Mapping[str, Any], name: str) -> Sequence[Any]:
    """A list, or the JSON text of one. Raises Refused."""
    value = from_text(params.get(name, []), name)
    if not isinstance(value, list):
        raise Refused([fault(name, "wrong_list", _("Expected a list."), value)])
    return value


def mapped(params: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object, or the JSON text of one. Raises Refused."""
    value = from_text(params.get(name, {}), name)
    if not isinstance(value, Mapping):
        raise Refused([fault(name, "wrong_object", _("Expected an object."), value)])
    return value


def from_text(raw: Any, name: str) -> Any:
    """What a text spells as JSON; anything else as it is. Raises Refused."""
    if not isinstance(raw, str):
        return raw
    value = parse_json(raw, name)
    if "\\u" in raw:
        refuse_unstorable({name: value})
    return value


def stage_id(params: Mapping[str, Any]) -> int:
    """`data_id`. Raises Refused."""
    if "data_id" not in params:
        raise Refused([fault("data_id", "required", _("The stage's data_id is needed; a query gives it."))])
    number = spelt_id(params["data_id"])
    if number is None:
        message = _("An id is an integer from 1 to 9223372036854775807.")
        raise Refused([fault("data_id", "wrong_id", message, params["data_id"], {"min": 1, "max": MAX_ID})])
    return number


def ticket_number(params: Mapping[str, Any]) -> int | None:
    """`data_no`; 0 for a number that no ticket can have, None where none was sent. Raises Refused."""
    if "data_no" not in params:
        return None
    raw = params["data_no"]
    if isinstance(raw, str) and raw.isascii() and raw.isdigit():
        return spelt_id(raw.lstrip("0")[:20] or "0") or 0
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
        raise Refused([fault("data_no", "wrong_id", _("A ticket number is an integer from 1."), raw)])
    return spelt_id(raw) or 0


def quick_action(params: Mapping[str, Any]) -> str | None:
    """Raises Refused."""
    raw = params.get("quick_action")
    if raw is not None and raw not in QUICK_ACTIONS:
        message = _("Expected one of {values}.").format(values=", ".join(QUICK_ACTIONS))
        raise Refused([fault("quick_action", "unknown_value", message, raw, list(QUICK_ACTIONS))])
    return raw
