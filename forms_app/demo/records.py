"""Writing records whose ids, owners and times are given: the way of `entity_create`, many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from forms_app.database.cursor import fetch
from forms_app.exact_json import dumps
from forms_app.field_types import Column
from forms_app.models import NumberSequence
from forms_app.people.actor import Actor
from forms_app.records import statements
from forms_app.records.changes.entries import CREATED, NOW, deed_of, entered
from forms_app.records.cleaning import cleaned_new
from forms_app.records.recompute import computed
from forms_app.schema.form_schema import FormSchema

# By hand, as all writes of records: the model's `data` would lose digits (records/statements.py).
INSERT = """
WITH written AS (
    INSERT INTO form_entity (custom_form_id, app_id, organization_id, id, owner_uid, data, created_at, updated_at)
    SELECT {form_id}, %s, %s, row.* FROM
    unnest(%s::bigint[], %s::bigint[], %s::text[]::jsonb[], %s::timestamptz[], %s::timestamptz[]) row
    RETURNING id, version, owner_uid, data
){log} SELECT id FROM written
"""


@dataclass(frozen=True)
class Record:
    """A record as a client would send it, with what the server gives else."""

    id: int
    owner_uid: int
    created_at: datetime
    updated_at: datetime
    values: Mapping[str, Any]


def write_records(form_id: int, records: Sequence[Record], actor: Actor) -> None:
    """Check the records as those of the API, number and compute what the server does, insert and count them."""
    schema = FormSchema.of(form_id, actor)
    given: Counter[tuple[int, str]] = Counter()
    rows = []
    for record in records:
        data = cleaned_new(schema, record.values, actor)
        created = timezone.localtime(record.created_at)
        data.update({column.name: _number(column, created, given) for column in schema.numbered})
        results = computed(schema, schema.stored_formulas, data)
        data.update({name: value for name, value in results.items() if value is not None})
        rows.append((record.id, record.owner_uid, dumps(data).decode(), record.created_at, record.updated_at))
    columns = [list(column) for column in zip(*rows, strict=True)]
    log, logged = entered(schema, deed_of(actor), CREATED, "data", at=NOW)
    sql = INSERT.format(form_id=int(form_id), log=log)
    fetch(sql, [schema.app_id, schema.organization_id, *columns, *logged])
    NumberSequence.objects.bulk_create(
        NumberSequence(custom_form_id=form_id, field_id=field_id, period=period, value=value)
        for (field_id, period), value in given.items()
    )
    statements.count({form_id: (len(rows), len(rows))})


def _number(column: Column, created: datetime, given: Counter[tuple[int, str]]) -> str:
    key = (column.field_id or 0, column.type.period(column, created))
    given[key] += 1
    return column.type.numbered_text(column, created, given[key])
