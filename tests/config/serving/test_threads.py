"""Threads: the one that rested last is taken first, there are never more than so many, and nothing waits for ever."""

from __future__ import annotations

import threading
from queue import Queue

import pytest

from config.serving.threads import Threads

pytestmark = pytest.mark.fast


class Work:
    """Tasks that end when they are told to; which thread worked for each."""

    def __init__(self, most: int) -> None:
        self.begun: Queue[tuple[int, str]] = Queue()
        self.gates = [threading.Event() for _ in range(200)]
        self.threads: Threads[int] = Threads(most, self._do)

    def _do(self, task: int) -> None:
        self.begun.put((task, threading.current_thread().name))
        assert self.gates[task].wait(10)

    def begin(self, task: int) -> str:
        """The thread that works for it."""
        self.threads.submit(task)
        return self.next()[1]

    def next(self) -> tuple[int, str]:
        return self.begun.get(timeout=10)

    def end(self, task: int) -> None:
        self.gates[task].set()


def resting(work: Work) -> int:
    return len(work.threads._resting)


def rested(work: Work, threads: int) -> None:
    """Wait until so many threads rest."""
    ticks = threading.Event()
    for _ in range(1_000):
        if resting(work) == threads:
            return
        ticks.wait(0.005)
    raise AssertionError(f"{resting(work)} threads rest")


def test_one_task_after_the_other_has_always_the_same_thread() -> None:
    work = Work(4)
    names = set()
    for task in range(20):
        names.add(work.begin(task))
        work.end(task)
        rested(work, 1)
    assert len(names) == 1


def test_the_thread_that_rested_last_is_taken_first() -> None:
    work = Work(3)
    names = [work.begin(task) for task in range(3)]
    for rest, task in enumerate((2, 0, 1), start=1):
        work.end(task)
        rested(work, rest)
    assert [work.begin(3), work.begin(4), work.begin(5)] == [names[1], names[0], names[2]]
    for task in (3, 4, 5):
        work.end(task)


def test_there_are_never_more_and_what_waits_is_worked_for_in_order() -> None:
    work = Work(2)
    for task in range(6):
        work.threads.submit(task)
    begun = [work.next() for _ in range(2)]
    assert work.begun.empty()
    for task in range(6):
        work.end(task)
        if task < 4:
            begun.append(work.next())
    rested(work, 2)
    assert [task for task, _name in begun][2:] == [2, 3, 4, 5]
    assert len({name for _task, name in begun}) == 2


def test_what_many_submit_at_once_is_all_worked_for() -> None:
    done: Queue[int] = Queue()
    threads = Threads(3, done.put)
    senders = [
        threading.Thread(target=lambda first=first: [threads.submit(first + n) for n in range(500)])
        for first in range(0, 4_000, 500)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(done.get(timeout=10) for _ in range(4_000)) == list(range(4_000))
