"""How stored values are compared: the SQL and, beside it, its twin in Python, which is the oracle of the tests.

A lookup compares the stored jsonb value of one column with an operand that is parsed already. Those of several
operators stand here; a family (`families.py`) says which of them its values take.
Nothing stored is ever cast (one odd row would fail the whole query) and operands are always bound.
PostgreSQL: jsonb operators https://www.postgresql.org/docs/current/functions-json.html,
jsonb order https://www.postgresql.org/docs/current/datatype-json.html#JSON-INDEXING
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from forms_app.exact_json import dumps
from forms_app.operators.index_kinds import BTREE, CONTAINMENT, SPAN, Expression, Index

Condition = tuple[str, list[Any]]
"""SQL text with %s places, and the values to bind, in order."""


VALUES, RANGE = "values", "range"


class Lookup:
    """One way to compare a stored value with an operand."""

    index: ClassVar[Index | None] = None
    """The kind of index that serves it on a field; None for what no index can serve, as negations."""

    narrows: ClassVar[str] = ""
    """What it leaves of a sorted index: entries of some VALUES, a RANGE of them, or "" for neither. An index of several
    columns serves several of the first, and behind them one of the second."""

    @property
    def indexed(self) -> bool:
        return self.index is not None

    def sql(self, expression: Expression, operand: Any) -> Condition:
        """The condition: text with %s places and its values. NULL counts as "does not match"."""
        raise NotImplementedError(type(self).__name__)

    def scanned(self, expression: Expression, operand: Any) -> Condition:
        """The same condition, cheapest where no index serves it and every record is looked at."""
        return self.sql(expression, operand)

    def matches(self, stored: Any, operand: Any) -> bool:
        """The same in Python, on a stored value or None."""
        raise NotImplementedError(type(self).__name__)


def encode(value: Any, cast: str) -> Any:
    """`value` as the driver binds it under `::cast`: JSON text for jsonb, itself otherwise."""
    return dumps(value).decode() if cast == "jsonb" else value


@dataclass(frozen=True)
class Equal(Lookup):
    """Equality."""

    index = BTREE
    narrows = VALUES
    cast: str = "jsonb"

    def sql(self, expression: Expression, operand: Any) -> Condition:
        return f"{expression.json} = %s::{self.cast}", [encode(operand, self.cast)]

    def matches(self, stored: Any, operand: Any) -> bool:
        return stored is not None and same(stored, operand)


@dataclass(frozen=True)
class AnyOf(Lookup):
    """Equal to one of the operand's values (a tuple). An empty tuple matches nothing."""

    index = BTREE
    narrows = VALUES
    cast: str = "jsonb"

    def sql(self, expression: Expression, operand: Sequence[Any]) -> Condition:
        if len(operand) == 1:  # of one value PostgreSQL knows that what the index has next is in order
            return Equal(self.cast).sql(expression, operand[0])
        return f"{expression.json} = ANY(%s::{self.cast}[])", [[encode(value, self.cast) for value in operand]]

    def matches(self, stored: Any, operand: Sequence[Any]) -> bool:
        return stored is not None and any(same(stored, value) for value in operand)


NUMBER_BOUNDS = ("'-1e1000'::jsonb", "'false'::jsonb")
TEXT_BOUNDS = ("""'""'::jsonb""", "'-1e1000'::jsonb")
"""What bounds an open end. jsonb sorts null < string < number < boolean < array < object, so an unbounded
comparison would run over into the next type; `jsonb_typeof` would do, but the planner can't estimate it."""


