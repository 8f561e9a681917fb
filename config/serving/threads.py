"""Threads that work for requests: the one that rested last is taken first."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class Threads(Generic[T]):
    """At most so many threads that call `work`, started when they are needed.

    Each has a connection to the database of its own, and PostgreSQL a process for each of those, which has at hand what
    it met lately. So where one thread is enough it is always the same one. (ThreadPoolExecutor takes them by turns, and
    makes a future of each task.)
    """

    def __init__(self, most: int, work: Callable[[T], None]) -> None:
        self._most = most
        self._work = work
        self._resting: list[SimpleQueue[T]] = []
        self._started = 0
        self._waiting: deque[T] = deque()
        self._lock = threading.Lock()

    def submit(self, task: T) -> None:
        """Have it worked for as soon as a thread is there, in the order of submission. `work` raises nothing."""
        with self._lock:
            if self._resting:
                tasks = self._resting.pop()
            elif self._started < self._most:
                self._started += 1
                tasks = SimpleQueue()
                threading.Thread(target=self._run, args=[tasks], name=f"request-{self._started}", daemon=True).start()
            else:
                self._waiting.append(task)
                return
        tasks.put(task)

    def _run(self, tasks: SimpleQueue[T]) -> None:
        while True:
            task = tasks.get()
            while True:
                self._work(task)
                del task  # nothing of it is kept while the thread rests
                with self._lock:
                    if not self._waiting:
                        self._resting.append(tasks)
                        break
                    task = self._waiting.popleft()
