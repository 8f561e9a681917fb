"""Lists: making them, picking from them, sorting."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cmp_to_key, partial

from ..kinds import BOOLEAN, NUMBER, FormulaType, common_type, item_of, list_of
from ..operators import number_of
from ..parameters import A_BOOLEAN, A_LIST, A_NUMBER, A_VALUE, VALUES
from ..registry import function
from ..run import Run
from ..values import ZERO, Failure, Value, kind_of, order, same, since_epoch


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
    return kind_of(value), value


@function(
    "LIST",
    "列表",
    takes=[VALUES],
    repeats=1,
    optional=1,
    gives=_list_of_common,
    example=("LIST(1, LIST(2, 3))", (Decimal(1), Decimal(2), Decimal(3))),
    english="A list of the arguments; the items of lists are put in one by one.",
    chinese="由各参数组成列表；参数为列表时逐项放入。",
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
    english="The first item; empty when there is none.",
    chinese="返回列表的第一项；列表为空时为空。",
)
def first(run: Run, items: tuple[Value, ...]) -> Value:
    return items[0] if items else None


@function(
    "LAST",
    "末项",
    takes=[A_LIST],
    gives=_first_item,
    example=("LAST(LIST(4, 5, 6))", Decimal(6)),
    english="The last item; empty when there is none.",
    chinese="返回列表的最后一项；列表为空时为空。",
)
def last(run: Run, items: tuple[Value, ...]) -> Value:
    return items[-1] if items else None


@function(
    "INDEX",
    "第几项",
    takes=[A_LIST, A_NUMBER],
    gives=_first_item,
    example=("INDEX(LIST(4, 5, 6), 2)", Decimal(5)),
    english="The item at a position from 1 on, a negative one from the end; empty when there is none.",
    chinese="返回指定位置（从1起；负数从末尾起）的项；不存在时为空。",
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
    english="How many items the list has.",
    chinese="返回列表的项数。",
)
def size(run: Run, items: tuple[Value, ...]) -> Value:
    return Decimal(len(items))


@function(
    "UNIQUE",
    "去重",
    takes=[A_LIST],
    gives=_same_list,
    example=("UNIQUE(LIST(1, 2, 1))", (Decimal(1), Decimal(2))),
    english="The list with each value once, where it first stands.",
    chinese="去掉列表中重复的项，保留首次出现的。",
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
    english="The list in rising order, or falling when the second argument is TRUE; empty items last.",
    chinese="按升序排列；第二个参数为TRUE时按降序；空项排在最后。",
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
    english="The list from its end to its start.",
    chinese="把列表的顺序倒过来。",
)
def reversed_list(run: Run, items: tuple[Value, ...]) -> Value:
    return items[::-1]


@function(
    "INCLUDES",
    "列表包含",
    takes=[A_LIST, A_VALUE],
    gives=BOOLEAN,
    example=("INCLUDES(LIST(1, 2), 2)", True),
    english="Whether the list has an item equal to the value.",
    chinese="列表中有等于该值的项时为真。",
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
    english="Whether the first argument equals one of the others or an item of a list among them.",
    chinese="第一个参数等于其余参数（或其中列表的某一项）时为真。",
)
def among(run: Run, value: Value, *arguments: Value) -> Value:
    return any(
        same(value, item, run.zone)
        for argument in arguments
        for item in (argument if isinstance(argument, tuple) else (argument,))
    )


@function(
    "SUMPRODUCT",
    "乘积求和",
    takes=[A_LIST, A_LIST],
    gives=NUMBER,
    example=("SUMPRODUCT(LIST(1, 2), LIST(3, 4))", Decimal(11)),
    english="The sum of the products of two lists, item by item; an error when their lengths differ.",
    chinese="返回两个列表逐项乘积之和；长度不同时出错。",
)
def sum_of_products(run: Run, left: tuple[Value, ...], right: tuple[Value, ...]) -> Value:
    if len(left) != len(right):
        raise Failure("value", "The lists have different lengths.")
    return sum((number_of(one) * number_of(other) for one, other in zip(left, right, strict=True)), ZERO)
