"""What many tests stand on: made by the services once in a process, and from then on put back row by row.

The rows are the same ones, ids included: a test's transaction takes back what it wrote, and no sequence goes back. A
test that commits makes its own: indexes and jobs that are named after its rows may outlive it.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from django.db import connection, transaction
from django.db.models import Model

from forms_app.caching import tags
from tests import citus

T = TypeVar("T")
ALIKE = 3

# Not the tags, which change with every write, nor what a trigger writes again.
_COLUMNS = """
    SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname NOT IN ('forms_app_cacheversion', 'procrastinate_events')
    GROUP BY c.oid, c.relname ORDER BY c.oid
"""


class _Recording(NamedTuple):
    inputs: tuple[Any, ...]
    result: Any
    statement: str


_recordings: dict[Hashable, _Recording] = {}
_stable: set[tuple[type[Model], int]] = set()
"""Models that came out of recordings: they are the same in every test."""

_under_way: list[Hashable] = []
_asked: Counter[Hashable] = Counter()
_columns: dict[str, str] = {}


def begin() -> None:
    """A test begins: what it asks for, it asks for the first time."""
    _asked.clear()


def recorded(name: Hashable, build: Callable[[], T], *inputs: Any) -> T:
    """What `build` makes of `inputs`, models or dictionaries of them: it must insert rows and change no others, and
    nothing may wait for its commit. Built anew unless all of `inputs` were recorded themselves, and
    on Citus, which does not write several tables with one statement."""
    models = [one for given in inputs for one in (given.values() if isinstance(given, dict) else [given])]
    about = tuple((type(model), model.pk) for model in models)
    if citus.URL or _under_way or not connection.in_atomic_block or not _stable.issuperset(about):
        return build()
    _asked[name, about] += 1  # a test may make two alike; one that goes on and on makes them for itself
    if _asked[name, about] > ALIKE:
        return build()
    key = (name, about, _asked[name, about])
    kept = _recordings.get(key)
    if kept is None:
        _under_way.append(key)
        try:
            statement, result = _recording(build)
        finally:
            _under_way.clear()
        # The test may change the one it gets.
        _recordings[key] = _Recording(*copy.deepcopy((inputs, result)), statement)
        _stable.update((type(model), model.pk) for model in (result.values() if isinstance(result, dict) else [result]))
        return result
    with connection.cursor() as cursor:
        cursor.execute(kept.statement)
    tags.bump("definitions", "people", "tokens")
    memo = {}
    for old, new in zip(kept.inputs, inputs, strict=True):
        pairs = [(old[key], new[key]) for key in old] if isinstance(old, dict) else [(old, new)]
        memo.update({id(one): another for one, another in pairs})
    return copy.deepcopy(kept.result, memo)


def _recording(build: Callable[[], T]) -> tuple[str, T]:
    """(the statement that puts back what `build` inserts, what it gives)."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not _columns:
            cursor.execute(_COLUMNS)
            _columns.update(cursor.fetchall())
        # A write bears the number of this transaction or savepoint; what follows bears it too, or a greater one.
        tags.bump("definitions")
        cursor.execute("UPDATE forms_app_cacheversion SET definitions = definitions RETURNING xmin::text::bigint")
        ((first,),) = cursor.fetchall()
        result = build()
        cursor.execute(
            " UNION ALL ".join(
                f"(SELECT {place}, {table!r}, jsonb_agg(to_jsonb(t))::text FROM {table} t"
                f" WHERE xmin::text::bigint >= {first} HAVING count(*) > 0)"
                for place, table in enumerate(_columns)
            )
            + " ORDER BY 1"
        )
        rows = cursor.fetchall()
    inserts = [
        f"INSERT INTO {table} ({_columns[table]}) "
        f"SELECT {_columns[table]} FROM jsonb_populate_recordset(NULL::{table}, {_quoted(found)})"
        for _place, table, found in rows
    ]
    return f"DO {_quoted('BEGIN ' + ''.join(f'{insert}; ' for insert in inserts) + 'END')}", result


def _quoted(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
