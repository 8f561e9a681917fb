"""Worked examples fitted to a form: those of its field types, with the form's own options, people and records."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone

from apaas.reference.sample_requests import holds_floats
from forms_app.exceptions import DomainError, Refused
from forms_app.field_types import Column, Ref, registry
from forms_app.models import Department, Verb
from forms_app.operators import operators
from forms_app.people.actor import Actor
from forms_app.records.kept import running_entities
from forms_app.records.labels import PageLabels
from forms_app.records.query import EntityQuery
from forms_app.records.trash import entity_trash
from forms_app.schema.form_schema import FormSchema

RECENT = 50
"""Records among which one is sought that may be destroyed."""
MOST_IN_BODY = 20
"""Fields in an example of `form_entity`; more would hide what it shows."""


@dataclass(frozen=True)
class FieldExample:
    """A field with what may be written to it, what is then read, and an operand for each operator."""

    column: Column
    written: Any
    read: Mapping[str, Any]
    operands: Mapping[str, Any]

    @property
    def filters(self) -> list[dict[str, Any]]:
        return [{"name": self.column.name, "op": op, "value": value} for op, value in self.operands.items()]


class FormExamples:
    """The examples of one form for one caller. Statements: one for the newest records, one for their tickets, one for
    a department, one for the newest record and one for the label of each related form, one for names."""

    def __init__(self, schema: FormSchema, actor: Actor, reader: Actor | None = None) -> None:
        """`reader`: who looks at them, with whose sight names are shown, if not the caller."""
        self.schema = schema
        self.actor = actor
        self.reader = reader or actor

    @cached_property
    def record_id(self) -> int | None:
        """The record changed last, if there is one."""
        return next(iter(self.recent_ids), None)

    @cached_property
    def recent_ids(self) -> list[int]:
        """The records changed last, the latest first."""
        return newest(self.schema, RECENT, self.actor)

    @cached_property
    def destroyable_id(self) -> int | None:
        """The latest of them that no running ticket keeps."""
        running = running_entities(self.schema.id, self.recent_ids)
        return next((record_id for record_id in self.recent_ids if record_id not in running), None)

    @cached_property
    def destroyed_id(self) -> int | None:
        """The record that was destroyed last, as far as the reader may bring it back."""
        with suppress(DomainError):
            for destroyed in entity_trash(schema=self.schema, actor=self.reader, limit=1)[0]:
                return destroyed.row.id
        return None

    @cached_property
    def fields(self) -> list[FieldExample]:
        fitted = {column.name: self.with_known(column, fitting(column)) for column in self.schema.fields}
        refs = [
            ref
            for column in self.schema.fields
            for sent, stored in [fitted[column.name]]
            if stored is not None
            for ref in column.type.references(column, stored)
        ]
        labels = PageLabels.load(refs, self.reader)
        return [field_example(column, *fitted[column.name], labels) for column in self.schema.fields]

    @cached_property
    def system_fields(self) -> list[FieldExample]:
        """The columns that every form has."""
        own = self.schema.by_field
        return [
            FieldExample(column, None, {}, operands_of(column))
            for name, column in self.schema.columns.items()
            if name not in own
        ]

    @cached_property
    def form_entity(self) -> dict[str, Any]:
        """Values to write: the required fields first, then the others in the form's order."""
        columns = sorted((field.column for field in self.fields), key=lambda column: not column.required)
        written = {field.column.name: field.written for field in self.fields}
        values = {c.name: untaken(c, written[c.name]) if c.unique else written[c.name] for c in columns}
        given = [(name, value) for name, value in values.items() if value is not None]
        return dict(given[: max(MOST_IN_BODY, len(self.schema.required))])

    def with_known(self, column: Column, example: tuple[Any, Any]) -> tuple[Any, Any]:
        """The example with whom and what it names replaced by what exists; (None, None) where nothing does."""
        sent, stored = example
        if stored is None:
            return None, None
        changes = {}
        for ref in column.type.must_exist(column, stored):
            if ref.kind == "file":
                continue
            known = self.known(ref)
            if known is None:
                return None, None
            changes[ref.id] = known
        return sent, replaced(stored, changes) if changes else stored

    def known(self, ref: Ref) -> Any:
        """An id of the kind that the reference has."""
        if ref.kind == "member":
            return self.actor.uid or None
        if ref.kind == "department":
            return self.department_did
        return self.related_records.get(ref.form_id)

    @cached_property
    def department_did(self) -> int | None:
        rows = Department.objects.filter(organization_id=self.actor.organization_id).order_by("did")
        return rows.values_list("did", flat=True).first()

    @cached_property
    def related_records(self) -> dict[int, int | None]:
        """The newest record of each related form."""
        related = [self.schema.related(column) for column in self.schema.fields]
        forms = {form.id: form for form in related if form and form.rights(self.actor).may(Verb.READ)}
        return {form_id: next(iter(newest(form, 1, self.actor)), None) for form_id, form in forms.items()}


