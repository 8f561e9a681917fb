"""Places of far pages: where in an order a page begins, remembered so that the next one needn't count its way there.

OFFSET reads all that it skips: 14 ms for 100,000 entries of an index, 50 ms after updates, 600 ms where the order is a
field's. From a remembered place only what lies between is skipped.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from forms_app.database.cursor import fetch
from forms_app.database.replicas import on_replica
from forms_app.exact_json import reads
from forms_app.operators.lookups import Condition
from forms_app.records.query import answers
from forms_app.records.query.answers import CHANGES, WORTH_SECONDS, Answer, key_of, remember
from forms_app.records.query.ordering import Order, Position

FAR = 1_000
"""Rows to skip from which on places are looked up."""


def usable() -> bool:
    """Whether places may be looked up: a replica has none of them."""
    return answers.usable() and not on_replica()


class Place(NamedTuple):
    """`offset` rows come before `position`."""

    offset: int
    position: Position


@dataclass
class FarPage:
    """The search for the page at `offset` of a selection in an order."""

    form_id: int
    where: Condition
    by: Order
    offset: int
    changes: int = 0
    began: float = field(default_factory=time.perf_counter)

    @property
    def key(self) -> str:
        return key_of(*self.where, [key[:3] for key in self.by.keys])

    def nearest(self) -> Place | None:
        """The last remembered place that is not behind the page's."""
        form = int(self.form_id)
        sql = (
            "SELECT now.changes, held.place, held.answer FROM "
            f"(SELECT {CHANGES.format(form=form)} AS changes OFFSET 0) now LEFT JOIN LATERAL (SELECT place, answer "
            f"FROM form_remembered WHERE custom_form_id = {form} AND key = %s AND place > 0 AND place <= %s "
            "AND changes = now.changes ORDER BY place DESC LIMIT 1) held ON true"
        )
        ((self.changes, place, answer),) = fetch(sql, [self.key, self.offset])
        self.began = time.perf_counter()
        if place is None:
            return None
        *keys, record_id = reads(answer)
        return Place(place, Position(tuple(keys), int(record_id)))

    def keep(self, position: Position) -> None:
        """Remember the page's place, if it took long to get there."""
        if time.perf_counter() - self.began >= WORTH_SECONDS:
            answer: list[Any] = [*position.keys, str(position.id)]
            remember(self.form_id, [Answer(self.key, self.offset, self.changes, answer)])
