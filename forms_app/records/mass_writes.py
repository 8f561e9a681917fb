"""Creating and changing many records in one transaction: the rules of a single write, asked for all rows at once.

Each step is a fixed number of statements, however many rows there are. What is wrong is noted at its row. Then all is
undone, or with `partial` the right rows are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.database.retry import retried
from forms_app.exact_json import reads
from forms_app.exceptions import Conflict, Fault, NotFound, Refused, StaleVersion
from forms_app.field_types import Column
from forms_app.files.storing import note_all_uses, own_files
from forms_app.models import Verb
from forms_app.people.actor import Actor
from forms_app.people.permission import permit
from forms_app.records import statements
from forms_app.records.bulk_checks import holders, repeated_values, unknown_references
from forms_app.records.bulk_rows import insert_rows, update_rows
from forms_app.records.changes.entries import API, MASS, deed_of
from forms_app.records.cleaning import required_fault, without_empty
from forms_app.records.kept import differences, running_tickets
from forms_app.records.mass_attempts import Moved, until_still
from forms_app.records.mass_checks import RowChecks, key_column
from forms_app.records.mass_rows import Change, MassRow, refuse_all, right
from forms_app.records.numbering import reserved
from forms_app.records.query.scopes import reach
from forms_app.records.query.unknown import unknown_record
from forms_app.records.recompute import Changes, affected, computed_page, recompute_dependents
from forms_app.records.rings import hold_rings
from forms_app.records.uniqueness import lock_columns, pending
from forms_app.records.writes import person_of, stale_version
from forms_app.schema.form_schema import FormSchema

Rows = list[MassRow]


def entity_mass_create(
    *, schema: FormSchema, rows: Sequence[Mapping[str, Any]], actor: Actor, partial: bool = False, shown: bool = False
) -> Rows:
    """Create a record of each row, owned by the actor. What became of each, in order; `shown`: with the records.
    Without `partial` raises Refused or Conflict with the faults of all rows; always Forbidden."""
    permit(actor, schema.rights(actor), Verb.CREATE)
    write = MassWrite(schema, actor, partial, shown, makes=True)
    return write.done(lambda: [MassRow(index, raw) for index, raw in enumerate(rows)])


def entity_mass_update(
    *, schema: FormSchema, changes: Sequence[Change], actor: Actor, partial: bool = False, shown: bool = False
) -> Rows:
    """Change records, each by its own values. As `entity_mass_create` otherwise; a record that is not there is
    NotFound, one of another version StaleVersion."""
    permit(actor, schema.rights(actor), Verb.UPDATE)

    def made() -> Rows:
        rows = []
        seen: set[int | None] = {None}
        for index, change in enumerate(changes):
            row = MassRow(index, change.values, change.record_id, change.version)
            row.note(Refused, change.faults)
            if row.record_id in seen and row.record_id is not None:
                message = _("This id stands twice in the list.")
                row.note(Refused, [Fault("repeated", message, field="id", got=row.record_id)])
            seen.add(row.record_id)
            rows.append(row)
        return rows

    return MassWrite(schema, actor, partial, shown, makes=False).done(made)


def entity_mass_upsert(
    *,
    schema: FormSchema,
    key: str,
    rows: Sequence[Mapping[str, Any]],
    actor: Actor,
    partial: bool = False,
    shown: bool = False,
) -> Rows:
    """Change the record whose unique field `key` has the row's value, or create it. As `entity_mass_create`
    otherwise."""
    for verb in (Verb.CREATE, Verb.UPDATE):
        permit(actor, schema.rights(actor), verb)
    key_field = key_column(schema.seen_by(actor), key)
    write = MassWrite(schema, actor, partial, shown, makes=True, key=key_field)
    return write.done(lambda: [MassRow(index, raw) for index, raw in enumerate(rows)])


class MassWrite:
    """One write of many rows."""

    def __init__(
        self,
        schema: FormSchema,
        actor: Actor,
        partial: bool,
        shown: bool,
        *,
        makes: bool,
        key: Column | None = None,
        checks: RowChecks | None = None,
    ) -> None:
        """`makes`: a row without a record makes one; `key` is the field that tells which record a row means."""
        self.seen = schema.seen_by(actor)
        self.schema = schema.whole
        self.actor = actor
        self.partial = partial
        self.shown = shown
        self.makes = makes
        self.key = key
        deed = deed_of(actor)
        self.deed = deed._replace(source=MASS) if deed.source == API else deed
        self.checks = checks or RowChecks(self.seen)

    def done(self, made: Callable[[], Rows]) -> Rows:
        """The rows, written."""
        return until_still(lambda: self.once(made()))

    @retried
    def once(self, rows: Rows) -> Rows:
        """Check and write the rows in a transaction. Raises what is wrong with them, IntegrityError and Moved."""
        with reserved(self.schema, len(rows) if self.makes else 0), transaction.atomic():
            self.judge(rows)
            if not self.partial:
                refuse_all(rows)
            self.write(right(rows))
        return rows

    def judge(self, rows: Rows) -> None:
        """Find and lock what the rows change, and note at each what is wrong with it."""
        hold_rings(self.schema)
        lock_columns(pending(self.schema, self.schema.by_field))
        if self.key is not None:
            self.find(self.key, rows)
        self.hold(rows)
        self.check(rows)
        self.compare(rows)

    def find(self, key: Column, rows: Rows) -> None:
        """Find the record that each row means by its key."""
        for row in rows:
            try:
                row.values[key.name] = self.checks.key(row, key)
            except Refused as refused:
                row.note(Refused, refused.faults)
                continue
            if row.values[key.name] is None:
                row.note(Refused, [required_fault(key)])
        named = right(rows)
        seen: set[int] = set()
        for row, held in zip(named, holders(self.schema, key, [row.values[key.name] for row in named]), strict=True):
            row.record_id = held.first
            if held.number in seen:
                message = _("This value of the key stands twice in the list.")
                row.note(Refused, [Fault("repeated", message, field=key.name, label=key.label)])
            seen.add(held.number)

    def hold(self, rows: Rows) -> None:
        """Lock the records that are to be changed, as far as they exist for the actor."""
        ids = sorted({row.record_id for row in rows if row.record_id is not None})
        found = statements.lock(self.schema.id, ids, reach(self.seen, self.actor)) if ids else []
        held = {entity.id: entity for entity in found}
        for row in rows:
            entity = None if row.record_id is None else held.get(row.record_id)
            if entity is not None:
                row.stored, row.written = reads(entity.data), entity
                if row.version is not None and row.version != entity.version:
                    row.note(StaleVersion, [stale_version(entity.version, row.version)])
            elif row.record_id is not None and not self.makes:
                row.note(NotFound, unknown_record(row.record_id).faults)
            elif row.record_id is not None:
                row.record_id, row.beyond = None, True  # no longer there, or not for the actor: then its value is taken

        if self.key is not None:
            self.still_named(self.key, [row for row in rows if row.stored is not None])

    def still_named(self, key: Column, rows: Rows) -> None:
        """Raises Moved where a record that was found by its key has another one now, under its lock."""
        others = [row for row in rows if (row.stored or {}).get(key.name) != row.values.get(key.name)]
        found = holders(self.schema, key, [row.values[key.name] for row in others])
        if any(held.first != row.record_id for row, held in zip(others, found, strict=True)):
            raise Moved

    def check(self, rows: Rows) -> None:
        """Clean each row; then what it refers to and whether its unique values are free, for all of them."""
        for row in rows:
            if row.stored is None and not self.makes:
                continue  # there is nothing to hold it against
            if row.stored is None:
                row.values, faults = self.checks.new(row)
                row.values = without_empty(row.values)
            else:
                row.values, faults = self.checks.changes(row, row.stored)
            # Without what the key's look-up said already.
            row.note(
                Refused, [fault for fault in faults if self.key is None or fault.field != self.key.name or row.right]
            )
        checked = [row for row in rows if row.stored is not None or self.makes]
        held = [row.stored or {} for row in checked]
        missing = unknown_references(self.seen, [row.values for row in checked], self.actor, held)
        for row, faults in zip(checked, missing, strict=True):
            row.note(Refused, faults)
            if row.stored is not None:
                row.values = {name: value for name, value in row.values.items() if value != row.stored.get(name)}
        free = right(rows)
        repeated = repeated_values(self.schema, [row.values for row in free], [row.record_id for row in free])
        for row, faults in zip(free, repeated, strict=True):
            found_late = self.key is not None and any(fault.field == self.key.name for fault in faults)
            if found_late and row.stored is None and not row.beyond:
                raise Moved
            row.note(Conflict, faults)

    def compare(self, rows: Rows) -> None:
        """Compute what follows from each change, and leave of it what differs from the record."""
        changed = [row for row in right(rows) if row.stored is not None and row.values]
        formulas = affected(self.schema, {name for row in changed for name in row.values})
        relations = {path[0] for formula in formulas.values() for path in formula.references if len(path) == 2}
        by_new: dict[frozenset[str], Rows] = {}
        for row in changed:
            by_new.setdefault(frozenset(relations & row.values.keys()), []).append(row)
        for new, group in sorted(by_new.items(), key=lambda item: sorted(item[0])):
            merged = [without_empty({**(row.stored or {}), **row.values}) for row in group]
            for row, results in zip(group, computed_page(self.schema, formulas, merged, new), strict=True):
                stored = row.stored or {}
                row.differences = differences(stored, {**stored, **row.values, **results})
                row.values = {name: value for name, (_before, value) in row.differences.items()}
        self.refuse_running(changed)

    def refuse_running(self, changed: Rows) -> None:
        """Refuse what changes only through the ticket that is running."""
        ids = [row.record_id for row in changed if row.record_id is not None]
        self.running = running_tickets(self.schema.id, ids) if ids else {}
        designs = self.seen.rights(self.actor).may(Verb.DESIGN)
        for row in changed:
            ticket = self.running.get(row.record_id or 0)
            if ticket is not None and row.values and ticket.closed_to(designs=designs):
                row.note(Conflict, [Fault("ticket_running", ticket.refusal, field="id", got=row.record_id)])

    def write(self, rows: Rows) -> None:
        """Write the rows with which nothing is wrong, and what follows from them."""
        new = [row for row in rows if row.stored is None]
        ids = insert_rows(self.schema, [row.values for row in new], [self.actor.uid] * len(new), self.deed)
        for row, record_id in zip(new, ids, strict=True):
            row.record_id, row.status = record_id, "created"
        changed = {row.record_id: row for row in rows if row.stored is not None and row.values and row.record_id}
        traced = {record_id: row for record_id, row in changed.items() if record_id in self.running}
        plain = {record_id: row.differences for record_id, row in changed.items() if record_id not in traced}
        for entity in update_rows(self.schema, plain, self.deed):
            changed[entity.id].written = entity
        for record_id, row in traced.items():
            edit = statements.Edit(person_of(self.actor), row.differences)
            row.written = statements.update(self.schema, record_id, row.values, False, self.deed, edit=edit)
        for row in changed.values():
            row.status = "updated"
        uses = [
            (record_id, token) for record_id, row in changed.items() for token in own_files(self.schema, row.values)
        ]
        if uses:
            note_all_uses(self.schema.id, uses)
        self.follow(changed, len(new))
        if self.shown:
            made = {row.record_id: row for row in new if row.record_id is not None}
            for entity in statements.lock(self.schema.id, sorted(made)):
                made[entity.id].written = entity

    def follow(self, changed: Mapping[int, MassRow], created: int) -> None:
        """Recompute what reads the changed records, read what came back to them, and count."""
        names = {name for row in changed.values() for name in row.values}
        counts: Changes = recompute_dependents(self.schema, sorted(changed), names, self.deed) if changed else {}
        live, count = counts.get(self.schema.id, (0, 0))
        if count:
            for entity in statements.lock(self.schema.id, sorted(changed)):
                changed[entity.id].written = entity
        if created or changed or counts:
            statements.count({**counts, self.schema.id: (live + created, count + created + len(changed))})
