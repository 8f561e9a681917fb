"""A request for each call that works as it stands, made of a form's own fields and records."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from apaas.reference.calls import Endpoint
from apaas.reference.examples import FormExamples, untaken
from apaas.reference.sample_requests import TOKEN, SampleRequest, Secret
from forms_app.operators.in_ import OneOf
from forms_app.operators.within import Within
from forms_app.records.computing import relations_of, with_needed
from forms_app.records.evaluation import related_forms
from forms_app.schema.form_schema import FormSchema

PAGE = {"page": 1, "per_page": 15}
FIRST_ID = 1
"""Where the form has no record yet."""


def sample(name: str, examples: FormExamples | None) -> dict[str, Any]:
    """The parameters of a request of this call. Without a form: what needs none."""
    if name == "custom_apps":
        return dict(PAGE)
    if name == "custom_forms":
        return ({"custom_app_id": examples.schema.app_id} if examples else {}) | PAGE
    if name in ON_PEOPLE:
        return dict(ON_PEOPLE[name])
    if examples is None or name not in ON_FORM:
        return {}
    return {"custom_form_id": examples.schema.id, **ON_FORM[name](examples)}


def sample_id(name: str, examples: FormExamples | None) -> int | None:
    """The id in the path, for a call that has one."""
    if examples is None:
        return None
    if name == "custom_form":
        return examples.schema.id
    if name in WITH_ID:
        return FIRST_ID
    return examples.record_id or FIRST_ID if name in ("detail", "update", "history") else None


def _terms(examples: FormExamples) -> dict[str, Any]:
    """A filter that every form has and, where it has choices, one by its first."""
    filters: list[dict[str, Any]] = [{"name": "created_at", "op": Within.name, "value": ["2020-01-01", None]}]
    some = ((field.column, field.operands.get(OneOf.name)) for field in examples.fields if field.column.options)
    chosen = [{"name": column.name, "op": OneOf.name, "value": operand} for column, operand in some if operand]
    filters += chosen[:1]
    return {"filters": filters, "sort": [{"created_at": "desc"}]}


def _created(examples: FormExamples) -> dict[str, Any]:
    return {"form_entity": examples.form_entity, "only_field_names": ["id", "created_at", "updated_at"]}


def _updated(examples: FormExamples) -> dict[str, Any]:
    """Two fields, best such as are neither the record's name nor unique: the sample of `create` has those too."""
    primary, columns = examples.schema.primary, examples.schema.by_field
    names = sorted(examples.form_entity, key=lambda name: (columns[name].unique, columns[name] is primary))
    values = {name: examples.form_entity[name] for name in names[:2]}
    values = {n: untaken(columns[n], v) or v if columns[n].unique else v for n, v in values.items()}
    return {"form_entity": values, "only_field_names": ["id", *values, "updated_at"]}


def _many(examples: FormExamples) -> dict[str, Any]:
    return {"form_entities": [_created(examples)["form_entity"]], "only_field_names": ["id"]}


def _changes(examples: FormExamples) -> dict[str, Any]:
    values = _updated(examples)["form_entity"]
    return {"form_entities": [{"id": examples.record_id or FIRST_ID, "form_entity": values}], "partial": True}


def _upserted(examples: FormExamples) -> dict[str, Any]:
    written = {field.column.name: field.written for field in examples.fields if field.written is not None}
    key = next((column.name for column in examples.schema.unique if column.name in written), None)
    if key is None:
        return {"key": "", **_many(examples)}
    return {"key": key, "form_entities": [{**examples.form_entity, key: written[key]}], "only_field_names": ["id"]}


def _detail(examples: FormExamples) -> dict[str, Any]:
    primary = [examples.schema.primary.name] if examples.schema.primary else []
    return {"only_field_names": ["id", *primary, "user", "created_at", "updated_at"]}


def _ids(record_id: int | None) -> dict[str, Any]:
    return {"ids": [record_id or FIRST_ID]}


