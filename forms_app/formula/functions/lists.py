"""Lists: making them, picking from them, sorting."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cmp_to_key, partial, reduce

from ..kinds import BOOLEAN, NUMBER, FormulaType, common_type, item_of, list_of
from ..operators import number_of
from ..parameters import A_BOOLEAN, A_LIST, A_NUMBER, A_SETTLED, A_VALUE, VALUES
from ..registry import function
from ..run import Run
from ..values import ZERO, Failure, Value, kind_of, order, plus, same, settled, since_epoch
from ..words import _


def _list_of_common(arguments: Sequence[FormulaType]) -> FormulaType:
    return list_of(common_type(item_of(argument) for argument in arguments))


def _first_item(arguments: Sequence[FormulaType]) -> FormulaType:
    return item_of(arguments[0])


def _same_list(arguments: Sequence[FormulaType]) -> FormulaType:
    return list_of(arguments[0])


def _identity(run: Run, value: Value) -> tuple[str, object]:
    """Gives a key that is equal for equal values only; TRUE and 1 are equal in Python, not here."""
    if isinstance(value, datetime):
        return "datetime", since_epoch(value, run.zone)
    return kind_of(value), settled(value) if isinstance(value, Decimal) else value


@function(
    "LIST",
    "列表",
    takes=[VALUES],
    repeats=1,
    optional=1,
    gives=_list_of_common,
    example=("LIST(1, LIST(2, 3))", (Decimal(1), Decimal(2), Decimal(3))),
    results=range,
    english=_("A list of the arguments; the items of lists are put in one by one."),
)
def make_list(run: Run, *arguments: Value) -> Value:
    items: list[Value] = []
    for argument in arguments:
        items += argument if isinstance(argument, tuple) else (argument,)
    return tuple(items)


@function(
    "FIRST",
    "首项",
    takes=[A_LIST],
    gives=_first_item,
    example=("FIRST(LIST(4, 5, 6))", Decimal(4)),
    items_of_first=True,
    english=_("The first item; empty when there is none."),
)
def first(run: Run, items: tuple[Value, ...]) -> Value:
    return items[0] if items else None


@function(
    "LAST",
    "末项",
    takes=[A_LIST],
    gives=_first_item,
    example=("LAST(LIST(4, 5, 6))", Decimal(6)),
    items_of_first=True,
    english=_("The last item; empty when there is none."),
)
def last(run: Run, items: tuple[Value, ...]) -> Value:
    return items[-1] if items else None


@function(
    "INDEX",
    "第几项",
    takes=[A_LIST, A_SETTLED],
    gives=_first_item,
    example=("INDEX(LIST(4, 5, 6), 2)", Decimal(5)),
    items_of_first=True,
    english=_("The item at a position from 1 on, a negative one from the end; empty when there is none."),
)
def item_at(run: Run, items: tuple[Value, ...], position: Decimal) -> Value:
    offset = int(position)
    if not 1 <= abs(offset) <= len(items):
        return None
    return items[offset - 1 if offset > 0 else offset]


@function(
    "SIZE",
    "项数",
    takes=[A_LIST],
    gives=NUMBER,
    example=("SIZE(LIST(4, 5, 6))", Decimal(3)),
    english=_("How many items the list has."),
)
def size(run: Run, items: tuple[Value, ...]) -> Value:
    return Decimal(len(items))


@function(
    "UNIQUE",
    "去重",
    takes=[A_LIST],
    gives=_same_list,
    example=("UNIQUE(LIST(1, 2, 1))", (Decimal(1), Decimal(2))),
    items_of_first=True,
    english=_("The list with each value once, where it first stands."),
)
def unique(run: Run, items: tuple[Value, ...]) -> Value:
    kept: dict[tuple[str, object], Value] = {}
    for item in items:
        kept.setdefault(_identity(run, item), item)
    return tuple(kept.values())


@function(
    "SORT",
    "排序",
    takes=[A_LIST, A_BOOLEAN],
    optional=1,
    gives=_same_list,
    example=("SORT(LIST(2, 3, 1))", (Decimal(1), Decimal(2), Decimal(3))),
    items_of_first=True,
    english=_("The list in rising order, or falling when the second argument is TRUE; empty items last."),
)
def in_order(run: Run, items: tuple[Value, ...], descending: bool = False) -> Value:
    present = [item for item in items if item is not None]
    run.spend(len(present) * len(present).bit_length())
    key = cmp_to_key(partial(order, zone=run.zone))
    present.sort(key=key, reverse=descending)
    return (*present, *(item for item in items if item is None))


@function(
    "REVERSE",
    "倒序",
    takes=[A_LIST],
    gives=_same_list,
    example=("REVERSE(LIST(1, 2))", (Decimal(2), Decimal(1))),
    items_of_first=True,
    english=_("The list from its end to its start."),
)
def reversed_list(run: Run, items: tuple[Value, ...]) -> Value:
    return items[::-1]


@function(
    "INCLUDES",
    "列表包含",
    takes=[A_LIST, A_VALUE],
    gives=BOOLEAN,
    example=("INCLUDES(LIST(1, 2), 2)", True),
    compared=lambda count: [1],
    english=_("Whether the list has an item equal to the value."),
)
def includes(run: Run, items: tuple[Value, ...], value: Value) -> Value:
    return any(same(item, value, run.zone) for item in items)


@function(
    "IN",
    "属于",
    takes=[A_VALUE, VALUES],
    repeats=1,
    gives=BOOLEAN,
    example=('IN("b", "a", "b")', True),
    compared=lambda count: range(1, count),
    english=_("Whether the first argument equals one of the others or an item of a list among them."),
)
def among(run: Run, value: Value, *arguments: Value) -> Value:
    return any(
        same(value, item, run.zone)
        for argument in arguments
        for item in (argument if isinstance(argument, tuple) else (argument,))
    )


@function(
    "RANK",
    "排名",
    takes=[A_NUMBER, A_LIST, A_VALUE],
    optional=1,
    gives=NUMBER,
    example=("RANK(7, LIST(9, 7, 7, 5))", Decimal(2)),
    english=_(
        "The place of a number among the numbers of a list, the greatest first, or the least first when the third "
        "argument is TRUE or 1; an error when it is not among them."
    ),
)
def rank(run: Run, number: Decimal, items: tuple[Value, ...], rising: Value = None) -> Value:
    if not isinstance(rising, bool | Decimal | None):
        raise Failure(
            "value", _("{expected} was expected where {got} was read."), expected="boolean", got=kind_of(rising)
        )
    places = [order(item, number, run.zone) for item in items if isinstance(item, Decimal)]
    if 0 not in places:
        raise Failure("missing")
    return Decimal(1 + sum(place < 0 if rising else place > 0 for place in places))


@function(
    "SUMPRODUCT",
    "乘积求和",
    takes=[A_LIST, A_LIST],
    gives=NUMBER,
    example=("SUMPRODUCT(LIST(1, 2), LIST(3, 4))", Decimal(11)),
    english=_("The sum of the products of two lists, item by item; an error when their lengths differ."),
)
def sum_of_products(run: Run, left: tuple[Value, ...], right: tuple[Value, ...]) -> Value:
    if len(left) != len(right):
        raise Failure("value", _("The lists have different lengths."))
    return reduce(plus, (number_of(one) * number_of(other) for one, other in zip(left, right, strict=True)), ZERO)
