"""The next number of an auto-number field. Never one twice; in fast mode with gaps, else without.

Fast: a process takes up to AUTO_NUMBER_BLOCK numbers at a time by a statement that is committed before the first is
used, so writers never wait for one another's transactions. Gap-free: the counter's row is held to the commit.

A transaction takes no second connection: behind a pooler there may be none left, for those who hold the others wait for
one too. So who begins a transaction takes fast numbers before it (`reserve`, `reserved`). Where they don't suffice, the
next one is taken as if it were gap-free.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from forms_app.database.cursor import fetch
from forms_app.field_types import Column
from forms_app.schema.form_schema import FormSchema

NEXT = """
INSERT INTO form_number_sequence (custom_form_id, field_id, period, value) VALUES (%s, %s, %s, %s)
ON CONFLICT (custom_form_id, field_id, period)
DO UPDATE SET value = greatest(form_number_sequence.value + %s, excluded.value) RETURNING value
"""

GIVE_BACK = """
UPDATE form_number_sequence SET value = %s WHERE custom_form_id = %s AND field_id = %s AND period = %s AND value = %s
RETURNING value
"""

_lock = threading.Lock()
_taking = threading.Lock()
"""Held while a block is taken, and never by who is in a transaction."""


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


class _Reserved(threading.local):
    """What this thread took for the transaction that it is about to begin, by the field's id and the period."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[int, str], range] = {}


_here = _Reserved()


def gap_free(column: Column) -> bool:
    return bool(column.setting.get("mode") == "gap_free")


def fast(schema: FormSchema) -> list[Column]:
    """The fields of the form whose numbers are taken before a transaction begins."""
    return [column for column in schema.whole.numbered if not gap_free(column)]


def reserve(schema: FormSchema) -> None:
    """Before a transaction that makes a record: have a number at hand for each fast field. In one, does nothing."""
    moment = timezone.localtime()
    for column in () if connection.in_atomic_block else fast(schema):
        period = column.type.period(column, moment)
        with _taking:
            if not _at_hand(column, period):
                _take_block(schema, column, period)


@contextmanager
def reserved(schema: FormSchema, count: int) -> Iterator[None]:
    """Around a transaction of this thread that makes up to `count` records: its fast numbers, which follow one another.
    Those that it leaves are given back if nobody took a later one. In a transaction, does nothing."""
    columns = () if connection.in_atomic_block or not count else fast(schema)
    if not columns:
        yield
        return
    moment = timezone.localtime()
    for column in columns:
        period = column.type.period(column, moment)
        last = _taken(schema, column, period, count)
        _here.numbers[column.field_id or 0, period] = range(last - count + 1, last + 1)
    certain = True
    try:
        yield
    except Error:  # of the database: what was committed is not known, nor whether the connection still serves
        certain = False
        raise
    finally:
        left, _here.numbers = _here.numbers, {}
        for (field_id, period), numbers in left.items():
            if numbers and certain:
                fetch(GIVE_BACK, [numbers[0] - 1, schema.id, field_id, period, numbers[-1]])


def next_number(schema: FormSchema, column: Column, moment: datetime) -> str:
    """The text for a new record. A gap-free number is taken in the caller's transaction: call it last."""
    return column.type.numbered_text(column, moment, _next(schema, column, column.type.period(column, moment)))


def next_numbers(schema: FormSchema, column: Column, moment: datetime, count: int) -> list[str]:
    """The texts for so many new records at once: one statement at most, no number left over. As `next_number`
    otherwise."""
    period = column.type.period(column, moment)
    key = (column.field_id or 0, period)
    numbers = _here.numbers.get(key, range(0))
    if len(numbers) >= count and numbers[0] >= _first(column):
        _here.numbers[key] = numbers[count:]
    else:
        last = _taken(schema, column, period, count)
        numbers = range(last - count + 1, last + 1)
    return [column.type.numbered_text(column, moment, number) for number in numbers[:count]]


def _next(schema: FormSchema, column: Column, period: str) -> int:
    if gap_free(column):
        return _taken(schema, column, period, 1)
    number = _from_block(column, period)
    if number is None and connection.in_atomic_block:
        # It may hold the counter's row, for which whoever holds `_taking` waits: so it waits for nobody.
        return _taken(schema, column, period, 1)
    if number is None:
        with _taking:
            while (number := _from_block(column, period)) is None:
                _take_block(schema, column, period)
    return number


def _at_hand(column: Column, period: str) -> bool:
    block = _blocks.get((column.field_id or 0, period))
    # The first number may have been raised since the block was taken.
    return block is not None and _first(column) <= block.next <= block.last


def _from_block(column: Column, period: str) -> int | None:
    """The next number of this process's block; None where it is used up."""
    key = (column.field_id or 0, period)
    with _lock:
        if not _at_hand(column, period):
            return None
        block = _blocks[key]
        _blocks[key] = block._replace(next=block.next + 1)
        return block.next


def _take_block(schema: FormSchema, column: Column, period: str) -> None:
    key = (column.field_id or 0, period)
    block, now = _blocks.get(key), time.monotonic()
    busy = block is not None and now - block.taken_at < BUSY_SECONDS
    size = min(block.size * 2, settings.AUTO_NUMBER_BLOCK) if block is not None and busy else 1
    last = _taken(schema, column, period, size)
    with _lock:
        _blocks[key] = Block(last - size + 1, last, size, now)
        for old in [k for k in _blocks if k[0] == key[0] and k[1] < period]:
            del _blocks[old]


def _taken(schema: FormSchema, column: Column, period: str, size: int) -> int:
    """Move the counter on by `size`, and to the first number at least; the last of the numbers taken."""
    return int(fetch(NEXT, [schema.id, column.field_id, period, _first(column) + size - 1, size])[0][0])


def _first(column: Column) -> int:
    return int(column.setting.get("start", 1))


def give_up() -> None:
    """Give up the blocks of this process."""
    with _lock:
        _blocks.clear()
