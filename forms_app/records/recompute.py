"""Keeping stored formulas true when what they read changes: here, or behind a relation.

A write recomputes up to RECOMPUTE_INLINE dependent records in its own transaction, in the order (form, id); the rest
is left to a job that is enqueued in that transaction. Recomputing moves neither `updated_at` nor a record's version,
but it is a change of the form for whoever counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from forms_app.database.cursor import fetch
from forms_app.database.queue import defer
from forms_app.database.retry import retried
from forms_app.exact_json import reads
from forms_app.formula import Formula
from forms_app.operators.lookups import same
from forms_app.records import statements
from forms_app.records.changes.entries import Deed
from forms_app.records.computing import compute, related_of, relations_of
from forms_app.records.rings import hold_rings
from forms_app.schema.columns import expression
from forms_app.schema.form_schema import FormSchema

Changes = dict[int, tuple[int, int]]
"""Form → (records more, changes more), to be counted at the end of the transaction."""


def affected(schema: FormSchema, names: Iterable[str]) -> dict[str, Formula]:
    """The stored formulas that read any of these fields, directly or through other formulas, in order."""
    touched = set(names)
    formulas: dict[str, Formula] = {}
    for name, formula in schema.stored_formulas.items():
        if any(path[0] in touched for path in formula.references):
            formulas[name] = formula
            touched.add(name)
    return formulas


def computed(
    schema: FormSchema, formulas: Mapping[str, Formula], stored: Mapping[str, Any], new: Collection[str] = ()
) -> dict[str, Any]:
    """The values of these formulas for a record about to be written; its relations of the names `new` led elsewhere
    until now, or it is new itself.

    What those lead to is held to the commit: who changes it now doesn't see this record among its dependents yet, and
    must wait until they can. What the others lead to is not: who changes it will come for this record, which is locked
    itself, and compute it after us. So locks are taken downwards, and two writers don't wait for each other.
    """
    return computed_page(schema, formulas, [stored], new)[0]


def computed_page(
    schema: FormSchema, formulas: Mapping[str, Formula], page: Sequence[Mapping[str, Any]], new: Collection[str] = ()
) -> list[dict[str, Any]]:
    """The same for many records: one statement for each related form."""
    if not formulas:
        return [{} for _data in page]
    now = timezone.localtime()
    related = related_of(schema, relations_of(formulas.values()), page, locked=new)
    return [compute(schema, formulas, stored, record, now) for stored, record in zip(page, related, strict=True)]


def recompute_dependents(schema: FormSchema, ids: Sequence[int], names: Iterable[str], deed: Deed) -> Changes:
    """Recompute what reads these fields of these records through a relation, onwards from form to form. In the
    caller's transaction; what is too much for it is enqueued. `deed` is what changed them."""
    changes: Changes = {}
    left = settings.RECOMPUTE_INLINE
    waiting: list[tuple[FormSchema, list[int], set[str]]] = [(schema, list(ids), set(names))]
    while waiting:
        source, source_ids, source_names = waiting.pop(0)
        for form_id, relation in sorted(
            {(d.form_id, d.relation) for d in source.dependents if d.target_name in source_names}
        ):
            target = FormSchema.find(form_id)
            if target is None or relation not in target.by_field:
                continue
            dependents = related_ids(form_id, relation, source_ids, left + 1)
            if len(dependents) > left:
                enqueue(form_id, relation, source_ids, dependents[left - 1] if left else 0, deed)
                dependents = dependents[:left]
            left -= len(dependents)
            for record_id, changed in recompute_records(target, dependents, deed).items():
                live, count = changes.get(form_id, (0, 0))
                changes[form_id] = (live, count + 1)
                waiting.append((target, [record_id], changed))
    return changes


def related_ids(form_id: int, relation: str, target_ids: Sequence[int], limit: int, after: int = 0) -> list[int]:
    """The first `limit` records of the form, by id, that relate to one of these through the field."""
    sql = (
        f"SELECT id FROM form_entity WHERE custom_form_id = {int(form_id)} AND id > %s "
        f"AND {expression(relation).json} = ANY(%s::jsonb[]) ORDER BY id LIMIT {int(limit)}"
    )
    return [row[0] for row in fetch(sql, [after, [str(int(target)) for target in target_ids]])]


def recompute_records(schema: FormSchema, ids: Sequence[int], deed: Deed) -> dict[int, set[str]]:
    """Compute all stored formulas of these records anew, locking them in order; what changed, by record."""
    formulas = schema.stored_formulas
    if not formulas or not ids:
        return {}
    rows = statements.lock(schema.id, ids)
    page = [reads(row.data) for row in rows]
    related = related_of(schema, relations_of(formulas.values()), page)
    changed: dict[int, set[str]] = {}
    for row, stored, record in zip(rows, page, related, strict=True):
        values = compute(schema, formulas, stored, record)
        different = {
            name: (stored.get(name), value) for name, value in values.items() if not _equal(stored.get(name), value)
        }
        if different:
            statements.recomputed(schema, row.id, different, deed)
            changed[row.id] = set(different)
    return changed


def _equal(left: Any, right: Any) -> bool:
    return left is right if left is None or right is None else same(left, right)


@retried
def recompute_batch(form_id: int, ids: Sequence[int], deed: Deed) -> None:
    """One transaction of a longer recomputation: these records, and what reads them."""
    schema = FormSchema.find(form_id)
    if schema is None:
        return
    with transaction.atomic():
        hold_rings(schema)
        changed = recompute_records(schema, ids, deed)
        changes: Changes = {form_id: (0, len(changed))} if changed else {}
        for record_id, names in changed.items():
            for other, (live, count) in recompute_dependents(schema, [record_id], names, deed).items():
                counted = changes.get(other, (0, 0))
                changes[other] = (counted[0] + live, counted[1] + count)
        statements.count(changes)


def enqueue(form_id: int, relation: str, target_ids: Sequence[int], after: int, deed: Deed) -> None:
    """Leave the records behind `after` to the background worker; enqueued in this transaction."""
    left = {"form_id": form_id, "relation": relation, "target_ids": list(target_ids), "after": after}
    defer("records.recompute_related", **left, deed=list(deed))
