"""Selections that are followed: their ids in order, found once, and what has changed since by the change log.

A write to a form ends what was remembered of its selections (answers.py). Of a form that keeps its history the log
tells which records were written since. Only those are looked at again: whether they match now, and where they stand.
So a list between writes reads some records of the selection and not all.

It is exact, or nothing is told. The ids are kept with the snapshot in which they were found, and with the sum of the
form's changes then. All entries that this snapshot does not see are read, in the statement that answers. They must be
as many as the changes since: so what was changed without an entry is noticed, and an entry that was dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from forms_app.caching.tagged import Tagged
from forms_app.database.cursor import fetch
from forms_app.database.engine import is_citus
from forms_app.database.replicas import on_replica
from forms_app.operators.lookups import Condition
from forms_app.records.query.answers import CHANGES, forget, key_of
from forms_app.records.query.ordering import Order

PLACE = -1
"""Of the ids of a whole selection among what is remembered of it."""
MOST_ENTRIES = 256
"""After more changes than these the selection is found anew: each changed record is read."""
FEW = 32
"""So many changed records are looked for among the ids one by one; more by one walk through all ids."""
MOST_KEPT = 200
"""Selections of a form; one of 20,000 records takes 160 kB."""

_kept: Tagged[dict[str, None]] = Tagged("selections that are followed", dict, tag=None, most=10_000)
"""They decide what is tried first, and nothing else."""


def can_follow() -> bool:
    """Whether this statement may: a replica remembers nothing, and a node of Citus has its own transactions' ids."""
    return not on_replica() and not is_citus()


@dataclass(frozen=True)
class Followed:
    """A selection in an order, of a form that keeps its history."""

    form_id: int
    where: Condition
    by: Order

    @property
    def key(self) -> str:
        return key_of(*self.where, [key[:3] for key in self.by.keys])

    @property
    def is_kept(self) -> bool:
        """Whether this process kept it, and may find it again."""
        return self.key in _kept.current()

    def keeping(self, matching: str, clauses: str, total_key: str, sizes: range) -> Condition:
        """A CTE that keeps the ids of the CTE `matching` in the order of `clauses`, and their number under its own key,
        if that is one of `sizes`."""
        form = int(self.form_id)
        sql = (
            f"found AS (SELECT count(*) AS total, coalesce(array_agg(id ORDER BY {clauses}), '{{}}') AS ids "
            f"FROM {matching}), kept AS (INSERT INTO form_remembered "
            "(custom_form_id, key, place, changes, answer, remembered_at, ids, seen) "
            f"SELECT {form}, key, place, {CHANGES.format(form=form)}, to_jsonb(total), clock_timestamp(), "
            f"CASE place WHEN {PLACE} THEN ids END, CASE place WHEN {PLACE} THEN pg_current_snapshot()::text END "
            f"FROM found CROSS JOIN (VALUES (%s::uuid, {PLACE}), (%s::uuid, 0)) rows (key, place) "
            f"WHERE total >= {int(sizes.start)} AND total < {int(sizes.stop)} "
            "ON CONFLICT (custom_form_id, key, place) DO UPDATE SET changes = excluded.changes, "
            "answer = excluded.answer, remembered_at = excluded.remembered_at, ids = excluded.ids, "
            "seen = excluded.seen)"
        )
        return sql, [self.key, total_key]

    def was_kept(self) -> None:
        """Note that it was; the form's oldest go where it has too many."""
        _kept.current()[self.key] = None
        forget(self.form_id, MOST_KEPT, f"place = {PLACE}")

    def page(self, columns: str, limit: int, offset: int) -> list[tuple[Any, ...]]:
        """The page, and with each row the total, last; one row without a record where the page is empty. Nothing where
        the selection is not kept, or too much has changed since. `columns` is the select list, the id first.

        What has changed is taken out of the ids, and put back where it matches. A record that has not changed comes
        earlier by as many places as were taken out before it, and later by as many as were put there. So it is enough
        to read the page, and so many records behind and before it, and to put what has changed among them.
        """
        form, (condition, values) = int(self.form_id), self.where
        record = f"SELECT * FROM form_entity WHERE custom_form_id = {form} AND id = listed_id OFFSET 0"
        keys = "".join(f", {key.expression} AS k{n}" for n, key in enumerate(self.by.keys[:-1]))
        key_values = [value for key in self.by.keys[:-1] for value in key.values]
        first, shift = int(offset), "form_change_offset()"
        sql = f"""
WITH kept AS MATERIALIZED (
    SELECT ids, seen::pg_snapshot AS seen, changes FROM form_remembered
    WHERE custom_form_id = {form} AND key = %s AND place = {PLACE}
), entered AS MATERIALIZED (
    SELECT entity_id FROM kept CROSS JOIN LATERAL (
        SELECT entity_id FROM form_entity_change
        WHERE custom_form_id = {form} AND tx >= {shift} + pg_snapshot_xmin(seen)::text::bigint
        AND NOT pg_visible_in_snapshot((tx - {shift})::text::xid8, seen) LIMIT {MOST_ENTRIES}) entry
), changed AS MATERIALIZED (
    SELECT DISTINCT entity_id AS listed_id FROM entered
), gone AS MATERIALIZED (
    SELECT array_position(ids, listed_id) AS place FROM changed CROSS JOIN kept
    WHERE (SELECT count(*) FROM changed) <= {FEW}
    UNION ALL SELECT place FROM kept CROSS JOIN LATERAL unnest(ids) WITH ORDINALITY old (listed_id, place)
    WHERE (SELECT count(*) FROM changed) > {FEW}
    AND CASE WHEN listed_id IN (SELECT listed_id FROM changed) THEN true ELSE false END
), matching AS MATERIALIZED (
    SELECT id{keys} FROM changed CROSS JOIN LATERAL ({record}) r WHERE {condition}
), told AS MATERIALIZED (
    SELECT ids, (SELECT count(place)::int FROM gone) AS most, cardinality(ids) - (SELECT count(place) FROM gone)
        + (SELECT count(*) FROM matching) AS total,
        greatest(0, {first} - (SELECT count(*)::int FROM matching)) AS start
    FROM kept WHERE (SELECT count(*) FROM entered) = {CHANGES.format(form=form)} - changes
), near AS MATERIALIZED (
    SELECT id{keys} FROM told CROSS JOIN LATERAL unnest(ids[start + 1 : {first + int(limit)} + most]) old (listed_id)
    CROSS JOIN LATERAL ({record}) r WHERE listed_id <> ALL(ARRAY(SELECT listed_id FROM changed))
), page AS (
    SELECT id AS record_id, row_number() OVER (ORDER BY {clauses(self.by)}) AS n
    FROM (SELECT * FROM near UNION ALL SELECT * FROM matching) both_of_them ORDER BY n LIMIT {int(limit)} OFFSET (
        SELECT {first} - start + (SELECT count(*) FROM gone WHERE place <= start) FROM told)
)
SELECT shown.*, total FROM told LEFT JOIN LATERAL (
    SELECT {columns}, n FROM page JOIN form_entity ON custom_form_id = {form} AND id = record_id) shown ON true
ORDER BY n
"""
        rows = fetch(sql, [self.key, *key_values, *values, *key_values])
        if rows:
            _kept.current()[self.key] = None
        return rows


def clauses(by: Order) -> str:
    """ORDER BY of an order whose keys, without the id, were read as k0, k1 and so on."""
    keys: Sequence[str] = [key._replace(expression=f"k{n}").clause() for n, key in enumerate(by.keys[:-1])]
    return ", ".join([*keys, by.keys[-1].clause()])
