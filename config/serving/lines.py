"""Who is worked for next: a line for each caller, taken by turns, so that one caller waits for itself and nobody else.

A thread that is done takes the next request itself: to go by way of the event loop costs two switches of threads.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

ABOUT = 5.0
"""Seconds after its last request for which a caller is still about."""
LONGEST_REST = 1.0


class Bound(NamedTuple):
    """What a caller may have of a process: so many threads at once, and so many requests, those that wait included."""

    threads: int
    requests: int


@dataclass(eq=False, kw_only=True)
class Place:
    """A request in its line. `bounds` holds what it counts against: its token, its organization, or a lane of its
    own; the first is the line that it stands in."""

    bounds: dict[Hashable, Bound]
    started: bool = field(default=False, init=False)
    started_at: float = field(default=0.0, init=False)

    @property
    def line(self) -> Hashable:
        return next(iter(self.bounds))


P = TypeVar("P", bound=Place)


class Full(Exception):
    """The caller has as many requests in the process as it may."""


class Lines(Generic[P]):
    """The lines of a process with so many threads. What is given back as started is for the caller to do."""

    def __init__(self, threads: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = threads
        self._clock = clock
        self._entered: OrderedDict[Hashable, float] = OrderedDict()
        self._rests: dict[Hashable, float] = {}
        self._waiting: OrderedDict[Hashable, deque[P]] = OrderedDict()
        self._working: Counter[Hashable] = Counter()
        self._present: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    def enter(self, place: P) -> bool:
        """Put a request into its line; whether it is started at once. Raises Full."""
        with self._lock:
            if any(self._present[name] >= bound.requests for name, bound in place.bounds.items()):
                raise Full
            self._present.update(place.bounds.keys())
            self._entered[place.line] = self._clock()
            self._entered.move_to_end(place.line)
            if self._free and place.line not in self._waiting and self._may_start(place):
                self._start(place)
            else:
                self._waiting.setdefault(place.line, deque()).append(place)
            return place.started

    def leave(self, place: P, rest: float = 0.0) -> list[P]:
        """The request was worked for; what is started in its stead. If more of its line wait, they wait for so many
        seconds at least."""
        with self._lock:
            self._forget(self._present, place)
            self._forget(self._working, place)
            self._free += 1
            self._rest(place, rest)
            return self._next()

    def next(self) -> list[P]:
        """What is started now that a line has rested."""
        with self._lock:
            return self._next()

    def rested(self) -> float | None:
        """In how many seconds the first line that waits will have rested; None where none rests."""
        with self._lock:
            now = self._clock()
            ends = [end for line, end in self._rests.items() if line in self._waiting and end > now]
            return min(ends) - now if ends else None

    def _rest(self, place: P, least: float) -> None:
        """A line that fills up rests after each request: while others are about, as long as that took."""
        now = self._clock()
        while self._entered and next(iter(self._entered.values())) < now - ABOUT:
            self._entered.popitem(last=False)
        alone = not self._entered.keys() - {place.line}
        rest = max(least, 0.0 if alone else min(LONGEST_REST, now - place.started_at))
        if rest and place.line in self._waiting:
            self._rests[place.line] = max(self._rests.get(place.line, 0.0), now + rest)

    def give_up(self, place: P) -> bool:
        """Take a request out of its line; False where it is started already."""
        with self._lock:
            if place.started:
                return False
            self._forget(self._present, place)
            self._waiting[place.line].remove(place)
            if not self._waiting[place.line]:
                del self._waiting[place.line]
            return True

    def _next(self) -> list[P]:
        """While threads are free, start the first of each line by turns, where its bounds let it."""
        started: list[P] = []
        while self._free:
            turn = next((line for line, places in self._waiting.items() if self._may_start(places[0])), None)
            if turn is None:
                break
            places = self._waiting[turn]
            place = places.popleft()
            if places:
                self._waiting.move_to_end(turn)
            else:
                del self._waiting[turn]
            self._start(place)
            started.append(place)
        return started

    def _may_start(self, place: P) -> bool:
        end = self._rests.get(place.line)
        if end is not None:
            if self._clock() < end:
                return False
            del self._rests[place.line]
        return all(self._working[name] < bound.threads for name, bound in place.bounds.items())

    def _start(self, place: Place) -> None:
        self._free -= 1
        self._working.update(place.bounds.keys())
        place.started = True
        place.started_at = self._clock()

    @staticmethod
    def _forget(count: Counter[Hashable], place: Place) -> None:
        count.subtract(place.bounds.keys())
        for name in place.bounds:
            if not count[name]:
                del count[name]
