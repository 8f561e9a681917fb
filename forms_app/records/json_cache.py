"""Records as JSON text. Lists show the same ones again and again, so those shown of late are kept."""

from __future__ import annotations

from collections.abc import Sequence
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap
from threading import Lock
from typing import Any

import orjson

from forms_app.caching.tagged import Tagged
from forms_app.exact_json import dumps
from forms_app.people.actor import Actor
from forms_app.records.presentation import Projection, present
from forms_app.records.query.entity_query import EntityRow
from forms_app.schema.form_schema import FormSchema

MOST_ROWS = 100
"""Whoever asks for more at once reads through everything, and does not come again soon."""
MOST_BYTES = 16 * 2**20
"""So much memory a process spends on them; then it begins anew."""
LONGEST = 2**16
"""A record whose stored values are longer is not kept: few would fill it."""


class Texts:
    """What was shown. A text is found by its record and holds for the very row that it was made of, so it is never an
    older one's; by the schema, so it is none of another definition.

    Rows and texts lie in one piece of memory. As objects of their own, between what requests come and go with, they
    held eight times as much of it.
    """

    def __init__(self) -> None:
        self.places: dict[tuple[FormSchema, int], tuple[int, int, int]] = {}
        """Where a record's row begins, its text begins and ends."""
        self._memory = mmap(-1, MOST_BYTES, MAP_PRIVATE | MAP_ANONYMOUS)
        self._used = 0
        self._lock = Lock()

    def __len__(self) -> int:
        """The bytes that are used; more than there are once something found no room."""
        return self._used

    def text(self, schema: FormSchema, row: EntityRow) -> orjson.Fragment | None:
        """The text of this row, if it is kept."""
        place = self.places.get((schema, row.id))
        if place is None:
            return None
        start, middle, end = place
        return orjson.Fragment(self._memory[middle:end]) if self._memory[start:middle] == _bytes(row) else None

    def keep(self, schema: FormSchema, row: EntityRow, text: bytes) -> None:
        """Keep the text of a row, where there is room left."""
        stored = _bytes(row)
        with self._lock:
            start, middle, end = self._used, self._used + len(stored), self._used + len(stored) + len(text)
            self._used = end
        if end > len(self._memory):
            return
        self._memory[start:middle], self._memory[middle:end] = stored, text
        self.places[schema, row.id] = start, middle, end


def _bytes(row: EntityRow) -> bytes:
    return f"{row.owner_uid} {row.created_at} {row.updated_at} {row.data}".encode()


texts_shown: Tagged[Texts] = Tagged(
    "JSON texts of records shown of late, in bytes", Texts, tag="people", most=MOST_BYTES
)


def texts(projection: Projection, rows: Sequence[EntityRow], actor: Actor) -> list[Any]:
    """The rows as clients read them, for `jsontext.dumps`: as `records.present` makes them, those that depend on
    nothing but their row and names as their text."""
    projection = projection.seen_by(actor)
    if not projection.steady or len(rows) > MOST_ROWS:
        return list(present(projection, rows, actor))
    cache, schema = texts_shown.current(), projection.schema
    kept_texts = [cache.text(schema, row) for row in rows]
    missing = [row for row, text in zip(rows, kept_texts, strict=True) if text is None]
    if not missing:
        return kept_texts
    made = {}
    for row, record in zip(missing, present(projection, missing, actor), strict=True):
        text = dumps(record)
        made[row] = orjson.Fragment(text)
        if len(row.data) <= LONGEST:
            cache.keep(schema, row, text)
    return [made[row] if text is None else text for row, text in zip(rows, kept_texts, strict=True)]
