"""Typical mistakes in calls on a form, made of its own fields; the answers are those of the checks themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from apaas.errors import error_of, failure_body
from apaas.reference.examples import FormExamples
from apaas.reference.pages.tabs import Refusal
from apaas.reference.sample_requests import leaves
from apaas.requests.parameters import checked
from apaas.requests.terms import projection, search_terms
from forms_app.exceptions import DomainError, NotFound, Refused
from forms_app.field_types import Column
from forms_app.field_types._references import MAX_ID
from forms_app.operators.in_ import OneOf
from forms_app.people.directory import directory_of
from forms_app.records.cleaning import cleaned_changes, cleaned_new
from forms_app.records.evaluation import field_evaluate
from forms_app.records.query.unknown import unknown_record

REQUEST_ID = "67ec416ff68d4916927cb146290ce5b5"
NO_SUCH = "no_such_field"
MOST_ALLOWED = 6
"""Names of `allowed` that are shown; a form may have hundreds."""
MOST_WRONG = 3
LONGEST = 80
"""Characters of a wrong value."""
Check = Callable[[], object]


def refusals_of(name: str, examples: FormExamples) -> list[Refusal]:
    """The typical mistakes in this call."""
    form = {"custom_form_id": examples.schema.id}
    refusals = []
    for title, sent, check in MISTAKES[name](examples):
        try:
            check()
        except DomainError as refused:
            row = error_of(refused)
            body = failure_body(row, refused.faults, REQUEST_ID)
            body["errors"] = [error | {"allowed": shortened(error["allowed"])} for error in body["errors"]]
            refusals.append(Refusal(title, row.status, None if sent is None else form | sent, body))
    return refusals


def shortened(allowed: Any) -> Any:
    """The first few of what would be right."""
    if isinstance(allowed, list) and len(allowed) > MOST_ALLOWED:
        return [*allowed[:MOST_ALLOWED], "…"]
    return allowed


def refuse(call: str, examples: FormExamples, sent: Mapping[str, Any]) -> None:
    """Raises Refused as the call does for wrong parameters."""
    faults = checked(call, {"custom_form_id": examples.schema.id, **sent})[1]
    if faults:
        raise Refused(faults)


# --- Reading ---------------------------------------------------------------------------------------------


def of_terms(examples: FormExamples) -> list[tuple[str, dict[str, Any], Check]]:
    schema, actor = examples.schema, examples.actor
    column = next((c for c in schema.fields if c.options and c.lookups), None) or schema.columns["created_at"]
    sent = {
        "filters": [{"name": column.name, "op": "contains", "value": "1"}],
        "sort": [{NO_SUCH: "asc"}],
    }
    mistakes: list[tuple[str, dict[str, Any], Check]] = [
        (
            _("An operator and a field that do not exist"),
            sent,
            lambda: search_terms(schema, sent, actor, directory_of(schema.organization_id)),
        )
    ]
    if column.options:
        wrong = {"filters": [{"name": column.name, "op": OneOf.name, "value": ["1"]}]}
        title = _("Labels or numbers in place of the options' tokens")
        mistakes.append(
            (title, wrong, lambda: search_terms(schema, wrong, actor, directory_of(schema.organization_id)))
        )
    return mistakes


def of_simple(examples: FormExamples) -> list[tuple[str, dict[str, Any], Check]]:
    sent = {"page": 0, "limit": 20}
    return [(_("Wrong parameters"), sent, lambda: refuse("simple", examples, sent))]


def of_detail(examples: FormExamples) -> list[tuple[str, dict[str, Any] | None, Check]]:
    sent = {"only_field_names": ["id", NO_SUCH]}
    return [
        (_("A field that does not exist"), sent, lambda: projection(examples.schema, sent["only_field_names"])),
        (_("A record that does not exist"), None, lambda: unknown(unknown_record(MAX_ID))),
    ]


def unknown(error: NotFound) -> None:
    raise error


# --- Writing ---------------------------------------------------------------------------------------------


def of_create(examples: FormExamples) -> list[tuple[str, dict[str, Any], Check]]:
    schema, actor = examples.schema, examples.actor
    sent = wrong_values(examples)
    mistakes: list[tuple[str, dict[str, Any], Check]] = [
        (_("Values that the fields do not take"), {"form_entity": sent}, lambda: cleaned_new(schema, sent, actor))
    ]
    if set(schema.required) - {schema.by_field[name] for name in schema.defaults}:
        title = _("Nothing in the required fields")
        mistakes.append((title, {"form_entity": {}}, lambda: cleaned_new(schema, {}, actor)))
    return mistakes


def of_update(examples: FormExamples) -> list[tuple[str, dict[str, Any] | None, Check]]:
    schema, actor, sent = examples.schema, examples.actor, wrong_values(examples)
    return [
        (_("Values that the field does not take"), {"form_entity": sent}, lambda: cleaned_changes(schema, sent, actor)),
        (_("A record that does not exist"), None, lambda: unknown(unknown_record(MAX_ID))),
    ]


def wrong_values(examples: FormExamples) -> dict[str, Any]:
    """A wrong value for some fields, each wrong in its own way, and a field that does not exist."""
    wrong: dict[str, Any] = {}
    codes: set[str] = set()
    choices = [column for column in examples.schema.fields if column.options]
    for column in (*choices[:1], *(column for column in examples.schema.fields if not column.options)):
        if len(wrong) == MOST_WRONG:
            break
        # An option that does not exist tells most: its refusal lists those that do.
        for sent, code in sorted(column.type.rejects, key=lambda example: example[1] != "unknown_option"):
            if code not in codes and column.type.writable and is_plain(sent) and code in faults_of(column, sent):
                wrong[column.name] = sent
                codes.add(code)
                break
    return wrong | {NO_SUCH: "1"}


def is_plain(sent: Any) -> bool:
    """Whether the mistake can be read on the page."""
    return len(repr(sent)) <= LONGEST and all(leaf.isprintable() for leaf in leaves(sent) if isinstance(leaf, str))


def faults_of(column: Column, sent: Any) -> list[str]:
    try:
        column.clean(sent)
    except Refused as refused:
        return [fault.code for fault in refused.faults]
    return []


def of_ids(sent: Mapping[str, Any]) -> list[tuple[str, dict[str, Any], Check]]:
    (fault,) = unknown_record(MAX_ID).faults
    here = NotFound([replace(fault, field="ids", index=0)])
    return [(_("A record that does not exist"), {"ids": [MAX_ID], **sent}, lambda: unknown(here))]


# --- Computing -------------------------------------------------------------------------------------------


def of_evaluate(examples: FormExamples) -> list[tuple[str, dict[str, Any], Check]]:
    schema = examples.schema
    if not schema.formulas:
        return []
    plain = next((column.name for column in schema.fields if not column.type.computed), NO_SUCH)

    def check() -> None:
        field_evaluate(schema=schema, field_name=plain, values={}, record_id=None, objects={}, actor=examples.actor)

    return [(_("A field without a formula"), {"field_name": plain}, check)]


MISTAKES: Mapping[str, Callable[[FormExamples], list[Any]]] = {
    "list": of_terms,
    "ids": of_terms,
    "simple": of_simple,
    "detail": of_detail,
    "create": of_create,
    "update": of_update,
    "evaluate": of_evaluate,
    "transfer": lambda examples: of_ids({"to_user_uid": examples.actor.uid}),
    "mass_destroy": lambda examples: of_ids({}),
}
