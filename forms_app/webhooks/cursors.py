"""How far a webhook has come in each form and stream: up to a position everything is settled. Of what lies beyond it,
so are the entries of some ids, which overtook others, or were sent before their run came to its end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from forms_app.webhooks.source import Entry, Position


@dataclass(frozen=True)
class Cursor:
    """`position` and what is settled `ahead` of it, by id and `tx`."""

    position: Position
    ahead: dict[int, int] = field(default_factory=dict)

    def left(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those of the entries that are not settled yet."""
        return [entry for entry in entries if entry.id not in self.ahead]

    def moved(self, entries: Sequence[Entry], settled: Collection[int], more: Sequence[Entry] = ()) -> Cursor:
        """The cursor after `entries`, which were read behind it in order, of which some are settled by id; `more` were
        pulled in from further on."""
        position = self.position
        done = {*settled, *self.ahead}
        for entry in entries:
            if entry.id not in done:
                break
            position = entry.position
        beyond = {entry.id: entry.tx for entry in (*entries, *more) if entry.id in settled}
        ahead = {pk: tx for pk, tx in {**self.ahead, **beyond}.items() if Position(tx, pk) > position}
        return Cursor(position, ahead)


def cursor_of(cursors: dict[str, Any], form_id: int, stream: str, began: int) -> Cursor:
    """The stored cursor; that of a form which is new to the webhook begins with the webhook itself."""
    held = cursors.get(f"{form_id}/{stream}")
    if held is None:
        return Cursor(Position(began, 0))
    return Cursor(Position(held["tx"], held["id"]), {int(pk): tx for pk, tx in held.get("ahead", {}).items()})


def stored(cursor: Cursor) -> dict[str, Any]:
    """The cursor as the row keeps it."""
    held: dict[str, Any] = {"tx": cursor.position.tx, "id": cursor.position.id}
    return {**held, "ahead": {str(pk): tx for pk, tx in cursor.ahead.items()}} if cursor.ahead else held
