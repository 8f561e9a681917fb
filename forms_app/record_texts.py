"""Records as JSON text. Lists show the same ones again and again, so those shown of late are kept."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import orjson

from forms_app import names
from forms_app.actor import Actor
from forms_app.jsontext import dumps
from forms_app.query.entity_query import EntityRow
from forms_app.records import Projection, present
from forms_app.schema import FormSchema

MOST_ROWS = 100
"""Whoever asks for more at once reads through everything, and does not come again soon."""
MOST_BYTES = 16 * 2**20
"""So much memory a process spends on them; then it begins anew."""
OVERHEAD = 700
"""The bytes of a row's other texts and of what holds it all."""
LONGEST = 2**16
"""A record whose stored values are longer is not kept: few would fill it."""


class Kept:
    """What was shown under this tag of the names of people, departments and regions. A text is found by the whole row
    that it shows, so it is never an older one's; by the schema, so it is none of another definition."""

    def __init__(self, tag: int) -> None:
        self.tag = tag
        self.texts: dict[tuple[FormSchema, EntityRow], orjson.Fragment] = {}
        self.bytes = 0


_kept = Kept(0)


def texts(projection: Projection, rows: Sequence[EntityRow], actor: Actor) -> list[Any]:
    """The rows as clients read them, for `jsontext.dumps`: as `records.present` makes them, those that depend on
    nothing but their row and names as their text."""
    if not projection.steady or len(rows) > MOST_ROWS:
        return list(present(projection, rows, actor))
    kept, schema = current(), projection.schema
    found = [kept.texts.get((schema, row)) for row in rows]
    missing = [row for row, text in zip(rows, found, strict=True) if text is None]
    if not missing:
        return found
    made = {}
    for row, record in zip(missing, present(projection, missing, actor), strict=True):
        text = dumps(record)
        made[row] = orjson.Fragment(text)
        if len(row.data) <= LONGEST:
            kept.texts[schema, row] = made[row]
            kept.bytes += sys.getsizeof(row.data) + len(text) + OVERHEAD
    return [made[row] if text is None else text for row, text in zip(rows, found, strict=True)]


def current() -> Kept:
    """What was shown under the tag of now."""
    global _kept
    tag, kept = names.current().tag, _kept
    if kept.tag != tag or kept.bytes > MOST_BYTES:
        kept = _kept = Kept(tag)
    return kept


def forget() -> None:
    """Make all anew."""
    global _kept
    _kept = Kept(0)
