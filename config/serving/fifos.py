"""A FIFO that granian reads an answer from, so that no more of it is made than its client takes.

What is given to granian piece by piece it keeps until it is sent, however much that is; a file it reads as its client
does. So an answer that is made while it is sent is a file too: a FIFO, which holds up its writer when it is full
(fifo(7)).
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

OPENS_SECONDS = 30.0
"""So long granian may take to open it: it may wait for a thread."""
LOOK_SECONDS = 0.005
PATIENCE = 30.0
"""Seconds that a client may take nothing."""
CAPACITY = 1 << 20
"""Bytes that it holds, where the system lets it be more than a few pages."""


class ReaderGone(Exception):
    """Nobody reads it: the client hung up, or wants no more than the headers."""


class ReaderSlow(Exception):
    """The client takes too little."""


class Fifo:
    """To be opened by granian by its `path`, which `tell` gives it, and written to."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="apaas-answer-")
        self.path = os.path.join(self._folder, "answer")
        os.mkfifo(self.path, 0o600)
        self._end = -1

    def __enter__(self) -> Self:
        return self

    def open(self, gone: Callable[[], bool]) -> None:
        """Wait until it is open for reading. Raises ReaderGone."""
        until = time.monotonic() + OPENS_SECONDS
        while True:
            try:
                self._end = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                break
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
            if gone() or time.monotonic() > until:
                raise ReaderGone
            time.sleep(LOOK_SECONDS)
        with suppress(OSError, AttributeError):
            fcntl.fcntl(self._end, fcntl.F_SETPIPE_SZ, CAPACITY)

    def write(self, piece: bytes) -> None:
        """Write all of it, as fast as it is read. Raises ReaderGone, ReaderSlow."""
        rest = memoryview(piece)
        room = select.poll()
        room.register(self._end, select.POLLOUT)
        while rest:
            if not room.poll(PATIENCE * 1_000):
                raise ReaderSlow
            try:
                taken = os.write(self._end, rest)
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise ReaderGone from None
            rest = rest[taken:]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing more is written: whoever reads it reads its end."""
        # Whoever is still about to open it is let through: a reader waits for a writer, for ever.
        with suppress(OSError):
            os.close(os.open(self.path, os.O_RDWR | os.O_NONBLOCK))
        if self._end >= 0:
            os.close(self._end)
        os.unlink(self.path)
        os.rmdir(self._folder)
