"""What the original's lists are asked with: conditions, columns, order, the part that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from apaas.requests.readers import fault
from apaas.tickets.parameters import LISTS, listed
from forms_app.exceptions import Fault, Refused
from forms_app.field_types.base import excerpt

Row = Mapping[str, Any]
KEYS = ("column", "condition", "value")
MOST_CONDITIONS = 100
FURTHEST = 1_000_000
DEFAULT_LIMIT = 100
DEFAULT_ORDER = "title"


def _text(value: Any) -> str:
    """A value as it is compared: the original compares texts."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _order(value: Any) -> tuple[int, float, str]:
    """A sort key: numbers by size, before texts."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (0, value, "")
    return (1, 0, _text(value))


def _compared(row: Any, value: Any) -> tuple[Any, Any]:
    """Both as numbers where they are, else as texts."""
    try:
        return float(_text(row)), float(_text(value))
    except ValueError:
        return _text(row), _text(value)


def _less(row: Any, value: Any) -> bool:
    left, right = _compared(row, value)
    return bool(left < right)


CONDITIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda row, value: _text(row) == _text(value),
    ">": lambda row, value: _less(value, row),
    "<": _less,
    "in": lambda row, value: _text(row) in map(_text, value),
    "contains": lambda row, value: _text(value) in _text(row),
}


@dataclass(frozen=True)
class Condition:
    """One condition on a column."""

    column: str
    condition: str
    value: Any

    def holds(self, row: Row) -> bool:
        return CONDITIONS[self.condition](row.get(self.column), self.value)


@dataclass(frozen=True)
class Search:
    """A checked search: `wanted` and `excluded` conditions, (column, descending) of the order, columns (none: all), the
    first and behind the last row."""

    wanted: tuple[Condition, ...]
    excluded: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    columns: tuple[str, ...]
    start: int
    limit: int

    @property
    def names(self) -> set[str]:
        """The columns that rows are chosen and ordered by."""
        return {each.column for each in (*self.wanted, *self.excluded)} | {name for name, _down in self.order}

    def chosen(self, rows: Sequence[Row]) -> list[Row]:
        """The rows that are asked for, in order; `limit` is the place behind the last one, as in the original."""
        found = [
            row
            for row in rows
            if all(each.holds(row) for each in self.wanted) and not any(each.holds(row) for each in self.excluded)
        ]
        for name, descending in reversed(self.order):
            found.sort(key=lambda row: _order(row.get(name)), reverse=descending)
        return found[self.start : self.limit]

    def shown(self, row: Row, names: Sequence[str]) -> dict[str, Any]:
        """The columns of a row that are asked for."""
        return {name: row.get(name) for name in self.columns or names}


def read_search(params: Mapping[str, Any], known: Sequence[str], faults: list[Fault]) -> Search:
    """The search of a call on these columns; what is wrong with it is noted in `faults`."""
    given = {name: _noted(faults, params, name) for name in LISTS}
    columns = [
        _column(name, known, "search_columns", place, faults) for place, name in enumerate(given["search_columns"])
    ]
    order = []
    for place, name in enumerate(given["order_columns"]):
        bare = name.removeprefix("-") if isinstance(name, str) else name
        column = _column(bare, known, "order_columns", place, faults)
        order.append((column, isinstance(name, str) and name.startswith("-")))
    return Search(
        wanted=_conditions(given["search_conditions"], known, "search_conditions", faults),
        excluded=_conditions(given["exclude_conditions"], known, "exclude_conditions", faults),
        order=tuple(order) or ((DEFAULT_ORDER, False),),
        columns=tuple(dict.fromkeys(columns)),
        start=_number(params, "start", 0, faults),
        limit=_number(params, "limit", DEFAULT_LIMIT, faults),
    )


def _noted(faults: list[Fault], params: Mapping[str, Any], name: str) -> Sequence[Any]:
    try:
        items = listed(params, name)
    except Refused as refused:
        faults += refused.faults
        return []
    if len(items) > MOST_CONDITIONS:
        message = _("At most {limit} items are allowed.").format(limit=MOST_CONDITIONS)
        faults.append(fault(name, "too_many_items", message, len(items)))
        return []
    return items


def _column(name: Any, known: Sequence[str], where: str, place: int, faults: list[Fault]) -> str:
    if isinstance(name, str) and name in known:
        return name
    message = _("There is no column {name}.").format(name=excerpt(name, 64))
    faults.append(replace(fault(where, "unknown_column", message, name, list(known)), index=place))
    return ""


def _conditions(items: Sequence[Any], known: Sequence[str], where: str, faults: list[Fault]) -> tuple[Condition, ...]:
    found = []
    for place, item in enumerate(items):
        if not isinstance(item, Mapping) or set(item) != set(KEYS):
            message = _('Expected an object such as {"column": "data_no", "condition": "=", "value": 1}.')
            faults.append(replace(fault(where, "wrong_object", message, item), index=place))
            continue
        column = _column(item["column"], known, where, place, faults)
        sign = item["condition"]
        if not isinstance(sign, str) or sign not in CONDITIONS:
            message = _("Expected one of {values}.").format(values=", ".join(CONDITIONS))
            faults.append(replace(fault(where, "unknown_value", message, sign, list(CONDITIONS)), index=place))
        elif isinstance(item["value"], list) != (sign == "in") or isinstance(item["value"], Mapping):
            message = _("The condition in takes a list, the others one value.")
            faults.append(replace(fault(where, "wrong_type", message, item["value"]), index=place))
        else:
            found.append(Condition(column, sign, item["value"]))
    return tuple(found)


def _number(params: Mapping[str, Any], name: str, default: int, faults: list[Fault]) -> int:
    raw = params.get(name, default)
    text = str(raw)
    if not isinstance(raw, bool) and text.isascii() and text.isdecimal() and int(text[:20]) <= FURTHEST:
        return int(text)
    message = _("Expected a whole number from 0 to {most}.").format(most=FURTHEST)
    faults.append(fault(name, "wrong_type", message, raw, {"min": 0, "max": FURTHEST}))
    return default
