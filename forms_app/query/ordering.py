"""Sort keys → ORDER BY. Empty values come last either way; the id ends every order, in the direction of the last key.

A btree on (value, id) serves `ASC` as it is, since NULLs come last there. `DESC NULLS LAST` it can't serve: a single
descending key is read in two parts, the rows with a value and then those without (DESIGN §8: 614 ms → 0.14 ms).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forms_app.columns import SYSTEM_COLUMNS
from forms_app.field_types import Column
from forms_app.query.terms import Sort


@dataclass(frozen=True)
class Order:
    """`clause` and `values` for ORDER BY; `split` is the SQL of the key that the rows are to be read in two parts by,
    and `rest` the order of the part without a value."""

    clause: str
    values: tuple[Any, ...] = ()
    split: str = ""
    rest: str = ""


DEFAULT = (Sort(SYSTEM_COLUMNS["updated_at"], descending=True),)


def order(sorts: tuple[Sort, ...]) -> Order:
    """The order of `sorts`, or of `updated_at desc, id desc` without any."""
    keys: list[str] = []
    values: list[Any] = []
    sorts = sorts or DEFAULT
    for sort in sorts:
        direction = "DESC" if sort.descending else "ASC"
        if sort.column is SYSTEM_COLUMNS["id"]:
            keys.append(f"id {direction}")
            break
        expression, bound = sort_expression(sort.column)
        nulls = " NULLS LAST" if sort.descending and nullable(sort.column) else ""
        keys.append(f"{expression} {direction}{nulls}")
        values += bound
    else:
        keys.append(f"id {'DESC' if sorts[-1].descending else 'ASC'}")
    first = sorts[0]
    single = len(keys) == 2 and keys[1].startswith("id ")
    if not single:
        return Order(", ".join(keys), tuple(values))
    prefix: tuple[str, ...] = ()
    if keys[1].endswith("DESC") is first.descending:  # its terms tell equal values apart by the id
        prefix = first.column.type.sort_prefix(first.column)
    if first.descending and nullable(first.column) and not values:
        expression, _ = sort_expression(first.column)
        clause = ", ".join([*(f"{key} DESC" for key in (*prefix, expression)), keys[1]])
        return Order(clause, split=(*prefix, expression)[0], rest=keys[1])
    return Order(", ".join([*(f"{key} ASC" for key in prefix), *keys]), tuple(values))


def sort_expression(column: Column) -> tuple[str, list[Any]]:
    found = column.type.sort_expression(column)
    if found is None:
        raise ValueError(f"{column.name} does not sort")
    return found


def nullable(column: Column) -> bool:
    """Only fields can be empty."""
    return column.field_id is not None
