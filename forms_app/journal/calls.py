"""Calls of the APIs, noted in memory and written in batches. Of more than CALL_LOG_PER_SECOND of a kind some are chosen
by chance, and each row says for how many it stands."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from types import MappingProxyType
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from forms_app.journal.writing import writer

COLUMNS = (
    "organization_id, member_id, token_id, method, path, form_id, status, code, milliseconds, request_id, address, "
    "body, at, weight"
)
# By hand: Django has no COPY, which takes a tenth of the processor's time of its bulk_create.
COPY = f"COPY forms_app_apicall ({COLUMNS}) FROM STDIN"


class Call(NamedTuple):
    """A call that was answered, in the order of COLUMNS; `body` is masked."""

    organization_id: int | None
    member_id: int | None
    token_id: int | None
    method: str
    path: str
    form_id: int | None
    status: int
    code: str
    milliseconds: float
    request_id: str
    address: str
    body: str
    at: datetime


class Sample:
    """Calls of one kind since they were last taken: all of them, and of too many as many as may be kept, each with the
    same chance (Vitter's algorithm R)."""

    def __init__(self) -> None:
        self._seen = count()
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def place(self) -> int | None:
        """Count a call: the place that it gets, None where it is counted alone."""
        place, most = next(self._seen), settings.CALL_LOG_PER_SECOND
        if place >= most:
            place = int(random.random() * (place + 1))
        return place if place < most else None

    def put(self, place: int, call: Call) -> None:
        """Keep the call in its place."""
        with self._lock:
            if place < len(self._calls):
                self._calls[place] = call
            else:
                self._calls.append(call)

    def take(self) -> list[tuple[Call, float]]:
        """The calls that were kept, and for how many each stands; none is kept any longer."""
        with self._lock:
            calls, seen = self._calls, next(self._seen)
            self._calls, self._seen = [], count()
        weight = max(1.0, seen / len(calls)) if calls else 1.0
        return [(call, weight) for call in calls]


READS, WRITES, REFUSALS = "reads", "writes", "refusals"


class Calls:
    """A source of the writer. Reads, writes and refusals are chosen among themselves: many of one kind do not crowd out
    the others."""

    name = "calls"

    def __init__(self) -> None:
        self.samples: Mapping[str, Sample] = MappingProxyType({kind: Sample() for kind in (READS, WRITES, REFUSALS)})

    def take(self) -> list[tuple[Call, float]]:
        return [row for sample in self.samples.values() for row in sample.take()]

    def write(self, rows: list[tuple[Call, float]]) -> None:
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for call, weight in rows:
                copy.write_row((*call, weight))


calls = Calls()
writer.sources.append(calls)
