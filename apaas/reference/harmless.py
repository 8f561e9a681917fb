"""Examples of the OpenAPI document. Tools that make a request of each call send them as they are, all parameters at
once: what is read, is read of real records; what would change, destroy or give away something names what nobody has."""

from __future__ import annotations

from typing import Any

from apaas.reference.examples import FormExamples
from apaas.reference.samples import WITH_ID, sample, sample_id
from apaas.requests.readers import Parameter
from apaas.requests.reading import JSON_IN_QUERY
from forms_app.exact_json import dumps
from forms_app.records.query.parsing import searchable

NOBODY = 2**53 - 1
"""The greatest integer that the JSON of every language holds: the id of nothing."""
NO_FIELD = "no_field_has_this_name"
"""Rows that name it are refused one by one, and the call answers."""
NO_NETWORK = "192.0.2.0/24"
"""For documentation (RFC 5737): nobody calls from there."""
HARMLESS: dict[str, dict[str, Any]] = {
    "transfer": {"ids": [NOBODY]},
    "mass_destroy": {"ids": [NOBODY]},
    "restore": {"ids": [NOBODY]},
    "mass_create": {"form_entities": [{NO_FIELD: "甲"}], "partial": True},
    "mass_update": {"form_entities": [{"id": NOBODY, "form_entity": {}}], "partial": True},
    "mass_upsert": {"form_entities": [{NO_FIELD: "甲"}], "partial": True},
    "token_create": {"networks": [NO_NETWORK]},
    "users_upsert": {"users": [{"third_userid": "sample-1", "name": "张三", "departments": [NOBODY]}]},
    "departments_upsert": {"departments": [{"third_dept_id": "sample-1", "name": "销售部", "parent_did": NOBODY}]},
}
"""What stands in place of a sample's own. The rows of people name a department that there is not: they are refused one
by one, and the call answers."""
NOT_SENT = ""
"""An empty parameter is one that was not sent: it would contradict the others, or nothing is known that fits."""


def body_example(name: str, examples: FormExamples | None) -> dict[str, Any]:
    """The parameters of a call, as JSON."""
    body = sample(name, examples)
    if name == "token_create" and examples is not None:
        body["uid"] = examples.actor.uid
    return body | HARMLESS.get(name, {})


def id_example(name: str, examples: FormExamples | None) -> int:
    """The id in the path of a call."""
    if name == "update" or name in WITH_ID:
        return NOBODY
    return sample_id(name, examples) or NOBODY


def query_example(name: str, parameter: Parameter, examples: FormExamples | None) -> Any:
    """A parameter in the query string; what is a list of objects or an object there is a JSON text."""
    body = body_example(name, examples)
    value = body.get(parameter.name, NOT_SENT)
    if value == NOT_SENT and examples is not None:
        value = _known(name, parameter.name, examples)
    if is_json_text(parameter):
        return dumps(value).decode() if value != NOT_SENT else "{}"
    return value


def is_json_text(parameter: Parameter) -> bool:
    """Whether the document has it as a text in the query string: generators of clients leave out what they would have
    to write in brackets."""
    kind = (parameter.schema or {}).get("type")
    return parameter.name in JSON_IN_QUERY and kind in ("array", "object") and parameter.name != "only_field_names"


def _known(name: str, parameter: str, examples: FormExamples) -> Any:
    """What is there for the caller, where the call's sample has no value of its own."""
    schema = examples.schema
    if parameter == "only_field_names":
        return ["id", "created_at", "updated_at"]
    if parameter == "id":
        return id_example(name, examples) if name == "detail" else examples.record_id or NOT_SENT
    values = {
        "custom_form_id": schema.id,
        "search_column_name": next(iter(searchable(schema)), NOT_SENT),
        "uid": examples.actor.uid,
        "user_id": examples.actor.uid,
        "department_id": examples.department_did or NOT_SENT,
        "status": "enable",
        "scope": "all",
        "sort": "uid",
        "order": "asc",
        "without_count": False,
    }
    return values.get(parameter, NOT_SENT)
