"""The parts of a form's schema: columns, tabs, and who depends on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from forms_app.field_types import Column, Option, registry
from forms_app.models import CustomField, Status
from forms_app.operators.index_kinds import Expression


class Tab(NamedTuple):
    """A named selection; `filters` and `sort` in the shape of a request's."""

    name: str
    label: str
    filters: list[Any]
    sort: list[Any]

    def names(self, hidden: Collection[str]) -> bool:
        """Whether it filters or sorts by one of these fields."""
        return any(name in hidden for name in [*_named(self.filters), *(key for item in self.sort for key in item)])


class Dependent(NamedTuple):
    """A computed field of `form_id` that reads this form's `target_name` through its relation field `relation`."""

    form_id: int
    field_name: str
    relation: str
    target_name: str


def _named(filters: Sequence[Any]) -> Iterable[Any]:
    """The names in a list of stored filters and groups."""
    for item in filters:
        if isinstance(item, Mapping):
            yield item.get("name")
            yield from _named(item.get("or") or ())


def expression(name: str) -> Expression:
    """The SQL of a field. The name comes from the registry (letters, digits, `_`), so it may stand as a literal:
    only then a generic plan can use the field's index."""
    if not name.isidentifier() or not name.isascii():
        raise ValueError(f"{name!r} is no field name")
    return Expression(f"(data -> '{name}')", f"(data ->> '{name}')")


def column_of(custom_field: CustomField, options: Iterable[Option] = (), ready: frozenset[str] = frozenset()) -> Column:
    """The column of a field as its row and options say; `ready` are the kinds of its valid indexes."""
    return Column(
        name=custom_field.name,
        label=custom_field.label,
        type=registry.get(custom_field.field_type),
        expression=expression(custom_field.name),
        setting=custom_field.setting,
        options={option.value: option for option in options},
        field_id=custom_field.pk,
        number=custom_field.number,
        enabled=custom_field.status == Status.ENABLE,
        indexed=custom_field.indexed,
        ready=ready,
        since=custom_field.typed_at,
    )
