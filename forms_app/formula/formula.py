"""Formula: a compiled formula, ready to be evaluated any number of times and from any thread."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import localcontext

from .kinds import FormulaType
from .limits import Limits
from .run import Read, Record, Run, attempt
from .values import CONTEXT, ErrorValue, Value, plain


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula with what is known about it. Made by `compile_formula` only."""

    text: str
    canonical_text: str
    """The same text with each reference rewritten to its canonical path."""
    result: FormulaType
    references: frozenset[tuple[str, ...]]
    """Canonical paths of everything the formula may read."""
    volatile: bool
    """Whether the result moves with the clock (TODAY, NOW) or is of the record itself (RECORD_ID): computed on read."""
    compute: Callable[[Run], Value] = field(repr=False, compare=False)
    limits: Limits = field(default_factory=Limits, repr=False, compare=False)

    def evaluate(
        self, read: Read, *, now: datetime, limits: Limits | None = None, record: Record | None = None
    ) -> Value | ErrorValue:
        """Takes a reader of references, the current time and the record if it is stored; gives the value or the error
        value.

        Never raises for what was read. `now` must be aware (ValueError otherwise): its zone is the zone of
        all dates.
        """
        if now.tzinfo is None or now.utcoffset() is None:
            raise ValueError("now must be an aware datetime")
        with localcontext(CONTEXT):
            return attempt(self._outcome, Run(read, now, now.tzinfo, limits or self.limits, record))

    def _outcome(self, run: Run) -> Value:
        value = self.compute(run)
        if isinstance(value, str):
            run.fits(len(value))
        return plain(value)
