"""Run: the state of one evaluation."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TypeAlias

from .kinds import FormulaType
from .limits import Limits
from .values import ErrorValue, Failure, Value, admit

Read: TypeAlias = Callable[[tuple[str, ...]], object]


@dataclass(frozen=True, slots=True)
class Record:
    """The stored record that a formula is computed for, beside its values."""

    id: int
    created_at: datetime
    updated_at: datetime


class Run:
    """What an evaluation reads from (`read`, `now` and its zone) and how much work is left to it."""

    __slots__ = ("_read", "_seen", "limits", "now", "record", "steps", "zone")

    def __init__(self, read: Read, now: datetime, zone: tzinfo, limits: Limits, record: Record | None = None) -> None:
        self._read = read
        self._seen: dict[tuple[str, ...], Value] = {}
        self.now = now
        self.record = record
        self.zone = zone
        self.limits = limits
        self.steps = limits.steps

    def spend(self, steps: int) -> None:
        """Takes steps from what is left; raises `Failure` when nothing is."""
        self.steps -= steps
        if self.steps < 0:
            raise Failure("limit")

    def reference(self, path: tuple[str, ...], declared: FormulaType) -> Value:
        """Gives the value of a reference; each is read once however often it stands in the formula."""
        if path in self._seen:
            return self._seen[path]
        value = admit(self._read(path), declared, self.zone)
        if isinstance(value, tuple):
            self.spend(len(value))
        self._seen[path] = value
        return value

    def fits(self, characters: int) -> None:
        """Raises `Failure` when a text of so many characters would be too long; to be asked beforehand."""
        if characters > self.limits.text:
            raise Failure("limit")

    def text(self, made: str) -> str:
        """Gives the text back when it is not too long."""
        self.fits(len(made))
        return made


def attempt(compute: Callable[[Run], Value], run: Run) -> Value | ErrorValue:
    """Gives what the computation gives, or the error value of what went wrong in it."""
    try:
        return compute(run)
    except Failure as failure:
        return failure.error
    except OverflowError:
        # Only the calendar overflows this way; decimal has its own signals.
        return Failure("date").error
    except ArithmeticError:
        return Failure("num").error
