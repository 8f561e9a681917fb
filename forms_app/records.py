"""A stored row → the record's keys. What each type shows stands in its own module; here are only plain loops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms_app.actor import Actor
from forms_app.columns import RECORD_KEYS
from forms_app.field_types import Column, Labels, Ref
from forms_app.field_types._times import shown
from forms_app.formulas import volatile_page
from forms_app.jsontext import shows
from forms_app.labels import PageLabels
from forms_app.query.entity_query import EntityRow
from forms_app.schema import FormSchema

Show = Callable[[Any, Labels], Any]


@dataclass(frozen=True)
class Projection:
    """Which keys of a record are wanted, in their order, and how each is made. Built once per request."""

    schema: FormSchema
    names: tuple[str, ...]
    keys: tuple[tuple[str, str, Show | None], ...]
    """(key, field whose stored value it shows, how)."""
    referring: tuple[Column, ...]
    """The wanted columns whose values may refer to something."""
    volatile: tuple[Column, ...]

    @classmethod
    def of(cls, schema: FormSchema, names: Sequence[str] | None = None) -> Projection:
        """The projection on `names` (checked: see `known_keys`), or the full record."""
        shown_by = {key: (column, show) for column in schema.fields for key, show in column.type.keys(column)}
        wanted = tuple(names) if names is not None else (*RECORD_KEYS, *shown_by)
        columns = {name: shown_by[name][0] for name in wanted if name in shown_by}
        used = {column.name: column for column in columns.values()}
        if "primary_field_value" in wanted and schema.primary:
            used[schema.primary.name] = schema.primary
        return cls(
            schema,
            wanted,
            tuple((name, columns[name].name, shown_by[name][1]) for name in wanted if name in columns),
            tuple(column for column in used.values() if column.type.refers),
            tuple(column for column in used.values() if not column.type.is_stored(column)),
        )


def known_keys(schema: FormSchema) -> set[str]:
    """Every name that `only_field_names` may hold."""
    return {*RECORD_KEYS, *(key for column in schema.fields for key, _show in column.type.keys(column))}


def present(projection: Projection, rows: Sequence[EntityRow], actor: Actor) -> list[dict[str, Any]]:
    """The rows as clients read them. Statements: one for all people, departments and regions, one for each related
    form, none if nothing is referred to."""
    stored = [shows(row.data) for row in rows]
    if projection.volatile:
        for data, values in zip(stored, volatile_page(projection.schema, rows, projection.volatile), strict=True):
            data.update(values)
    wants_owner = "user" in projection.names
    labels = PageLabels.load(_references(projection, rows, stored, wants_owner), actor)
    return [_record(projection, row, data, labels) for row, data in zip(rows, stored, strict=True)]


def _references(
    projection: Projection, rows: Iterable[EntityRow], stored: Iterable[Mapping[str, Any]], wants_owner: bool
) -> Iterable[Ref]:
    if wants_owner:
        for row in rows:
            yield Ref("member", row.owner_uid)
    if projection.referring:
        for data in stored:
            for column in projection.referring:
                value = data.get(column.name)
                if value is not None:
                    yield from column.type.references(column, value)


def _record(projection: Projection, row: EntityRow, data: Mapping[str, Any], labels: Labels) -> dict[str, Any]:
    schema = projection.schema
    primary = schema.primary
    values: dict[str, Any] = {}
    for key, name, show in projection.keys:
        value = data.get(name)
        values[key] = value if value is None or show is None else show(value, labels)
    record: dict[str, Any] = {}
    for name in projection.names:
        if name in values:
            record[name] = values[name]
        elif name == "id":
            record[name] = row.id
        elif name == "created_at":
            record[name] = shown(row.created_at)
        elif name == "updated_at":
            record[name] = shown(row.updated_at)
        elif name == "user":
            record[name] = labels.member(row.owner_uid)
        elif name == "primary_field_value":
            record[name] = _primary_value(primary, data, labels)
        else:
            record[name] = _CONSTANTS[name](schema)
    return record


def _primary_value(primary: Column | None, data: Mapping[str, Any], labels: Labels) -> Any:
    value = data.get(primary.name) if primary else None
    if primary is None or value is None:
        return None
    show = primary.type.keys(primary)[0][1]
    return value if show is None else show(value, labels)


_CONSTANTS: dict[str, Callable[[FormSchema], Any]] = {
    "app_id": lambda schema: schema.app_id,
    "custom_form_id": lambda schema: schema.id,
    "organization_id": lambda schema: schema.organization_id,
    "custom_form_data_table_name": lambda schema: schema.data_table_name,
}