@dataclass(frozen=True)
class Between(Lookup):
    """Within (low, high); either may be None = open. Both ends belong to it, unless `strict`."""

    index = BTREE
    narrows = RANGE
    cast: str = "jsonb"
    bounds: tuple[str, str] | None = None
    strict: bool = False

    def sql(self, expression: Expression, operand: tuple[Any, Any]) -> Condition:
        low, high = operand
        above, below = (">", "<") if self.strict else (">=", "<=")
        parts: list[str] = []
        values: list[Any] = []
        if low is not None:
            parts.append(f"{expression.json} {above} %s::{self.cast}")
            values.append(encode(low, self.cast))
        elif self.bounds:
            parts.append(f"{expression.json} >= {self.bounds[0]}")
        if high is not None:
            parts.append(f"{expression.json} {below} %s::{self.cast}")
            values.append(encode(high, self.cast))
        elif self.bounds:
            parts.append(f"{expression.json} < {self.bounds[1]}")
        if not parts:
            parts.append(f"{expression.json} IS NOT NULL")
        return f"({' AND '.join(parts)})", values

    def matches(self, stored: Any, operand: tuple[Any, Any]) -> bool:
        low, high = operand
        if stored is None or not all(end is None or kind(end) is kind(stored) for end in operand):
            return False
        if self.strict:
            return (low is None or stored > low) and (high is None or stored < high)
        return (low is None or stored >= low) and (high is None or stored <= high)


@dataclass(frozen=True)
class Overlaps(Lookup):
    """A stored [start, end] and the operand (low, high) have at least a moment in common; touching counts."""

    index = SPAN

    def sql(self, expression: Expression, operand: tuple[Any, Any]) -> Condition:
        low, high = operand
        # Always a condition on the first key of the index, so that an open start uses it too.
        parts = [f"({expression.json}->0) >= {TEXT_BOUNDS[0]}"]
        values: list[Any] = []
        if high is not None:
            parts.append(f"({expression.json}->0) <= %s::jsonb")
            values.append(encode(high, "jsonb"))
        else:
            parts.append(f"({expression.json}->0) < {TEXT_BOUNDS[1]}")
        if low is not None:
            parts.append(f"({expression.json}->1) >= %s::jsonb AND ({expression.json}->1) < {TEXT_BOUNDS[1]}")
            values.append(encode(low, "jsonb"))
        return f"({' AND '.join(parts)})", values

    def matches(self, stored: Any, operand: tuple[Any, Any]) -> bool:
        low, high = operand
        # jsonb's -> sees a scalar as a list of one.
        start, end, *_rest = [*(stored if isinstance(stored, list) else [stored]), None, None]
        if not isinstance(start, str) or (low is not None and not isinstance(end, str)):
            return False
        return (high is None or start <= high) and (low is None or end >= low)


@dataclass(frozen=True)
class Containing(Lookup):
    """The stored value contains one of the operand's documents (a tuple), in the sense of jsonb `@>`."""

    index = CONTAINMENT

    def sql(self, expression: Expression, operand: Sequence[Any]) -> Condition:
        return f"{expression.json} @> ANY(%s::jsonb[])", [[encode(document, "jsonb") for document in operand]]

    def matches(self, stored: Any, operand: Sequence[Any]) -> bool:
        return stored is not None and any(contains(stored, document) for document in operand)


@dataclass(frozen=True)
class Not(Lookup):
    """Everything that `lookup` does not match, empty fields included."""

    lookup: Lookup

    def sql(self, expression: Expression, operand: Any) -> Condition:
        text, values = self.lookup.sql(expression, operand)
        return f"({text}) IS NOT TRUE", values

    def matches(self, stored: Any, operand: Any) -> bool:
        return not self.lookup.matches(stored, operand)


def kind(value: Any) -> type:
    """What jsonb sorts together: bool, number (as Decimal), str, list, dict."""
    return Decimal if isinstance(value, int | Decimal) and not isinstance(value, bool) else type(value)


def same(left: Any, right: Any) -> bool:
    """Equality as jsonb sees it: true is not 1, numbers compare by value."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Mapping):
        return isinstance(right, Mapping) and left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list | tuple):
        return isinstance(right, list | tuple) and len(left) == len(right) and all(map(same, left, right))
    numbers = (int, Decimal)
    if isinstance(left, numbers) != isinstance(right, numbers):
        return False
    return bool(left == right)


def contains(whole: Any, part: Any) -> bool:
    """jsonb `whole @> part`: each key and each item of the part is found in the whole, at any place of a list."""
    if isinstance(part, Mapping):
        return isinstance(whole, Mapping) and all(k in whole and contains(whole[k], v) for k, v in part.items())
    if isinstance(part, list | tuple):
        return isinstance(whole, list | tuple) and all(any(contains(w, p) for w in whole) for p in part)
    return same(whole, part)
