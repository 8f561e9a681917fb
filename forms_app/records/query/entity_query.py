"""EntityQuery: the records of one form under some terms. Lazy like a QuerySet: nothing is asked before a page, a count
or the ids are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from forms_app.database.cursor import Fetched, fetch
from forms_app.exceptions import Fault, Refused, TooLarge
from forms_app.field_types.base import Directory
from forms_app.models import Verb
from forms_app.operators.lookups import Condition
from forms_app.people.actor import Actor
from forms_app.people.directory import directory_of
from forms_app.people.permission import permit
from forms_app.records.query import far_pages, totals
from forms_app.records.query.answers import CHANGES
from forms_app.records.query.conditions import conditions
from forms_app.records.query.costs import affordable
from forms_app.records.query.encoded_rows import EncodedRow
from forms_app.records.query.ordering import Order, Part, Position, order
from forms_app.records.query.pages import Listing
from forms_app.records.query.scopes import reach_of
from forms_app.records.query.terms import Terms
from forms_app.schema.form_schema import FormSchema


class EntityRow(NamedTuple):
    """A record as it is stored: times in UTC text, `data` as JSON text (numbers keep every digit)."""

    id: int
    owner_uid: int
    created_at: str
    updated_at: str
    data: str
    version: int = 0


WIDTH = len(EntityRow._fields)


class LastChange(NamedTuple):
    """A record's version, and who changed it last: None where nobody did since it was made."""

    version: int
    by_uid: int | None


_TIME = """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
STORED = "id, owner_uid, created_at, updated_at, data, version"
"""What of a row COLUMNS is made of."""
COLUMNS = f"id, owner_uid, {_TIME.format('created_at')}, {_TIME.format('updated_at')}, data::text, version"
"""The select list of an EntityRow. psycopg's loader of timestamptz costs 5 µs a value, text nothing."""


