"""A FIFO of an answer: neither reader nor writer waits for ever, and no more is kept than it holds."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.serving import fifos
from config.serving.fifos import CAPACITY, Fifo, ReaderGone, ReaderSlow

pytestmark = pytest.mark.fast


def never() -> bool:
    return False


class Reader:
    """A thread that opens it as granian does, and reads when it is told to."""

    def __init__(self, path: str) -> None:
        self.opens, self.reads, self.hangs_up = threading.Event(), threading.Event(), threading.Event()
        self.found = b""
        self._thread = threading.Thread(target=self._read, args=[path], daemon=True)
        self._thread.start()

    def _read(self, path: str) -> None:
        self.opens.set()
        with open(path, "rb") as file:
            self.reads.wait(20)
            if not self.hangs_up.is_set():
                self.found = file.read()

    def ends(self) -> bytes:
        self.reads.set()
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.found


@pytest.fixture
def fifo() -> Iterator[Fifo]:
    with Fifo() as made:
        yield made


def test_what_is_written_is_read_and_its_end_too() -> None:
    with Fifo() as fifo:
        reader = Reader(fifo.path)
        fifo.open(never)
        reader.reads.set()
        piece = os.urandom(3 * CAPACITY)
        fifo.write(piece)
        fifo.write(b"the end")
    assert reader.ends() == piece + b"the end"
    assert not Path(fifo.path).parent.exists()


def test_a_client_that_takes_nothing_holds_the_writer_up_and_then_is_too_slow(
    fifo: Fifo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fifos, "PATIENCE", 0.2)
    reader = Reader(fifo.path)
    fifo.open(never)
    with pytest.raises(ReaderSlow):
        fifo.write(b"x" * (CAPACITY * 4))
    reader.hangs_up.set()
    reader.ends()


def test_a_client_that_hangs_up_is_gone(fifo: Fifo) -> None:
    reader = Reader(fifo.path)
    fifo.open(never)
    reader.hangs_up.set()
    reader.ends()
    with pytest.raises(ReaderGone):
        fifo.write(b"x")


def test_nobody_is_waited_for_who_is_gone_before_it_is_opened(fifo: Fifo) -> None:
    with pytest.raises(ReaderGone):
        fifo.open(lambda: True)


def test_nobody_is_waited_for_ever(fifo: Fifo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fifos, "OPENS_SECONDS", 0.05)
    with pytest.raises(ReaderGone):
        fifo.open(never)


def test_a_reader_is_let_through_where_nobody_came_to_write() -> None:
    """It waits in open() until there is a writer, and would wait for ever, for a thread of granian's."""
    with Fifo() as fifo:
        reader = Reader(fifo.path)
        reader.reads.set()
        reader.opens.wait(10)
        threading.Event().wait(0.2)  # from here into open() there is nothing to be seen of it
    assert reader.ends() == b""


def test_its_descriptor_may_be_beyond_what_select_takes() -> None:
    make_room(1_200)
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(1_100)]
    try:
        with Fifo() as fifo:
            reader = Reader(fifo.path)
            fifo.open(never)
            assert fifo._end > 1_024
            fifo.write(b"all of it")
        assert reader.ends() == b"all of it"
    finally:
        for descriptor in held:
            os.close(descriptor)


def make_room(files: int) -> None:
    """For so many open files, as a server has them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, files * 2), hard))
