"""A stored row → the record's keys. What each type shows stands in its own module; here are only plain loops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from forms_app.caching.tagged import Tagged
from forms_app.exact_json import shows
from forms_app.field_types import Column, Labels, Ref
from forms_app.field_types._times import shown
from forms_app.field_types.system_columns import ASKED_KEYS, RECORD_KEYS
from forms_app.people.actor import Actor
from forms_app.records.computing import volatile_page
from forms_app.records.labels import PageLabels
from forms_app.records.query.entity_query import EntityRow
from forms_app.schema.form_schema import FormSchema

Show = Callable[[Any, Labels], Any]
System = Callable[[FormSchema, EntityRow, Mapping[str, Any], Labels], Any]


class RecordKey(NamedTuple):
    """A key of a record: the field whose stored value it shows and how (None: as stored), or, of a system key, how it
    is made."""

    name: str
    column: Column | None
    show: Show | None
    system: System | None = None


@dataclass(frozen=True)
class Projection:
    """Which keys of a record are wanted, in their order, and how each is made."""

    schema: FormSchema
    keys: tuple[RecordKey, ...]
    referring: tuple[Column, ...]
    """The wanted columns whose values may refer to something."""
    volatile: tuple[Column, ...]
    wants_owner: bool
    steady: bool = False
    """Whether it is the full record, made of nothing but the row and names that change with the people's tag."""

    @classmethod
    def of(cls, schema: FormSchema, names: Sequence[str] | None = None) -> Projection:
        """The projection on `names` (checked: see `known_keys`), or the full record."""
        projections = _full.current()
        full = projections.get(schema)
        if full is None:
            full = cls._on(schema, all_keys(schema).values())
            related = any(column.type.related_form_id(column.setting) for column in full.referring)
            full = projections[schema] = replace(full, steady=not (full.volatile or related))
        if names is None:
            return full
        known = {**_asked(), **{key.name: key for key in full.keys}}
        return cls._on(schema, [known[name] for name in names])

    def seen_by(self, actor: Actor) -> Projection:
        """The same without what does not exist for the actor."""
        seen = self.schema.seen_by(actor)
        if seen is self.schema:
            return self
        shown = [key for key in self.keys if key.column is None or key.column.name in seen.by_field]
        return Projection._on(seen, shown)

    @classmethod
    def _on(cls, schema: FormSchema, keys: Iterable[RecordKey]) -> Projection:
        keys = tuple(keys)
        names = {key.name for key in keys}
        used = {key.column.name: key.column for key in keys if key.column}
        if "primary_field_value" in names and schema.primary:
            used[schema.primary.name] = schema.primary
        return cls(
            schema,
            keys,
            tuple(column for column in used.values() if column.type.refers),
            tuple(column for column in used.values() if not column.type.is_stored(column)),
            "user" in names,
        )


_full: Tagged[dict[FormSchema, Projection]] = Tagged(
    "how each form's full record is made", dict, tag="definitions", most=5_000
)


def _asked() -> dict[str, RecordKey]:
    return {name: RecordKey(name, None, None, SYSTEM[name]) for name in ASKED_KEYS}


def all_keys(schema: FormSchema) -> dict[str, RecordKey]:
    """Every key of a full record, in its order. A field has precedence over a system key of its name."""
    keys = {name: RecordKey(name, None, None, SYSTEM[name]) for name in RECORD_KEYS}
    for column in schema.fields:
        for name, show in column.type.keys(column):
            keys[name] = RecordKey(name, column, show)
    return keys


def known_keys(schema: FormSchema) -> set[str]:
    """Every name that `only_field_names` may hold."""
    return {*ASKED_KEYS, *all_keys(schema)}


def present(projection: Projection, rows: Sequence[EntityRow], actor: Actor) -> list[dict[str, Any]]:
    """The rows as clients read them, as far as the projection exists for the actor. Statements: one for all people,
    departments and regions, one for each related form, none if nothing is referred to."""
    projection = projection.seen_by(actor)
    page = [shows(row.data) for row in rows]
    if projection.volatile:
        for stored, values in zip(page, volatile_page(projection.schema, rows, projection.volatile), strict=True):
            stored.update(values)
    labels = PageLabels.load(_references(projection, rows, page), actor)
    return [_record(projection, row, stored, labels) for row, stored in zip(rows, page, strict=True)]


def _references(projection: Projection, rows: Iterable[EntityRow], page: Iterable[Mapping[str, Any]]) -> Iterable[Ref]:
    if projection.wants_owner:
        for row in rows:
            yield Ref("member", row.owner_uid)
    if projection.referring:
        for stored in page:
            for column in projection.referring:
                value = stored.get(column.name)
                if value is not None:
                    yield from column.type.references(column, value)


def _record(projection: Projection, row: EntityRow, stored: Mapping[str, Any], labels: Labels) -> dict[str, Any]:
    schema = projection.schema
    record: dict[str, Any] = {}
    for name, column, show, system in projection.keys:
        if column is not None:
            value = stored.get(column.name)
            record[name] = value if value is None or show is None else show(value, labels)
        elif system is not None:
            record[name] = system(schema, row, stored, labels)
    return record


def _primary_value(schema: FormSchema, row: EntityRow, stored: Mapping[str, Any], labels: Labels) -> Any:
    primary = schema.primary
    value = stored.get(primary.name) if primary else None
    if primary is None or value is None:
        return None
    show = primary.type.keys(primary)[0][1]
    return value if show is None else show(value, labels)


SYSTEM: Mapping[str, System] = {
    "id": lambda schema, row, stored, labels: row.id,
    "app_id": lambda schema, row, stored, labels: schema.app_id,
    "custom_form_id": lambda schema, row, stored, labels: schema.id,
    "organization_id": lambda schema, row, stored, labels: schema.organization_id,
    "custom_form_data_table_name": lambda schema, row, stored, labels: schema.data_table_name,
    "primary_field_value": _primary_value,
    "user": lambda schema, row, stored, labels: labels.member(row.owner_uid),
    "created_at": lambda schema, row, stored, labels: shown(row.created_at) if row.created_at else None,
    "updated_at": lambda schema, row, stored, labels: shown(row.updated_at) if row.updated_at else None,
    "version": lambda schema, row, stored, labels: row.version,
}
"""How each of RECORD_KEYS and ASKED_KEYS is made."""


def labelled(record: dict[str, Any]) -> dict[str, Any]:
    """A record of `simple`: value, label, id and the primary field under its own name."""
    label = record.pop("primary_field_value")
    return {"value": record["id"], "label": label, **record}
