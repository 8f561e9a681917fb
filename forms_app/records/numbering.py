"""The next number of an auto-number field. Never one twice; in fast mode with gaps, else without.

Fast: a process reserves up to AUTO_NUMBER_BLOCK numbers at a time on a connection of its own, committed before the
first is used, so writers never wait for one another's transactions. Gap-free: the counter's row is held to the commit.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from forms_app.field_types import Column
from forms_app.schema.form_schema import FormSchema

NEXT = """
INSERT INTO form_number_sequence (custom_form_id, field_id, period, value) VALUES (%s, %s, %s, %s)
ON CONFLICT (custom_form_id, field_id, period)
DO UPDATE SET value = greatest(form_number_sequence.value + %s, excluded.value) RETURNING value
"""

_lock = threading.Lock()


class Block(NamedTuple):
    """The numbers that this process holds for one field and period, from `next` to `last`."""

    next: int
    last: int
    size: int
    taken_at: float


_blocks: dict[tuple[int, str], Block] = {}
BUSY_SECONDS = 1.0
"""A block that is used up within this time is followed by one twice as large, another by a single number: so the
numbers of a form that few write to follow one another, whichever process gives them."""


class _SecondConnection(threading.local):
    """A thread's connection beside Django's: what is committed there stays, whatever becomes of the transaction."""

    database: BaseDatabaseWrapper | None = None


_second = _SecondConnection()


def gap_free(column: Column) -> bool:
    return bool(column.setting.get("mode") == "gap_free")


def next_number(schema: FormSchema, column: Column, moment: datetime) -> str:
    """The text for a new record. A gap-free number is taken in the caller's transaction: call it last."""
    period = column.type.period(column, moment)
    number = _taken(connection, schema, column, period, 1) if gap_free(column) else _reserved(schema, column, period)
    return column.type.numbered_text(column, moment, number)


def next_numbers(schema: FormSchema, column: Column, moment: datetime, count: int) -> list[str]:
    """The texts for so many new records at once: one statement, no number left over. As `next_number` otherwise."""
    period = column.type.period(column, moment)
    using = connection if gap_free(column) else second_connection()
    last = _taken(using, schema, column, period, count)
    return [column.type.numbered_text(column, moment, number) for number in range(last - count + 1, last + 1)]


def _reserved(schema: FormSchema, column: Column, period: str) -> int:
    key = (column.field_id or 0, period)
    with _lock:
        block = _blocks.get(key)
        # The first number may have been raised since the block was taken.
        if block is None or block.next > block.last or block.next < _first(column):
            now = time.monotonic()
            busy = block is not None and now - block.taken_at < BUSY_SECONDS
            size = min(block.size * 2, settings.AUTO_NUMBER_BLOCK) if block is not None and busy else 1
            last = _taken(second_connection(), schema, column, period, size)
            block = Block(last - size + 1, last, size, now)
        _blocks[key] = block._replace(next=block.next + 1)
        for old in [k for k in _blocks if k[0] == key[0] and k[1] < period]:
            del _blocks[old]
    return block.next


def _taken(using: BaseDatabaseWrapper, schema: FormSchema, column: Column, period: str, size: int) -> int:
    """Move the counter on by `size`, and to the first number at least; the last of the numbers taken."""
    with using.cursor() as cursor:
        cursor.execute(NEXT, [schema.id, column.field_id, period, _first(column) + size - 1, size])
        return int(cursor.fetchone()[0])


def _first(column: Column) -> int:
    return int(column.setting.get("start", 1))


def second_connection() -> BaseDatabaseWrapper:
    """This thread's second connection, outside of any transaction of the first."""
    if _second.database is None:
        _second.database = connections["default"].copy("numbering")
    _second.database.close_if_unusable_or_obsolete()
    return _second.database


def give_up() -> None:
    """Give up the reserved blocks and this thread's connection."""
    with _lock:
        _blocks.clear()
    close()


def close() -> None:
    """Close this thread's connection: a thread that ends does it, or the connection stays to the end of the process."""
    if _second.database is not None:
        _second.database.close()
        _second.database = None
