"""The families of values: in which ways the values of a type can be asked for. A type says to which it belongs and how
its values are compared in each; an operator says to which it applies. Neither names the other.

| family | operators ask the type's value field for |
|---|---|
| `Exact` | `one(raw)`: the operand that means one value |
| `Listed` | `several(raw)`: the operand that means any of several values |
| `Ranged`, `Ordered` | `start(raw)` and `end(raw)`: where what a bound names begins and ends |
| `Textual` | `term(raw)`: a piece of text |
| `Clearable` | nothing: whether there is a value at all |
"""

from __future__ import annotations

from dataclasses import dataclass

from forms_app.operators.lookups import Between, Lookup


@dataclass(frozen=True)
class Family:
    """One way in which values can be asked for."""


@dataclass(frozen=True)
class Exact(Family):
    """By one value: equal to it, containing it, or lying within it, as the lookup says."""

    lookup: Lookup


@dataclass(frozen=True)
class Listed(Family):
    """By several values, of which any will do."""

    lookup: Lookup


@dataclass(frozen=True)
class Ranged(Family):
    """By two bounds, of which one may be open."""

    lookup: Lookup


@dataclass(frozen=True)
class Ordered(Family):
    """By what they are above or below."""

    lookup: Between


@dataclass(frozen=True)
class Textual(Family):
    """By a piece of their text, which the grams find."""


@dataclass(frozen=True)
class Clearable(Family):
    """By being empty or not: every field's values, and no system column's."""
