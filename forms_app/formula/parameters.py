"""Parameters: what a function accepts, at compile time by type and at run time by value."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from .kinds import MOMENTS, FormulaType
from .run import Run
from .values import KINDS, ZERO, Failure, Value, kind_of, settled, text_of
from .words import _

Shape = Literal["single", "list", "either"]


class Skip:
    """Stands for an empty argument that makes the whole call empty."""


SKIP: Final = Skip()


@dataclass(frozen=True, slots=True)
class Parameter:
    """Accepted kinds (none named: all), single values or lists, and what an empty argument counts as."""

    kinds: frozenset[str] = frozenset()
    shape: Shape = "single"
    blank: Value | Skip = None
    check: Callable[[Any], None] | None = None
    """Raises `Failure` for a value that the function does not take; constants are checked when a formula is saved."""
    writes: bool = False
    """Whether a number is taken too, as the text that `&` makes of it."""
    settles: bool = False
    """Whether numbers are taken as they are shown, without guard digits."""

    @property
    def expected(self) -> str:
        """Names the accepted kinds, for faults and documentation."""
        kinds = " or ".join(sorted(self.kinds)) or "value"
        return {"single": kinds, "list": f"list of {kinds}", "either": f"{kinds} or list"}[self.shape]

    def accepts(self, given: FormulaType) -> bool:
        """Says whether an argument of this type may stand here; `any` may, its value is looked at later."""
        if given.is_list and self.shape == "single":
            return False
        if not given.is_list and self.shape == "list" and given.kind != "any":
            return False
        if self.writes and given.kind == "number":
            return True
        return given.kind == "any" or not self.kinds or given.kind in self.kinds

    def take(self, run: Run, value: Value) -> Value | Skip:
        """Takes an argument's value, gives what the function sees of it; raises `Failure` for a misfit."""
        if value is None:
            if self.check is not None and not isinstance(self.blank, Skip):
                self.check(self.blank)
            return self.blank
        if isinstance(value, tuple):
            run.spend(len(value))
            if self.shape == "single":
                raise Failure(
                    "value", _("{expected} was expected where {got} was read."), expected=self.expected, got="list"
                )
            if self.kinds:
                for item in value:
                    self._check(item)
            return value
        if self.shape == "list":
            raise Failure("value", _("A list was expected where a single value was read."))
        if isinstance(value, Decimal):
            if self.settles:
                value = settled(value)
            elif self.writes:
                value = text_of(value, run.zone)
        if self.kinds:
            self._check(value)
        if self.check is not None:
            self.check(value)
        return value

    def refusal(self, constant: Value) -> Failure | None:
        """Gives the failure that a constant argument would be in every evaluation, if it is one."""
        try:
            if self.check is not None and constant is not None:
                self.check(constant)
        except Failure as failure:
            return failure
        return None

    def _check(self, value: Value) -> None:
        if value is not None and KINDS[type(value)] not in self.kinds:
            raise Failure(
                "value", _("{expected} was expected where {got} was read."), expected=self.expected, got=kind_of(value)
            )


def _not_negative(length: Decimal) -> None:
    if length < 0:
        raise Failure("value", _("A length can't be negative."))


def _from_one(position: Decimal) -> None:
    if position < 1:
        raise Failure("value", _("Positions count from 1."))


def one_of(*allowed: int) -> Callable[[Decimal], None]:
    """Gives a check for a number that selects one of a few ways."""

    def check(number: Decimal) -> None:
        if number not in allowed:
            numbers = ", ".join(map(str, allowed))
            raise Failure("num", _("It is one of {allowed}, not {number}."), allowed=numbers, number=str(number))

    return check


A_NUMBER = Parameter(frozenset({"number"}), blank=ZERO)
A_SETTLED = Parameter(frozenset({"number"}), blank=ZERO, settles=True)
A_LENGTH = Parameter(frozenset({"number"}), blank=ZERO, settles=True, check=_not_negative)
A_POSITION = Parameter(frozenset({"number"}), blank=ZERO, settles=True, check=_from_one)
A_TEXT = Parameter(frozenset({"text"}), blank="", writes=True)
A_BOOLEAN = Parameter(frozenset({"boolean"}), blank=False)
A_MOMENT = Parameter(MOMENTS, blank=SKIP)
SOME_TEXT = Parameter(frozenset({"text"}), blank=SKIP, writes=True)
A_VALUE = Parameter()
A_LIST = Parameter(shape="list", blank=())
NUMBERS = Parameter(frozenset({"number"}), shape="either")
COMPARABLES = Parameter(frozenset({"number"}) | MOMENTS, shape="either")
BOOLEANS = Parameter(frozenset({"boolean"}), shape="either")
DATES = Parameter(MOMENTS, shape="either")
VALUES = Parameter(shape="either")
