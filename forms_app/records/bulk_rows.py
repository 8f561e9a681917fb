"""Writing many checked records at once: numbers, formulas, one INSERT or UPDATE, the uses of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from forms_app.database.cursor import fetch
from forms_app.exact_json import dumps
from forms_app.files.storing import note_all_uses, own_files
from forms_app.records.changes.entries import CREATED, NOW, UPDATED, Deed, entered
from forms_app.records.cleaning import Values, without_empty
from forms_app.records.numbering import next_numbers
from forms_app.records.query.entity_query import COLUMNS, STORED, EntityRow
from forms_app.records.recompute import computed_page
from forms_app.schema.form_schema import FormSchema

# Sorted before the ids are given, so that they follow the rows; the subquery stamps each row by itself.
# %b: as a text, an array would have every quote of the JSON escaped, which takes longer than all else.
INSERT = """
WITH written AS (
    INSERT INTO form_entity (custom_form_id, app_id, organization_id, owner_uid, data, created_at, updated_at)
    SELECT {form_id}, %s, %s, owner_uid, data::jsonb, t, t FROM (
        SELECT owner_uid, data, place, {now} AS t FROM unnest(%s::bigint[], %b::text[])
        WITH ORDINALITY u(owner_uid, data, place) OFFSET 0
    ) row ORDER BY place RETURNING id, version, owner_uid, updated_at, data
){log} SELECT id FROM written
"""


UPDATE = """
WITH written AS (
    UPDATE form_entity SET data = (data - ARRAY(SELECT jsonb_array_elements_text(removed::jsonb))) || added::jsonb,
        version = version + 1, changed_by_uid = %s, updated_at = greatest(updated_at, t)
    FROM (
        SELECT record_id, removed, added, changes, {now} AS t
        FROM unnest(%s::bigint[], %b::text[], %b::text[], %b::text[]) u(record_id, removed, added, changes) OFFSET 0
    ) row WHERE custom_form_id = {form_id} AND id = record_id RETURNING {stored}, changes
){log} SELECT {columns} FROM written
"""


def insert_rows(schema: FormSchema, rows: Sequence[Values], owner_uids: Sequence[int], deed: Deed) -> list[int]:
    """Insert checked records, each with its owner; their ids, in their order. In a transaction, after all checks, whose
    last statement counts them (`statements.count`): gap-free numbers and counters are held to the commit."""
    if not rows:
        return []
    now = timezone.localtime()
    stored = [dict(row) for row in rows]
    for column in schema.numbered:
        for row, number in zip(stored, next_numbers(schema, column, now, len(stored)), strict=True):
            row[column.name] = number
    formulas = schema.stored_formulas
    if formulas:
        new = {name for row in stored for name in row}
        for row, results in zip(stored, computed_page(schema, formulas, stored, new), strict=True):
            row.update({name: value for name, value in results.items() if value is not None})
    texts = [dumps(row).decode() for row in stored]
    log, logged = entered(schema, deed, CREATED, "data")
    sql = INSERT.format(form_id=int(schema.id), now=NOW, log=log)
    ids = [row[0] for row in fetch(sql, [schema.app_id, schema.organization_id, list(owner_uids), texts, *logged])]
    holding = [column for column in schema.fields if column.type.holds_files]
    if holding:
        uses = [
            (entity_id, token) for entity_id, row in zip(ids, rows, strict=True) for token in own_files(schema, row)
        ]
        if uses:
            note_all_uses(schema.id, uses)
    return ids


def update_rows(
    schema: FormSchema, changes: Mapping[int, Mapping[str, tuple[Any, Any]]], deed: Deed
) -> list[EntityRow]:
    """Change locked records, by id, each by its own values: of each field what it holds and what it is to hold (None
    removes); formulas are among them. The caller notes the uses of files and counts."""
    if not changes:
        return []
    after = [{name: value for name, (_before, value) in fields.items()} for fields in changes.values()]
    removed = [dumps([name for name, value in values.items() if value is None]).decode() for values in after]
    added = [dumps(without_empty(values)).decode() for values in after]
    log, logged = entered(schema, deed, UPDATED, "changes::jsonb")
    told = [dumps(fields).decode() for fields in changes.values()] if log else [""] * len(after)
    sql = UPDATE.format(form_id=int(schema.id), now=NOW, columns=COLUMNS, stored=STORED, log=log)
    return [EntityRow(*row) for row in fetch(sql, [deed.uid, list(changes), removed, added, told, *logged])]
