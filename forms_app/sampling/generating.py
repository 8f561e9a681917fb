"""Making plausible records of a form, many at once: for trying a form, a flow or an index with as many as in life."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from forms_app.database.retry import ATTEMPTS, retried
from forms_app.exceptions import Refused
from forms_app.field_types import Column
from forms_app.models import Member, Verb
from forms_app.people.actor import Actor
from forms_app.people.permission import permit
from forms_app.records import statements
from forms_app.records.bulk_checks import repeated_values, unknown_references
from forms_app.records.bulk_rows import insert_rows
from forms_app.records.changes.entries import system_deed
from forms_app.records.cleaning import Values
from forms_app.records.numbering import reserved
from forms_app.records.uniqueness import lock_columns, pending
from forms_app.sampling.draws import Draw, checked_draw, draw_of, pool_of, surroundings_of
from forms_app.schema.form_schema import FormSchema

BATCH_ROWS = 1_000
FILLED = 0.9
"""How many of the values that may be empty are there."""


def entities_generate(
    *,
    schema: FormSchema,
    count: int,
    actor: Actor,
    seed: int = 0,
    owner_uids: Sequence[int] = (),
    progress: Callable[[int], None] | None = None,
) -> None:
    """Make `count` records, owned by any of these members (all active ones, if none are named); the same for the
    same seed, number, definition and surroundings. `progress` is told the records of each batch. Raises
    Refused for a field that must be filled and for which no value is found, Forbidden; the batches before are kept."""
    permit(actor, schema.rights(actor), Verb.CREATE)
    owners = list(owner_uids) or _everybody(schema)
    generation = Generation(schema, actor, owners, Random(seed), count)
    left = count
    while left:
        size = min(left, BATCH_ROWS)
        generation.batch(size)
        left -= size
        if progress:
            progress(size)


def _everybody(schema: FormSchema) -> list[int]:
    members = Member.objects.filter(organization_id=schema.organization_id, is_active=True)
    return list(members.order_by("uid").values_list("uid", flat=True))


class Generation:
    """One run: a pool of checked values for each column, drawn from for each record; unique values are made anew."""

    def __init__(self, schema: FormSchema, actor: Actor, owner_uids: Sequence[int], chance: Random, count: int) -> None:
        """Raises Refused."""
        self.schema = schema
        self.actor = actor
        self.owner_uids = owner_uids
        self.chance = chance
        around = surroundings_of(schema)
        writable = [column for column in schema.fields if column.type.writable]
        self.draws: dict[Column, Draw] = {column: draw_of(column, around) for column in writable}
        unique = set(schema.unique)
        self.unique = [column for column in writable if column in unique]
        pools = {
            column: pool_of(column, self.draws[column], chance, count) for column in writable if column not in unique
        }
        empty = [column for column, pool in pools.items() if column.required and not pool]
        if empty:
            raise Refused(self._nothing(column) for column in empty)
        self.pools = [
            (column.name, pool, len(pool), 1.0 if column.required else FILLED) for column, pool in pools.items() if pool
        ]

    def _nothing(self, column: Column) -> Any:
        message = _("No value could be made for this field.")
        return column.value_field.fault("required").named(column.name, f"{column.label}: {message}")

    def batch(self, size: int) -> None:
        """Make and write so many records."""
        state = self.chance.getstate()
        for attempt in range(ATTEMPTS):
            self.chance.setstate(state)
            rows = [self._row() for _number in range(size)]
            owners = [self.chance.choice(self.owner_uids) for _row in rows]
            try:
                return self._written(rows, owners)
            except IntegrityError:  # somebody wrote one of the unique values meanwhile
                if attempt == ATTEMPTS - 1:
                    raise
        return None

    def _row(self) -> Values:
        random = self.chance.random
        row: Values = {}
        for name, pool, size, filled in self.pools:
            if random() < filled:
                row[name] = pool[int(random() * size)]
        for column in self.unique:
            if column.required or random() < FILLED:
                self._fill(row, column)
        return row

    def _fill(self, row: Values, column: Column) -> None:
        value = checked_draw(column, self.draws[column], self.chance)
        if value is not None:
            row[column.name] = value
        elif column.required:
            raise Refused([self._nothing(column)])

    @retried
    def _written(self, rows: list[Values], owners: Sequence[int]) -> None:
        schema = self.schema
        with reserved(schema, len(rows)), transaction.atomic():
            lock_columns(pending(schema, schema.by_field))
            self._make_unique(rows)
            self._drop_what_is_gone(rows)
            insert_rows(schema, rows, owners, system_deed())
            statements.count({schema.id: (len(rows), len(rows))})

    def _make_unique(self, rows: list[Values]) -> None:
        """Draw again what another record has. Raises Refused when the field's range is used up."""
        if not self.unique:
            return
        for _attempt in range(ATTEMPTS * 4):
            faults = repeated_values(self.schema, rows)
            wrong = [
                (row, {fault.field for fault in row_faults})
                for row, row_faults in zip(rows, faults, strict=True)
                if row_faults
            ]
            if not wrong:
                return
            for row, names in wrong:
                for column in self.unique:
                    if column.name in names:
                        row.pop(column.name)
                        self._fill(row, column)
        for row, names in wrong:
            for column in self.unique:
                if column.name in names and column.required:
                    raise Refused([self._nothing(column)])
                if column.name in names:
                    row.pop(column.name, None)

    def _drop_what_is_gone(self, rows: list[Values]) -> None:
        """A person or a record that went since the surroundings were read is named no more."""
        for row, faults in zip(rows, unknown_references(self.schema, rows, self.actor), strict=True):
            for fault in faults:
                if self.schema.by_field[fault.field].required:
                    raise Refused([fault])
                row.pop(fault.field, None)
