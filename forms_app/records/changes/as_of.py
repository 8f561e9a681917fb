"""A record as it was at some time: as it is now, less what was done to it since."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.database.cursor import fetch
from forms_app.exact_json import dumps, reads
from forms_app.exceptions import Fault, Refused
from forms_app.field_types._times import shown
from forms_app.models import CustomForm
from forms_app.people.actor import Actor
from forms_app.records.changes.entries import COMPUTED, CREATED, DESTROYED, OWNER, RESTORED, TRANSFERRED
from forms_app.records.changes.partitions import kept_since
from forms_app.records.changes.reading import COLUMNS, Change, require_history, require_record
from forms_app.records.changes.showing import is_of
from forms_app.records.query.entity_query import EntityRow
from forms_app.records.query.unknown import unknown_record
from forms_app.schema.form_schema import FormSchema

_UTC = "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
NOW = "now"
# One statement, so that what the record holds and what was done to it are of one moment. The record stands first.
SINCE = f"""
SELECT * FROM (
    SELECT 0 AS place, 0 AS id, id AS entity_id, 0 AS tx, {_UTC.format("updated_at")}, version, owner_uid, 0 AS uid,
        NULL::bigint, '{NOW}', {_UTC.format("created_at")}, '', data::text
    FROM {{partition}} WHERE custom_form_id = %s AND id = %s
    UNION ALL
    SELECT 1, {COLUMNS} FROM form_entity_change WHERE custom_form_id = %s AND entity_id = %s AND at > %s
) told ORDER BY place, id DESC
"""
BEFORE = f"""
SELECT {_UTC.format("at")} FROM form_entity_change
WHERE custom_form_id = %s AND entity_id = %s AND at <= %s AND action <> '{COMPUTED}' ORDER BY id DESC LIMIT 1
"""
MADE = f"""
SELECT coalesce(
    (SELECT {_UTC.format("created_at")} FROM form_entity_trash WHERE custom_form_id = %s AND id = %s),
    (SELECT {_UTC.format("at")} FROM form_entity_change
        WHERE custom_form_id = %s AND entity_id = %s AND action = '{CREATED}' LIMIT 1)
)
"""


def entity_as_of(*, schema: FormSchema, record_id: int, moment: datetime, actor: Actor) -> EntityRow:
    """The record as it was at that moment, to the millisecond. A time is "" where the log does not reach back to
    it. Raises NotFound for a record that the actor does not reach or that did not exist then, Refused
    for a moment from before the history, Conflict where the form keeps none, Forbidden."""
    require_record(schema, record_id, actor)
    require_history(schema)
    _require_kept(schema, moment)
    sql = SINCE.format(partition=schema.partition)
    rows = fetch(sql, [schema.id, record_id, schema.id, record_id, moment])
    told = [Change(*row[1:]) for row in rows]
    was = Was()
    for change in told:
        was.undo(change)
    if was.data is None:
        raise unknown_record(record_id)
    updated = [row[0] for row in fetch(BEFORE, [schema.id, record_id, moment])]
    if not updated and not was.moved:
        updated = [was.updated_at]
    created = was.created_at or fetch(MADE, [schema.id, record_id] * 2)[0][0] or ""
    return EntityRow(
        record_id,
        was.owner_uid,
        created,
        updated[0] if updated else created if was.version == 1 else "",
        dumps(_own(schema, was.data, moment)).decode(),
        was.version,
    )


class Was:
    """The record on its way back; `data` is None while it did not exist."""

    def __init__(self) -> None:
        self.data: dict[str, Any] | None = None
        self.owner_uid = self.version = 0
        self.created_at = self.updated_at = ""
        self.moved = False

    def undo(self, change: Change) -> None:
        """Go back behind this entry; the record as it is now comes first."""
        if change.action in {NOW, DESTROYED}:
            self.data, self.owner_uid, self.version = reads(change.changes), change.owner_uid, change.version
            if change.action == NOW:
                self.updated_at, self.created_at = change.at, change.source
        elif change.action in {CREATED, RESTORED}:
            self.data = None
        elif change.action == TRANSFERRED:
            self.owner_uid = reads(change.changes)[OWNER][0]
        elif self.data is not None:
            for name, (before, _after) in reads(change.changes).items():
                self.data[name] = before
        if change.action not in {NOW, COMPUTED}:
            self.moved = True
        if change.action not in {NOW, COMPUTED, DESTROYED}:
            self.version = change.version - 1


def _own(schema: FormSchema, data: dict[str, Any], moment: datetime) -> dict[str, Any]:
    """The values of fields that are there still and were those fields then."""
    at = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:23]
    return {
        name: value
        for name, value in data.items()
        if value is not None and (name not in schema.by_field or is_of(schema.by_field[name], at))
    }


def _require_kept(schema: FormSchema, moment: datetime) -> None:
    since = CustomForm.objects.filter(pk=schema.id).values_list("history_since", flat=True).first() or timezone.now()
    first = max(since, kept_since())
    if moment < first:
        text = shown(f"{first.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:23] + "Z")
        message = _("The history of this form begins at {time}.").format(time=text)
        raise Refused([Fault("before_history", message, field="as_of", got=moment.isoformat(), allowed=text)])
