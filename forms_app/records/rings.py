"""Forms that read each other: whose records are written one after the other.

A write locks its own record, then those that read it. Where forms read each other, or records of one form do, a write
on one side and a write on the other would each hold what the other one needs. So each takes the lock of the ring first.
"""

from __future__ import annotations

from collections.abc import Mapping

from forms_app.database.cursor import fetch
from forms_app.schema.form_schema import FormSchema

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('ring', key)) FROM unnest(%s::bigint[]) AS key"


def hold_rings(schema: FormSchema) -> None:
    """Lock every ring that a change of the form's records may reach, to the end of the transaction, before any record
    is locked. One statement, and none for forms that are in no ring."""
    if schema.dependents and (keys := rings(schema)):
        fetch(LOCK, [keys])


def rings(schema: FormSchema) -> list[int]:
    """The rings that lead on from the form: of each its least form's id, in order."""
    graph = _readers(schema)
    below = {form_id: _reached(graph, form_id) for form_id in graph}
    return sorted(
        {
            min(other for other in reached if form_id in below[other])
            for form_id, reached in below.items()
            if form_id in reached
        }
    )


def _readers(schema: FormSchema) -> dict[int, set[int]]:
    """Form → the forms whose formulas read it, from this one onwards."""
    graph: dict[int, set[int]] = {}
    waiting: list[FormSchema] = [schema]
    while waiting:
        form = waiting.pop()
        if form.id in graph:
            continue
        graph[form.id] = {dependent.form_id for dependent in form.dependents}
        found = (FormSchema.find(form_id) for form_id in graph[form.id] - graph.keys())
        waiting += [each for each in found if each is not None]
    return graph


def _reached(graph: Mapping[int, set[int]], start: int) -> set[int]:
    reached: set[int] = set()
    waiting = list(graph.get(start, ()))
    while waiting:
        form_id = waiting.pop()
        if form_id not in reached and form_id in graph:
            reached.add(form_id)
            waiting += graph[form_id]
    return reached
