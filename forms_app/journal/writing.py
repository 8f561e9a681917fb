"""The thread that writes what a process noted of its callers, once a second: nobody who calls waits for it, and what it
can't write is lost, counted and said in the log."""

from __future__ import annotations

import atexit
import threading
from contextlib import suppress
from typing import Any, Protocol

import structlog
from django.db import Error, connection, transaction

log = structlog.get_logger(__name__)
EVERY = 1.0
"""Seconds for which notes are gathered."""
IDLE = 60.0
"""Seconds without a note after which the connection is given back."""
PATIENCE = 5.0
"""Seconds that the end of a process waits for the last notes."""


class Source(Protocol):
    """What notes: `take` gives what there is and keeps none of it, `write` writes that in the caller's transaction."""

    name: str

    def take(self) -> list[Any]: ...

    def write(self, rows: list[Any]) -> None: ...


class Writer:
    """Writes what its sources hold. Its thread begins with the first note, so that a process that was forked has its
    own."""

    def __init__(self, *sources: Source) -> None:
        self.sources = list(sources)
        self._noted = threading.Event()
        self._ended = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """There is something to write."""
        if not self._noted.is_set() or self._thread is None or not self._thread.is_alive():
            self._noted.set()
            self._start()

    def end(self) -> None:
        """Write what is left, as the process ends."""
        self._ended.set()
        self._noted.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(PATIENCE)

    def write(self) -> None:
        """Write what there is, in this thread."""
        for source in self.sources:
            rows = source.take()
            if not rows:
                continue
            try:
                with transaction.atomic():
                    source.write(rows)
            except Exception as error:  # noqa: BLE001 - whatever it is, calls go on
                log.warning("notes lost", of=source.name, rows=len(rows), error=str(error)[:300])

    def _start(self) -> None:
        with self._starting:
            if self._ended.is_set() or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            if not self._noted.wait(IDLE):
                connection.close()
                continue
            self._ended.wait(EVERY)
            self._noted.clear()
            with suppress(Error):  # else the next write says what is wrong
                connection.close_if_unusable_or_obsolete()
            self.write()
        self.write()
        connection.close()


writer = Writer()
"""The one of this process."""
atexit.register(writer.end)