def newest(schema: FormSchema, most: int, actor: Actor) -> list[int]:
    """The ids of the records that the actor may read and that were changed last."""
    if not schema.rights(actor).may(Verb.READ):
        return []
    return [row.id for row in EntityQuery(schema, actor).page(most)]


def field_example(column: Column, sent: Any, stored: Any, labels: PageLabels) -> FieldExample:
    if column.type.numbered:
        stored = column.type.numbered_text(column, timezone.localtime(), 1)
    read = {
        key: stored if stored is None or show is None else show(stored, labels)
        for key, show in column.type.keys(column)
    }
    if sent is not None and any(ref.kind != "file" for ref in column.type.must_exist(column, stored)):
        sent = read[column.name]  # as the document's own samples do: what was read is sent back
    return FieldExample(column, sent, read if stored is not None else {}, operands_of(column))


def fitting(column: Column) -> tuple[Any, Any]:
    """The first worked example that this column takes: (what is sent, what is stored), or (None, None)."""
    if column.type.writable:
        for sent in candidates(column):
            try:
                stored = column.clean(sent)
            except Refused:
                continue
            if stored is not None:
                return sent, stored
    return None, None


def untaken(column: Column, sent: Any) -> Any:
    """The example of a unique field made so that no record is likely to hold it; None where that can't be."""
    stamp = str(time.time_ns() // 1_000)
    if isinstance(sent, str):
        tried: list[Any] = [stamp + sent, sent + stamp, sent[:-8] + stamp[-8:]]
    else:
        tried = [sent + int(stamp)] if isinstance(sent, int | Decimal) and not isinstance(sent, bool) else []
    return next((value for value in tried if accepted(column, value)), None)


def accepted(column: Column, sent: Any) -> bool:
    try:
        return column.clean(sent) is not None
    except Refused:
        return False


def candidates(column: Column) -> Iterator[Any]:
    """The type's worked examples with the column's own options; then what its limits leave of them."""
    tokens = tokens_of(column)
    fitted = [replaced(sent, tokens) for sent, _read in column.type.accepts]
    # A number that every language's floats hold comes first.
    fitted.sort(key=lambda sent: not holds_floats(sent))
    yield from fitted
    for sent in fitted:
        if isinstance(sent, str) and "max_length" in column.setting:
            yield sent[: column.setting["max_length"]]
    yield from (column.setting[limit] for limit in ("min", "max") if limit in column.setting)


def operands_of(column: Column) -> dict[str, Any]:
    """An operand for each of the column's operators; None where no worked example fits."""
    tokens = tokens_of(column)
    operands: dict[str, Any] = {}
    for op in column.lookups:
        operator = operators.get(op)
        # A computed column compares as its result does, so another type's example may be the one that fits.
        shown = [raw for kind in (column.type, *registry) for raw in kind.operands.get(operator.family, ())]
        fitted = (replaced(raw, tokens) for raw in [*operator.operands, *shown])
        operands[op] = next((operand for operand in fitted if takes(column, op, operand)), None)
    return operands


def takes(column: Column, op: str, operand: Any) -> bool:
    try:
        column.operand(op, operand)
    except Refused:
        return False
    return True


def tokens_of(column: Column) -> dict[str, str]:
    """The tokens of the type's example options → enabled options of this column, a child below its own parent."""
    real = [option for option in column.options.values() if option.enabled]
    parents = {option.parent for option in real}
    real.sort(key=lambda option: option.value not in parents)
    tokens: dict[str, str] = {}
    for example in column.type.example_options:
        above = tokens.get(example.parent) if example.parent else None
        if not example.enabled or (example.parent and above is None):
            continue
        below = [option.value for option in real if option.parent == above]
        free = [token for token in below if token not in tokens.values()] or below
        if free:
            tokens[example.value] = free[0]
    return tokens


def replaced(value: Any, changes: Mapping[Any, Any]) -> Any:
    """`value` with the scalars that are keys of `changes` replaced, at any depth."""
    if isinstance(value, Mapping):
        return {key: replaced(item, changes) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [replaced(item, changes) for item in value]
    return changes.get(value, value) if not isinstance(value, bool) else value
