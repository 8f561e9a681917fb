"""Positions in a form's feed and in a record's history, as the text that clients hold."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from forms_app.database.cursor import fetch
from forms_app.exceptions import Fault, Refused
from forms_app.field_types.base import excerpt
from forms_app.records.changes.partitions import kept_since
from forms_app.records.changes.reading import BEGINNING, Position, feed_now
from forms_app.records.query.signing import signed, signed_content
from forms_app.schema.form_schema import FormSchema

START, NOW = "*", "now"


def feed_written(schema: FormSchema, position: Position) -> str:
    """The position in the feed as text, with the time of now."""
    return signed(f"{position.tx}.{position.id}.{int(time.time())}".encode(), _feed(schema))


def feed_read(schema: FormSchema, text: str) -> Position:
    """The position that `text` is; `*` is before all that is kept, `now` behind it. Raises Refused where it was not
    written for this form, or where entries behind it may be gone."""
    if text == START:
        return BEGINNING
    if text == NOW:
        return feed_now()
    content = signed_content(text, _feed(schema))
    if content is None:
        message = _("It was not given for this form. * begins with the oldest entry, now behind the newest.")
        raise Refused([Fault("wrong_cursor", message, field="cursor", got=excerpt(text), allowed=[START, NOW])])
    tx, place, given = (int(part) for part in content.split(b"."))
    if datetime.fromtimestamp(given, UTC) < kept_since():
        message = _("Entries behind it are not kept any more. Read the records anew, and go on with now.")
        raise Refused([Fault("old_cursor", message, field="cursor", got=excerpt(text), allowed=[START, NOW])])
    return Position(tx, place)


def _feed(schema: FormSchema) -> str:
    """The form, and since when it keeps its history: what happened while it was off is in no feed. And what is added to
    the database's count of transactions: where it was restored, a place of before may be anywhere."""
    sql = "SELECT history_since::text, form_change_offset() FROM forms_app_customform WHERE id = %s"
    since, offset = fetch(sql, [schema.id])[0]
    return f"feed {schema.id} {since} {offset}"


def history_written(schema: FormSchema, record_id: int, change_id: int) -> str:
    """The place behind an entry of a record's history, as text."""
    return signed(str(change_id).encode(), f"history {schema.id} {record_id}")


def history_read(schema: FormSchema, record_id: int, text: str) -> int | None:
    """The entry that the page comes behind; None for `*`, the newest. Raises Refused."""
    if text == START:
        return None
    content = signed_content(text, f"history {schema.id} {record_id}")
    if content is None:
        message = _("It was not given for this record. * begins with the newest entry.")
        raise Refused([Fault("wrong_cursor", message, field="cursor", got=excerpt(text), allowed=START)])
    return int(content)
