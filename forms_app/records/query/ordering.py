"""Sort keys → ORDER BY, and where an order goes on behind a row. Empty values come last either way; the id ends every
order, in the direction of the last key.

A btree on (value, id) serves `ASC` as it is, since NULLs come last there. `DESC NULLS LAST` it can't serve, nor "behind
this value, then the empty": such an order is read in parts, the rows with a value and then those without
(docs/design.md §8: 614 ms → 0.14 ms). A key of few values in an order of their own (options) is read value by value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from forms_app.field_types import Column
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.records.query.terms import Sort


class SortKey(NamedTuple):
    """One key of an order: its SQL with the values to bind, and the column that it comes from."""

    expression: str
    values: tuple[Any, ...]
    descending: bool
    nullable: bool
    column: Column

    def clause(self, mixed: bool = True, back: bool = False) -> str:
        """The key in ORDER BY; not `mixed`: where all rows have a value, or none has. `back`: from the end."""
        empty = f" NULLS {'FIRST' if back else 'LAST'}" if mixed and self.nullable and self.descending else ""
        return f"{self.expression} {'DESC' if self.descending is not back else 'ASC'}{empty}"

    @property
    def beyond(self) -> str:
        """The operator of what comes later."""
        return "<" if self.descending else ">"


class Part(NamedTuple):
    """A stretch of an order: the condition of its rows ("" for all) and their ORDER BY, each with values to bind."""

    condition: str
    values: tuple[Any, ...]
    clause: str
    clause_values: tuple[Any, ...]


class Position(NamedTuple):
    """A place between two rows: the sort keys, as PostgreSQL prints them, and the id of the row before it."""

    keys: tuple[str | None, ...]
    id: int


@dataclass(frozen=True)
class Order:
    """The keys of an order, the id's last."""

    keys: tuple[SortKey, ...]

    @property
    def always_indexed(self) -> bool:
        """Whether an index of every form serves it."""
        return self.keys[0].expression in ("id", "created_at", "updated_at")

    def parts(self, restricted: bool) -> list[Part]:
        """The stretches that follow one another. `restricted`: other conditions leave few rows, which are sorted
        faster than looked for value by value."""
        first = self.keys[0]
        if not restricted and (steps := self._steps()):
            return steps
        if first.nullable and first.descending and not first.values:
            return [self._part(f"{first.expression} IS NOT NULL", ()), self._part(f"{first.expression} IS NULL", ())]
        return [self._part("", (), mixed=True)]

    def from_the_end(self) -> list[Part]:
        """The stretches of the whole order from its last row to its first; none where one of them is found by no index,
        whatever is sought in it."""
        first = self.keys[0]
        if self._steps():
            return []
        if first.nullable and first.descending and not first.values:
            ends = (f"{first.expression} IS NULL", f"{first.expression} IS NOT NULL")
            return [self._part(condition, (), back=True) for condition in ends]
        return [self._part("", (), mixed=True, back=True)]

    def after(self, position: Position, restricted: bool) -> list[Part]:
        """The stretches behind a position."""
        first, texts = self.keys[0], (*position.keys, str(position.id))
        if not restricted and (steps := self._steps()):
            return self._steps_after(steps, texts)
        if not first.nullable:
            return [self._part(*self._beyond(texts), mixed=True)]
        empty = f"{first.expression} IS NULL"
        if texts[0] is None:
            condition, values = _following(self.keys[1:], texts[1:])
            return [self._part(f"{empty} AND {condition}", (*first.values, *values))]
        return [self._part(*self._beyond(texts)), self._part(empty, first.values)]

    def _beyond(self, texts: Sequence[str | None]) -> tuple[str, tuple[Any, ...]]:
        """What lies behind a position among the rows that have the first key: a bound that an index takes."""
        first, rest = self.keys[0], self.keys[1:]
        if not rest:
            return _following(self.keys, texts)
        if all(key.descending is first.descending and not key.nullable for key in rest):
            row = ", ".join(key.expression for key in self.keys)
            bound = tuple(value for key in self.keys for value in key.values)
            return f"({row}) {first.beyond} ({', '.join('%s' for _ in texts)})", (*bound, *texts)
        condition, values = _following((first._replace(nullable=False), *rest), texts)
        return f"{first.expression} {first.beyond}= %s AND {condition}", (*first.values, texts[0], *values)

    def _steps(self) -> list[Part]:
        """Where the first key has few values in an order of their own: a stretch for each, and one for all others."""
        first, rest = self.keys[0], self.keys[1:]
        steps = first.column.type.sort_steps(first.column)
        if not steps:
            return []
        stored = first.column.expression.json
        clause, bound = ", ".join(key.clause() for key in rest), tuple(v for key in rest for v in key.values)
        parts = [Part(f"{stored} = %s::jsonb", (step,), clause, bound) for step in steps]
        if first.descending:
            parts.reverse()
        return [*parts, Part(f"({stored} = ANY(%s::jsonb[])) IS NOT TRUE", (list(steps),), clause, bound)]

    def _steps_after(self, steps: list[Part], texts: Sequence[str | None]) -> list[Part]:
        """The stretches behind a position whose first key is the place of a step, or none."""
        place = len(steps) - 1
        if texts[0] is not None:
            place = place - int(texts[0]) if self.keys[0].descending else int(texts[0]) - 1
        condition, values = _following(self.keys[1:], texts[1:])
        now = steps[place]
        now = now._replace(condition=f"{now.condition} AND {condition}", values=(*now.values, *values))
        return [now, *steps[place + 1 :]]

    def _part(self, condition: str, values: tuple[Any, ...], mixed: bool = False, back: bool = False) -> Part:
        clause = ", ".join(key.clause(mixed or place > 0, back) for place, key in enumerate(self.keys))
        return Part(condition, values, clause, tuple(value for key in self.keys for value in key.values))


