"""Formula types: what is known about a value before it is computed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "text", "boolean", "date", "datetime", "any"]


@dataclass(frozen=True, slots=True)
class FormulaType:
    """A kind of value, alone or as the items of a list. `any` is settled when the formula is evaluated."""

    kind: Kind
    is_list: bool = False

    def __str__(self) -> str:
        return f"list of {self.kind}" if self.is_list else self.kind


NUMBER = FormulaType("number")
TEXT = FormulaType("text")
BOOLEAN = FormulaType("boolean")
DATE = FormulaType("date")
DATETIME = FormulaType("datetime")
ANY = FormulaType("any")

MOMENTS = frozenset({"date", "datetime"})


def list_of(item: FormulaType) -> FormulaType:
    """Takes the type of the items, gives the type of their list."""
    return FormulaType(item.kind, is_list=True)


def item_of(list_type: FormulaType) -> FormulaType:
    """Takes a list's type, gives the type of its items; a single value's type stays as it is."""
    return FormulaType(list_type.kind)


def common_type(types: Iterable[FormulaType]) -> FormulaType:
    """Gives the one type that all the given ones share, or `any`."""
    distinct = set(types)
    return distinct.pop() if len(distinct) == 1 else ANY
