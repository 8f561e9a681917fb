"""Exports that are being sent: so many at a time, each closed when it ends, under names that every browser reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from threading import Lock
from urllib.parse import quote

from forms_app.exporting.export import Export

MOST_AT_ONCE = 8
"""Exports that a process makes at a time: half of the threads that make answers while they send them, and of each a
connection to PostgreSQL."""
WAIT_SECONDS = 5
MOST_OF_ONE = 4
"""Of one organization: whoever reads slowly holds its place, and there are some for others."""


class TooManyExports(Exception):
    """As many as may be are being made: try again after WAIT_SECONDS."""


class Places:
    """The places of a process."""

    def __init__(self) -> None:
        self._held: Counter[int] = Counter()
        self._lock = Lock()

    def take(self, organization_id: int) -> None:
        """Raises TooManyExports."""
        with self._lock:
            if self._held.total() >= MOST_AT_ONCE or self._held[organization_id] >= MOST_OF_ONE:
                raise TooManyExports
            self._held[organization_id] += 1

    def give(self, organization_id: int) -> None:
        """The place is free again."""
        with self._lock:
            self._held[organization_id] -= 1


places = Places()


class Sending:
    """The pieces of an export that holds one of the places until it is closed."""

    def __init__(self, export: Export) -> None:
        """Makes the first piece. Raises TooManyExports, and what that raises."""
        self._pieces = export.pieces()  # first of all: who may not export takes no place
        self._organization_id = export.query.actor.organization_id
        self._held = False
        try:
            places.take(self._organization_id)
        except TooManyExports:
            self._pieces.close()
            raise
        self._held = True
        try:
            self._first = next(self._pieces)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield self._first
            yield from self._pieces
        finally:
            self.close()

    def close(self) -> None:
        """Give the place and the connection back; at most once."""
        if self._held:
            self._held = False
            try:
                self._pieces.close()
            finally:
                places.give(self._organization_id)


def headers(name: str) -> dict[str, str]:
    """A download of this name, as RFC 6266 says it of any script (old readers get what is ASCII of it), that no
    cache keeps and no browser takes for something else."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
