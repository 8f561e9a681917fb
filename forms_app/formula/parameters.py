"""Parameters: what a function accepts, at compile time by type and at run time by value."""

from dataclasses import dataclass
from typing import Final, Literal

from .kinds import MOMENTS, FormulaType
from .run import Run
from .values import KINDS, ZERO, Failure, Value

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
        return given.kind == "any" or not self.kinds or given.kind in self.kinds

    def take(self, run: Run, value: Value) -> Value | Skip:
        """Takes an argument's value, gives what the function sees of it; raises `Failure` for a misfit."""
        if value is None:
            return self.blank
        if isinstance(value, tuple):
            run.spend(len(value))
            if self.shape == "single":
                raise Failure("value")
            if self.kinds:
                for item in value:
                    self._check(item)
            return value
        if self.shape == "list":
            raise Failure("value")
        if self.kinds:
            self._check(value)
        return value

    def _check(self, value: Value) -> None:
        if value is not None and KINDS[type(value)] not in self.kinds:
            raise Failure("value")


A_NUMBER = Parameter(frozenset({"number"}), blank=ZERO)
A_TEXT = Parameter(frozenset({"text"}), blank="")
A_BOOLEAN = Parameter(frozenset({"boolean"}), blank=False)
A_MOMENT = Parameter(MOMENTS, blank=SKIP)
SOME_TEXT = Parameter(frozenset({"text"}), blank=SKIP)
A_VALUE = Parameter()
A_LIST = Parameter(shape="list", blank=())
NUMBERS = Parameter(frozenset({"number"}), shape="either")
COMPARABLES = Parameter(frozenset({"number"}) | MOMENTS, shape="either")
BOOLEANS = Parameter(frozenset({"boolean"}), shape="either")
DATES = Parameter(MOMENTS, shape="either")
VALUES = Parameter(shape="either")