def _evaluated(examples: FormExamples) -> dict[str, Any]:
    """The first formula over the values that it reads, and over stand-ins for the related records."""
    schema = examples.schema
    name = next(iter(schema.formulas), None)
    if name is None:
        return {"field_name": ""}
    formulas = with_needed(schema, [name])
    paths = sorted({path for formula in formulas.values() for path in formula.references})
    values = {field.column.name: field.written for field in examples.fields if field.written is not None}
    own = {path[0]: values[path[0]] for path in paths if path[0] in values}
    body: dict[str, Any] = {"field_name": name, "form_entity": own}
    wanted = {path[1] for path in paths if len(path) > 1}
    relations = relations_of(formulas.values())
    named = {form.data_table_name: form for form in map(schema.related, _columns(schema, relations)) if form}
    for table, form in related_forms(schema, examples.actor, named):
        inner = FormExamples(form, examples.actor)
        body[table] = {f.column.name: f.written for f in inner.fields if f.column.name in wanted}
    return body


def _columns(schema: FormSchema, names: set[str]) -> list[Any]:
    return [schema.by_field[name] for name in sorted(names)]


ON_FORM: dict[str, Any] = {
    "list": lambda examples: PAGE | _terms(examples),
    "ids": _terms,
    "export": lambda examples: {"format": "csv", **_terms(examples)},
    "simple": lambda examples: dict(PAGE),
    "detail": _detail,
    "create": _created,
    "update": _updated,
    "transfer": lambda examples: _ids(examples.record_id) | {"to_user_uid": examples.actor.uid},
    "mass_create": _many,
    "mass_update": _changes,
    "mass_upsert": _upserted,
    "mass_destroy": lambda examples: _ids(examples.destroyable_id),
    "history": lambda examples: {"per_page": 5},
    "changes": lambda examples: {"per_page": 5},
    "trash": lambda examples: dict(PAGE),
    "restore": lambda examples: _ids(examples.destroyed_id),
    "evaluate": _evaluated,
    "rights": lambda examples: {},
    "webhook_create": lambda examples: {
        "url": "https://hooks.example.com/apaas",
        "events": ["form_entity.created", "form_entity.updated"],
        "enabled": False,
    },
}
ON_PEOPLE: dict[str, dict[str, Any]] = {
    "roles": PAGE,
    "role_create": {"name": "客服", "grants": [{"verbs": ["read", "update"], "rows": "own"}]},
    "role_update": {"grants": [{"verbs": ["read"], "rows": "department_below"}]},
    "tokens": PAGE,
    "token_create": {"uid": 1, "name": "ERP", "verbs": ["read"], "networks": ["10.0.0.0/8"], "calls_per_minute": 600},
    "token_update": {"name": "ERP", "calls_per_minute": 60},
    "token_rotate": {"hours": 24},
    "user_list": PAGE,
    "users_upsert": {"users": [{"third_userid": "zhang.san", "name": "张三"}], "partial": True},
    "departments_upsert": {"departments": [{"third_dept_id": "sales", "name": "销售部"}], "partial": True},
    "webhooks": PAGE,
    "webhook_update": {"events": ["form_entity.created", "form_entity.updated"]},
    "webhook_deliveries": {"status": "failed", **PAGE},
    "webhook_replay": {"since": "2026-12-01 08:00"},
}
"""The same for every form and caller."""
WITH_ID = (
    *("role", "role_update", "role_delete", "token_update", "token_revoke", "token_rotate"),
    *("webhook", "webhook_update", "webhook_delete", "webhook_deliveries", "webhook_replay"),
)


def sample_request(
    origin: str, name: str, endpoint: Endpoint, path: str, body: dict[str, Any], language: str = ""
) -> SampleRequest:
    """The call with these parameters: with GET in the query string, for many a proxy drops that method's body.
    `language`: what the answer's texts should be in, if it is not what the API answers in by itself."""
    headers: dict[str, str | Secret] = {"ACCESS-TOKEN": TOKEN}
    if language and language != settings.LANGUAGE_CODE:
        headers["Accept-Language"] = language
    sent: dict[str, Any] = {"query": body} if not endpoint.has_body else {"body": body} if body else {}
    if name == "upload":
        return SampleRequest(endpoint.method, origin + path, headers, files={"file": "contract.pdf"})
    return SampleRequest(endpoint.method, origin + path, headers, **sent)