def _following(keys: Sequence[SortKey], texts: Sequence[str | None]) -> tuple[str, tuple[Any, ...]]:
    """What comes behind these values of these keys. The values are bound without a type: PostgreSQL reads each as the
    expression's that it is compared with."""
    key, text = keys[0], texts[0]
    if len(keys) == 1:
        return f"{key.expression} {key.beyond} %s", (*key.values, text)
    rest, values = _following(keys[1:], texts[1:])
    if text is None:
        return f"({key.expression} IS NULL AND {rest})", (*key.values, *values)
    empty, bound = (f" OR {key.expression} IS NULL", key.values) if key.nullable else ("", ())
    sql = f"({key.expression} {key.beyond} %s{empty} OR ({key.expression} = %s AND {rest}))"
    return sql, (*key.values, text, *bound, *key.values, text, *values)


DEFAULT = (Sort(SYSTEM_COLUMNS["updated_at"], descending=True),)


def order(sorts: tuple[Sort, ...]) -> Order:
    """The order of `sorts`, or of `updated_at desc, id desc` without any."""
    keys: list[SortKey] = []
    sorts = sorts or DEFAULT
    for sort in sorts:
        if sort.column is SYSTEM_COLUMNS["id"]:
            break
        expression, values = sort_expression(sort.column)
        keys.append(SortKey(expression, tuple(values), sort.descending, nullable(sort.column), sort.column))
    keys.append(SortKey("id", (), sort.descending, False, SYSTEM_COLUMNS["id"]))
    if len(keys) == 2 and keys[0].descending is keys[1].descending:
        # The terms of an index that tells equal values apart by the id; empty all together.
        terms = (*keys[0].column.type.sort_prefix(keys[0].column), keys[0].expression)
        keys[:1] = [
            keys[0]._replace(expression=term, nullable=keys[0].nullable and n == 0) for n, term in enumerate(terms)
        ]
    return Order(tuple(keys))


def sort_expression(column: Column) -> tuple[str, list[Any]]:
    expression = column.type.sort_expression(column)
    if expression is None:
        raise ValueError(f"{column.name} does not sort")
    return expression


def nullable(column: Column) -> bool:
    """Only fields can be empty."""
    return column.field_id is not None