@dataclass(frozen=True)
class EntityQuery:
    """The records of `schema` that the actor may read, under `terms`. Raises NotFound, Forbidden for an actor who may
    read none, Refused for terms that name what is hidden from them; what reads several raises TooExpensive."""

    schema: FormSchema
    actor: Actor
    terms: Terms = field(default_factory=Terms)

    def __post_init__(self) -> None:
        permit(self.actor, self.schema.rights(self.actor), Verb.READ)
        seen = self.schema.seen_by(self.actor)
        object.__setattr__(self, "schema", seen)
        hidden = [column.name for column in self.terms.columns if column.name not in seen.columns]
        if hidden:
            raise Refused(seen.field_fault(name) for name in dict.fromkeys(hidden))

    @cached_property
    def reached(self) -> Terms:
        """The terms with what the actor's own rows must satisfy."""
        reached = reach_of(self.schema, self.actor).terms
        return replace(self.terms, filters=reached + self.terms.filters) if reached else self.terms

    @cached_property
    def directory(self) -> Directory:
        """Who stands in the departments that a filter names."""
        return directory_of(self.actor.organization_id)

    @cached_property
    def _where(self) -> Condition:
        within, values = reach_of(self.schema, self.actor).condition
        if not (self.terms.filters or self.terms.search):
            return within, values
        condition, bound = conditions(self.terms, self.directory)
        return (f"{within} AND {condition}", [*values, *bound]) if within else (condition, bound)

    def where(self, terms: Terms) -> EntityQuery:
        """The same, restricted further; its sort replaces this one's where it has any."""
        mine = self.terms
        return replace(
            self,
            terms=Terms(mine.filters + terms.filters, terms.search or mine.search, terms.sorts or mine.sorts),
        )

    @affordable
    def page(self, limit: int, offset: int = 0) -> list[EntityRow]:
        """`limit` records from `offset` on, in order. Far from the first, a page starts from the nearest place that is
        remembered since the form changed last, or is read from the end of the whole form where that is nearer."""
        where, by = self._where, order(self.terms.sorts)
        if offset < far_pages.FAR or not far_pages.usable():
            return [EntityRow(*row[:WIDTH]) for row in self._rows(where, by, by.parts(bool(where[0])), limit, offset)]
        far_page = far_pages.FarPage(self.schema.id, where, by, offset)
        near = far_page.nearest()
        parts = by.after(near.position, bool(where[0])) if near else by.parts(bool(where[0]))
        skipped = offset - (near.offset if near else 0)
        if not skipped:
            return [EntityRow(*row[:WIDTH]) for row in self._rows(where, by, parts, limit, 0)]
        if not where[0] and (ended := self._page_from_the_end(by, far_page, limit, skipped)) is not None:
            return ended
        # With the record before the page: behind that one the page begins for whoever asks next.
        rows = self._rows(where, by, parts, limit + 1, skipped - 1, keyed=True)
        if rows:
            far_page.keep(_position(rows[0]))
        return [EntityRow(*row[:WIDTH]) for row in rows[1:]]

    def _page_from_the_end(self, by: Order, page: far_pages.FarPage, limit: int, nearer: int) -> list[EntityRow] | None:
        """The page, counted from the last record; None where that skips no fewer than `nearer`, or another number of
        records was there than when they were counted: their statement says how many it saw."""
        total = totals.total(self.schema.id, page.where)
        behind, parts = total - page.offset - limit, by.from_the_end()
        if total <= page.offset or behind >= nearer or not parts:
            return None
        wanted = min(limit, total - page.offset)
        also = totals.known(self.schema.id, page.where)
        rows = self._rows(page.where, by, parts, wanted + 1, max(0, behind), keyed=True, also=also)
        if len(rows) <= wanted or rows[0][-1] != total:
            return None
        *found, before = rows
        page.keep(_position(before[:-1]))
        return [EntityRow(*row[:5]) for row in reversed(found)]

    def page_and_count(self, limit: int, offset: int = 0) -> tuple[list[EntityRow], int]:
        """`page` and `count`, by one statement where the page is not far."""
        return (self.page(limit, offset), self.count()) if offset >= far_pages.FAR else self._near(limit, offset)

    @affordable
    def _near(self, limit: int, offset: int) -> tuple[list[EntityRow], int]:
        where, by = self._where, order(self.terms.sorts)
        if not where[0]:
            rows = self._rows(where, by, by.parts(False), limit, offset, also=totals.known(self.schema.id, where))
            return [EntityRow(*row[:WIDTH]) for row in rows], rows[0][WIDTH] if rows else self.count()
        one_plan, logged = self.reached.only_search, self.schema.keeps_history
        listing = Listing(self.schema.id, where, by, limit, offset, COLUMNS, one_plan, logged)
        listed, total = listing.page()
        if listed is None:
            began = time.perf_counter()
            changes = CHANGES.format(form=int(self.schema.id))
            listed = self._rows(where, by, by.parts(True), limit, offset, also=(changes, []))
            if listed:
                listing.remember(listed, listed[0][WIDTH], time.perf_counter() - began)
        if total is None:
            total = totals.counted(self.schema.id, where)
        return [EntityRow(*row[:WIDTH]) for row in listed], total

    @affordable
    def page_after(self, position: Position | None, limit: int) -> tuple[list[EntityRow], Position | None]:
        """`limit` records behind a position (None: from the start), and the position behind them if more follow."""
        where, by = self._where, order(self.terms.sorts)
        parts = by.after(position, bool(where[0])) if position else by.parts(bool(where[0]))
        rows = self._rows(where, by, parts, limit + 1, 0, keyed=True)
        following = _position(rows[limit - 1]) if len(rows) > limit else None
        return [EntityRow(*row[:WIDTH]) for row in rows[:limit]], following

    @affordable
    def stream(self, size: int) -> Fetched[EncodedRow]:
        """All records in order as they are now, so many at a time. In a transaction, to be read to its end there."""
        where, by = self._where, order(self.terms.sorts)
        sql, values = self._ordered(STORED, where, by, by.parts(True), None, 0)
        return Fetched(f"SELECT {COLUMNS} FROM ({sql}) ordered", values, size, EncodedRow._make)

    @affordable
    def ids(self) -> list[int]:
        """All ids in order. Raises TooLarge beyond MAX_IDS: never a silent cut."""
        where, by = self._where, order(self.terms.sorts)
        sql, values = self._ordered("id", where, by, by.parts(bool(where[0])), settings.MAX_IDS + 1, 0)
        # As one array: a row of the result for each id would cost ten times the memory.
        sql = f"SELECT ARRAY(SELECT id FROM ({sql}) ordered)"
        ids: list[int] = fetch(sql, values, selective=bool(where[0]))[0][0]
        if len(ids) > settings.MAX_IDS:
            message = str(_("More than {limit} records match; restrict the filters.")).format(limit=settings.MAX_IDS)
            raise TooLarge([Fault("too_many_ids", message, field="ids", allowed=settings.MAX_IDS)])
        return ids

    @affordable
    def count(self) -> int:
        """How many records match, exactly. Without restriction the form's counters know it."""
        return totals.total(self.schema.id, self._where)

    @affordable
    def longer(self, names: Sequence[str], limit: int) -> str | None:
        """The first of these text fields in which some record has more than `limit` characters."""
        if not names:
            return None
        condition, values = self._where
        also = f" AND {condition}" if condition else ""
        cases = " ".join("WHEN length(data ->> %s) > %s THEN %s" for _name in names)
        sql = f"SELECT CASE {cases} END AS name FROM {self.schema.partition} WHERE custom_form_id = %s{also}"
        bound = [part for name in names for part in (name, limit, name)]
        rows = fetch(f"SELECT name FROM ({sql}) told WHERE name IS NOT NULL LIMIT 1", [*bound, self.schema.id, *values])
        return str(rows[0][0]) if rows else None

    def get(self, record_id: int) -> EntityRow | None:
        """The record of that id, or None where none matches."""
        condition, values = self._where
        also = f" AND {condition}" if condition else ""
        sql = f"SELECT {COLUMNS} FROM {self.schema.partition} WHERE custom_form_id = %s AND id = %s{also}"
        rows = fetch(sql, [self.schema.id, record_id, *values])
        return EntityRow(*rows[0]) if rows else None

    def last_change(self, record_id: int) -> LastChange | None:
        """Which version the record has, and who made it; None where none matches."""
        condition, values = self._where
        also = f" AND {condition}" if condition else ""
        sql = f"SELECT version, changed_by_uid FROM {self.schema.partition} WHERE custom_form_id = %s AND id = %s{also}"
        rows = fetch(sql, [self.schema.id, record_id, *values])
        return LastChange(*rows[0]) if rows else None

    def _rows(
        self,
        where: Condition,
        by: Order,
        parts: Sequence[Part],
        limit: int,
        offset: int,
        *,
        keyed: bool = False,
        also: Condition = ("", []),
    ) -> list[tuple[Any, ...]]:
        """The columns of EntityRow, and behind them, if `keyed`, the sort keys as texts, then the SQL of `also`.

        What is shown is made of the rows of the page alone: in the select list of the statement that sorts, or skips by
        OFFSET, it would be made of every row (3 requests/s against 166 at offset 100,000). So the ids are found first,
        unless few are sorted, or an index of every form gives the first rows in order.
        """
        keys = [key for key in by.keys[:-1] if keyed]
        shown = ", ".join(filter(None, [COLUMNS, *(f"({key.expression})::text" for key in keys), also[0]]))
        bound = [*(value for key in keys for value in key.values), *also[1]]
        form, id_of_form = self._form(where, by)
        if offset == 0 and (where[0] or by.always_indexed):
            sql, values = self._ordered(STORED, where, by, parts, limit, 0)
            return fetch(f"SELECT {shown} FROM ({sql}) ordered", [*bound, *values], selective=bool(where[0]))
        ids, values = self._ordered("id", where, by, parts, limit, offset)
        sql = (
            f"SELECT {shown} FROM unnest(ARRAY(SELECT id FROM ({ids}) ordered)) WITH ORDINALITY AS p (record_id, n) "
            f"JOIN {self.schema.partition} ON {form} AND id = record_id ORDER BY n"
        )
        return fetch(sql, [*bound, *values, *id_of_form], selective=bool(where[0]))

    def _form(self, where: Condition, by: Order) -> Condition:
        """The form as a condition: bound where an index of every form serves, so that one prepared statement does for
        all forms of the partition; elsewhere as a constant, which the form's own indexes ask for."""
        if where[0] or not by.always_indexed:
            return f"custom_form_id = {int(self.schema.id)}", []
        return "custom_form_id = %s", [self.schema.id]

    def _ordered(
        self, columns: str, where: Condition, by: Order, parts: Sequence[Part], limit: int | None, offset: int
    ) -> tuple[str, list[Any]]:
        """The statement for `columns` of the rows in order; all of them without a limit. LIMIT and OFFSET are checked
        integers and stand as literals, so that a generic plan serves."""
        form, id_of_form = self._form(where, by)
        offset = int(offset)
        most = "ALL" if limit is None else int(limit) + offset
        first = "ALL" if limit is None else int(limit)
        texts, values = [], []
        for part in parts:
            conditions = [form, where[0], part.condition]
            texts.append(
                f"SELECT {columns} FROM {self.schema.partition} WHERE {' AND '.join(filter(None, conditions))} "
                f"ORDER BY {part.clause} LIMIT "
            )
            values += [*id_of_form, *where[1], *part.values, *part.clause_values]
        if len(texts) == 1:
            return f"{texts[0]}{first} OFFSET {offset}", values
        union = " UNION ALL ".join(f"({text}{most})" for text in texts)
        return f"SELECT * FROM ({union}) parts LIMIT {first} OFFSET {offset}", values


def _position(row: tuple[Any, ...]) -> Position:
    """The position behind a row that was read with its keys."""
    return Position(tuple(row[WIDTH:]), row[0])
