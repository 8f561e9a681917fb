"""Entries of the change log as clients read them (docs/contract.md §5.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any, NamedTuple

from forms_app.exact_json import shows
from forms_app.field_types import Column, Labels, Ref
from forms_app.field_types._times import shown
from forms_app.models import AccessToken
from forms_app.people.actor import Actor
from forms_app.records.changes.entries import DESTROYED, OWNER, TRANSFERRED, WHOLE
from forms_app.records.changes.reading import Change
from forms_app.records.labels import PageLabels
from forms_app.schema.form_schema import FormSchema


class FieldChange(NamedTuple):
    """What a field held before and after, as it is stored; None for nothing."""

    column: Column
    before: Any
    after: Any


def field_changes(schema: FormSchema, change: Change) -> list[FieldChange]:
    """The changes of the fields that are in `schema`, in the form's order. What a field of the same name held that was
    another one is left out."""
    found: Mapping[str, Any] = shows(change.changes)
    if change.action == TRANSFERRED:
        return [FieldChange(schema.columns[OWNER], *found[OWNER])]
    columns = [column for column in schema.fields if column.name in found and is_of(column, change.at)]
    if change.action == DESTROYED:
        return [FieldChange(column, found[column.name], None) for column in columns]
    if change.action in WHOLE:
        return [FieldChange(column, None, found[column.name]) for column in columns]
    return [FieldChange(column, *found[column.name]) for column in columns]


def is_of(column: Column, at: str) -> bool:
    """Whether what a name held at that time (UTC text) was this field's."""
    return column.since is None or at >= f"{column.since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:23]


class FieldTold(NamedTuple):
    """A field's change: the keys that a record has of it, as they are read, before and after."""

    column: Column
    before: Mapping[str, Any]
    after: Mapping[str, Any]


class Told(NamedTuple):
    """An entry as the actor sees it; `user` is who did it and `token` which one they did it with, None for none."""

    change: Change
    user: Mapping[str, Any] | None
    token: Mapping[str, Any] | None
    fields: Sequence[FieldTold]


def told(schema: FormSchema, changes: Sequence[Change], actor: Actor) -> list[Told]:
    """The entries, as far as the fields exist for the actor. Statements: one for all people, departments and regions,
    one for each related form, one for the tokens; none for what nothing refers to."""
    schema = schema.seen_by(actor)
    found = [field_changes(schema, change) for change in changes]
    labels = PageLabels.load(_references(changes, found), actor)
    tokens = _tokens(changes, actor)
    return [
        Told(
            change,
            labels.member(change.uid) if change.uid else None,
            tokens.get(change.token_id or 0),
            [
                FieldTold(column, _keys(column, before, labels), _keys(column, after, labels))
                for column, before, after in fields
            ],
        )
        for change, fields in zip(changes, found, strict=True)
    ]


def _keys(column: Column, value: Any, labels: Labels) -> dict[str, Any]:
    if column.field_id is None:
        return {column.name: labels.member(value)}  # the owner
    keys = column.type.keys(column)
    return {name: value if value is None or show is None else show(value, labels) for name, show in keys}


def shown_changes(schema: FormSchema, changes: Sequence[Change], actor: Actor) -> list[dict[str, Any]]:
    """The entries as clients read them. Statements as `told`."""
    return [
        {
            "id": change.entity_id,
            "version": change.version,
            "action": change.action,
            "at": shown(change.at),
            "user": user,
            "source": change.source,
            "token": token,
            "request_id": change.request_id or None,
            "changes": [_shown(each) for each in fields],
        }
        for change, user, token, fields in told(schema, changes, actor)
    ]


def _shown(field: FieldTold) -> dict[str, Any]:
    said: dict[str, Any] = {"field": field.column.name, "label": str(field.column.label)}
    for name in field.before:
        # Beside a value its label, where the record has it under a key of its own.
        part = name.removeprefix(field.column.name)
        said |= {f"before{part}": field.before[name], f"after{part}": field.after[name]}
    return said


def _references(changes: Sequence[Change], found: Sequence[Sequence[FieldChange]]) -> Iterator[Ref]:
    for change, fields in zip(changes, found, strict=True):
        if change.uid:
            yield Ref("member", change.uid)
        for column, *values in fields:
            for value in values:
                if value is not None and column.field_id is None:
                    yield Ref("member", value)
                elif value is not None and column.type.refers:
                    yield from column.type.references(column, value)


def _tokens(changes: Sequence[Change], actor: Actor) -> dict[int, dict[str, Any]]:
    """Which tokens of the organization they were made with."""
    ids = {change.token_id for change in changes if change.token_id}
    if not ids:
        return {}
    found = AccessToken.objects.filter(pk__in=ids, member__organization_id=actor.organization_id)
    return {token_id: {"id": token_id, "name": name} for token_id, name in found.values_list("pk", "name")}
