"""A page of a selection and its total, by one statement.

All that match have to be found for the total; so they are gathered once, counted, and the page is taken from them. Of a
selection that holds many, or took long, the total and the ids of the page are remembered until the form changes. Then
only the page's records are read, by a statement that is prepared. Where the form keeps its history, the selection is
followed from then on, whoever writes (followed.py).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from forms_app.caching.tagged import Tagged
from forms_app.database.cursor import fetch
from forms_app.operators.lookups import Condition
from forms_app.records.query import totals
from forms_app.records.query.answers import CHANGES, WORTH_SECONDS, Answer, key_of, remember, remembered, usable
from forms_app.records.query.followed import Followed, can_follow, clauses
from forms_app.records.query.ordering import Order

MANY = 20_000
"""So many are not gathered again: an index may give their order, and PostgreSQL's workers share in their count."""
MOST_IDS = 100
"""Larger pages are not remembered: who asks for them reads through everything, and does not come again soon."""

sizes: Tagged[dict[str, int]] = Tagged("sizes of selections that were worth remembering", dict, tag=None, most=10_000)
"""They decide what is tried first, and nothing else."""


class CountedPage(NamedTuple):
    """The rows of a page, and the total; None where that was not found."""

    rows: list[tuple[Any, ...]] | None
    total: int | None


@dataclass(frozen=True)
class Listing:
    """The page of `limit` rows from `offset` on of a selection in an order. `columns` is the select list, which begins
    with the id."""

    form_id: int
    where: Condition
    by: Order
    limit: int
    offset: int
    columns: str
    one_plan: bool
    """Whether one plan does for all values: a search is served by its index whatever the term, while of a range or an
    option it depends on how many records it leaves."""
    keeps_history: bool = False

    def page(self) -> CountedPage:
        """What is remembered, or page and total where neither is and there are not too many."""
        if not usable():
            return self._gathered(None)
        size, followed = sizes.current().get(totals.key(self.where)), self._followed()
        if size is None:  # what somebody types is rarely asked for again
            return self._gathered(None if self.one_plan else followed, totals.WORTH_COUNT)
        if size >= MANY:
            return self._recalled()
        if followed is None or not followed.is_kept:
            recalled = self._recalled()
            if recalled.total is not None:
                return recalled
        rows = followed.page(self.columns, self.limit, self.offset) if followed else []
        return self._counted(rows) if rows else self._gathered(followed)

    def _followed(self) -> Followed | None:
        can = self.keeps_history and self.limit <= MOST_IDS and can_follow()
        return Followed(self.form_id, self.where, self.by) if can else None

    def remember(self, rows: Sequence[tuple[Any, ...]], changes: int, seconds: float) -> None:
        """Remember the page that another statement found, if that took long; `changes` is as it was then."""
        if seconds >= WORTH_SECONDS and usable() and self.limit <= MOST_IDS:
            remember(self.form_id, [self._answer(rows, changes)])

    def _gathered(self, followed: Followed | None, least: int = 0) -> CountedPage:
        """Found anew; kept to be `followed` from `least` records on."""
        form, (condition, values) = int(self.form_id), self.where
        gathered = [f", {key.expression} AS k{n}" for n, key in enumerate(self.by.keys[:-1])]
        in_order = clauses(self.by)
        keeping, bound = (
            followed.keeping("matching", in_order, totals.key(self.where), range(least, MANY)) if followed else ("", [])
        )
        sql = (
            f"WITH matching AS MATERIALIZED (SELECT id{''.join(gathered)} FROM form_entity "
            f"WHERE custom_form_id = {form} AND {condition}){keeping and ', '}{keeping} "
            f"SELECT {self.columns}, (SELECT count(*) FROM matching), {CHANGES.format(form=form)} FROM form_entity "
            f"WHERE custom_form_id = {form} AND id = ANY(ARRAY(SELECT id FROM matching "
            f"ORDER BY {in_order} LIMIT {int(self.limit)} "
            f"OFFSET {int(self.offset)})) ORDER BY {', '.join(key.clause() for key in self.by.keys)}"
        )
        key_values = [value for key in self.by.keys for value in key.values]
        began = time.perf_counter()
        rows = fetch(sql, [*key_values, *values, *bound, *key_values], selective=not self.one_plan)
        if not rows:
            return CountedPage([], None if self.offset else 0)
        total, changes = rows[0][-2:]
        if followed and least <= total < MANY:
            sizes.current()[totals.key(self.where)] = total
            followed.was_kept()
        elif usable() and totals.worth(total, time.perf_counter() - began):
            sizes.current()[totals.key(self.where)] = total
            page = [self._answer(rows, changes)] if self.limit <= MOST_IDS else []
            remember(form, [Answer(totals.key(self.where), 0, changes, total), *page])
        return CountedPage(rows, total)

    def _recalled(self) -> CountedPage:
        form, (total, values) = int(self.form_id), totals.known(self.form_id, self.where)
        held, bound = remembered(self.form_id, self._page_key, self.offset)
        sql = (
            f"SELECT page.*, held.total FROM (SELECT {total} AS total, (SELECT ARRAY("
            f"SELECT jsonb_array_elements_text(answer)::bigint) FROM {held}) AS ids "
            f"OFFSET 0) held LEFT JOIN LATERAL (SELECT {self.columns}, n "
            "FROM unnest(ids) WITH ORDINALITY listed (record_id, n) "
            f"JOIN form_entity ON custom_form_id = {form} AND id = record_id) page ON true ORDER BY n"
        )
        return self._counted(fetch(sql, [*values, *bound]))

    def _counted(self, rows: list[tuple[Any, ...]]) -> CountedPage:
        total = rows[0][-1]
        if total is not None and total <= self.offset:
            return CountedPage([], total)
        return CountedPage(rows if rows[0][0] is not None else None, total)

    @property
    def _page_key(self) -> str:
        return key_of(*self.where, [key[:3] for key in self.by.keys], self.limit)

    def _answer(self, rows: Sequence[tuple[Any, ...]], changes: int) -> Answer:
        return Answer(self._page_key, self.offset, changes, [row[0] for row in rows])
