"""Some records of an export, column by column: of each record those pieces alone that are written, as PostgreSQL wrote
them, and read only where that has to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import Any

import msgspec

from forms_app.exact_json import dumps, reads
from forms_app.field_types import Labels
from forms_app.records.computing import volatile_page
from forms_app.records.presentation import Projection
from forms_app.records.query import EncodedRow, EntityRow

NOTHING = b""
"""The text of a value that is not there."""
MOST_FORMS = 128


class Batch:
    """Records with what they hold; `labels` are given once it is known which are sought."""

    labels: Labels

    def __init__(self, projection: Projection, rows: Sequence[EncodedRow]) -> None:
        self.rows = rows
        self._texts: dict[str, list[bytes]] = {}
        self._projection = projection
        names = stored_names(projection)
        read = pieces_of(names)
        pieces = zip(*map(msgspec.structs.astuple, [read(row.data) for row in rows]), strict=True)
        self._joined = dict(zip(names, map(b"\n".join, pieces), strict=True))
        for column in projection.volatile:
            self._joined[column.name] = b"\n".join(
                NOTHING if values[column.name] is None else dumps(values[column.name]) for values in self._computed
            )

    def joined(self, name: str) -> bytes:
        """The field's values as JSON, a line for each record: in JSON a line's end is always escaped."""
        return self._joined[name]

    def texts(self, name: str) -> list[bytes]:
        """The same one by one."""
        texts = self._texts.get(name)
        if texts is None:
            texts = self._texts[name] = self._joined[name].split(b"\n")
        return texts

    def values(self, name: str) -> list[Any]:
        """The field's values, numbers as int or Decimal."""
        texts = b",".join(text or b"null" for text in self.texts(name))
        values: list[Any] = reads(b"[%b]" % texts)
        return values

    @cached_property
    def entities(self) -> list[EntityRow]:
        return [decoded(row) for row in self.rows]

    @cached_property
    def page(self) -> list[dict[str, Any]]:
        """All that each record holds."""
        page = [reads(row.data) for row in self.rows]
        if self._projection.volatile:
            for stored, values in zip(page, self._computed, strict=True):
                stored.update(values)
        return page

    @cached_property
    def _computed(self) -> list[dict[str, Any]]:
        return volatile_page(self._projection.schema, self.entities, self._projection.volatile)


def decoded(row: EncodedRow) -> EntityRow:
    created_at, updated_at, data = (text.decode() for text in row[2:5])
    return EntityRow(row.id, row.owner_uid, created_at, updated_at, data, row.version)


def stored_names(projection: Projection) -> tuple[str, ...]:
    """The fields among the keys in the order in which PostgreSQL writes an object's members: each is found at once."""
    volatile = {column.name for column in projection.volatile}
    names = {key.column.name for key in projection.keys if key.column is not None} - volatile
    return tuple(sorted(names, key=lambda name: (len(name), name)))


@lru_cache(MOST_FORMS)
def pieces_of(names: tuple[str, ...]) -> Callable[[bytes], Any]:
    """Reads of a record's JSON the text of each of these members, without making values of them."""
    fields = [(f"f{place}", msgspec.Raw, msgspec.Raw(NOTHING)) for place in range(len(names))]
    kind = msgspec.defstruct("Pieces", fields, rename=dict(zip((field[0] for field in fields), names, strict=True)))
    return msgspec.json.Decoder(kind).decode
