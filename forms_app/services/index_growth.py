"""Which indexes each form should have, what there is of them, and making the two agree.

A form that passes INDEX_THRESHOLD records gets the indexes that its fields' types wish for; below half of that it gives
them up again. Nobody who writes pays for it: the background worker looks once a minute, and when a form was designed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from forms_app import versions
from forms_app.field_types import registry
from forms_app.models import CustomField, FieldIndex
from forms_app.schema import FormSchema, column_of
from forms_app.services import indexes
from forms_app.services.index_inventory import Key, OnDisk, Progress, on_disk, progress, queue, records_by_form

AGAIN_AFTER = timedelta(hours=1)
"""A build that PostgreSQL ended with an error is tried again after this time."""


class Standing(models.TextChoices):
    """How an index stands: what is asked for against what there is."""

    VALID = "valid", _("valid")
    REQUESTED = "requested", _("requested")
    BUILDING = "building", _("being built")
    FAILED = "failed", _("failed")
    BROKEN = "broken", _("broken")
    """Said to be valid, and not there, or left half built."""
    MISSING = "missing", _("missing")
    CAPPED = "capped", _("beyond the limit")
    """Wished for, and not asked for: its form or its partition has as many as it may."""
    UNWANTED = "unwanted", _("given up")
    LEFTOVER = "leftover", _("left over")
    """On disk, and nothing asks for it."""


@dataclass(frozen=True)
class Entry:
    """One index of a field: how it stands, and what is known of it."""

    form_id: int
    field_id: int
    kind: str
    standing: Standing
    field_name: str = ""
    disk: OnDisk | None = None
    progress: Progress | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    updated_at: Any = None

    @property
    def key(self) -> Key:
        return self.field_id, self.kind

    @property
    def naming(self) -> dict[str, Any]:
        """How the services are told."""
        return {"form_id": self.form_id, "field_id": self.field_id, "kind": self.kind}


def survey(form_id: int | None = None) -> list[Entry]:
    """Every index that there is or should be, of one form or all, by form and field."""
    rows = FieldIndex.objects.all() if form_id is None else FieldIndex.objects.filter(custom_form_id=form_id)
    held = {(row.field_id, row.kind): row for row in rows}
    disk, building = on_disk(), progress()
    versions.forget()  # definitions are read after what is held: what was asked for with them is not given up
    live = records_by_form()
    chosen = _forms(live, held.values()) if form_id is None else [form_id]
    leaves = indexes.partitions(chosen)
    on_leaf = Counter(found.leaf for found in disk.values())
    on_leaf.update(leaves[row.custom_form_id] for key, row in held.items() if key not in disk)
    entries: list[Entry] = []
    for form in chosen:
        schema = FormSchema.find(form)
        mine = {key: row for key, row in held.items() if row.custom_form_id == form}
        wishes = _wishes(schema, live.get(form, 0), mine) if schema else {}
        for place, (key, name) in enumerate(wishes.items()):
            row = mine.pop(key, None)
            if row is not None:
                standing = _standing(row, disk.get(key))
            elif place >= settings.MAX_FIELD_INDEXES or on_leaf[leaves[form]] >= settings.MAX_PARTITION_INDEXES:
                standing = Standing.CAPPED
            else:
                standing = Standing.MISSING
                on_leaf[leaves[form]] += 1
            entries.append(_entry(form, key, standing, name, disk, building, row))
        kept = _kept(mine.values())
        for key, row in mine.items():
            standing = _standing(row, disk.get(key)) if key in kept else Standing.UNWANTED
            entries.append(_entry(form, key, standing, kept.get(key, ""), disk, building, row))
    for key, found in disk.items():
        if key not in held and form_id in (None, found.form_id):
            entries.append(_entry(found.form_id, key, Standing.LEFTOVER, "", disk, building))
    return entries


def crowded(entries: Iterable[Entry]) -> list[tuple[str, int]]:
    """The partitions with as many indexes as they may have, or more, and how many."""
    count = Counter(entry.disk.leaf for entry in entries if entry.disk)
    return sorted((leaf, many) for leaf, many in count.items() if many >= settings.MAX_PARTITION_INDEXES > 0)


def _forms(live: Mapping[int, int], held: Iterable[FieldIndex]) -> list[int]:
    """The forms to look at: the large ones, and those with indexes."""
    large = {form for form, count in live.items() if 0 < settings.INDEX_THRESHOLD <= count}
    return sorted(large | {row.custom_form_id for row in held})


def _wishes(schema: FormSchema, live: int, held: Mapping[Key, FieldIndex]) -> dict[Key, str]:
    """The indexes that a form should have, with their fields' names: those that it has however small it is, then, once
    it is large, those held already, those that find, and those that only sort, each in the order of the fields."""
    always: dict[Key, str] = {}
    grown: dict[Key, tuple[tuple[bool, bool], str]] = {}
    for column in schema.fields:
        assert column.field_id is not None
        always |= {(column.field_id, kind): column.name for kind in indexes.standing(column)}
        for index in column.type.column_indexes(column):
            key = (column.field_id, index.kind)
            if key not in always:
                grown[key] = (key not in held, index.only_sorts), column.name
    least = settings.INDEX_THRESHOLD
    if least == 0:  # no form grows or shrinks
        grown = {key: wish for key, wish in grown.items() if key in held}
    elif live < (least / 2 if grown.keys() & held.keys() else least):
        grown = {}
    ordered = sorted(grown.items(), key=lambda item: item[1][0])
    return always | {key: name for key, (_rank, name) in ordered}


def _kept(rows: Iterable[FieldIndex]) -> dict[Key, str]:
    """Of indexes that no enabled field wishes for, those that stay while their field is switched off, with its name."""
    kept: dict[Key, str] = {}
    for custom_field in CustomField.objects.filter(pk__in={row.field_id for row in rows}):
        if custom_field.field_type in registry:
            kinds = indexes.standing(column_of(custom_field))
            kept |= {(custom_field.pk, kind): custom_field.name for kind in kinds}
    return kept


def _standing(row: FieldIndex, found: OnDisk | None) -> Standing:
    if row.state == FieldIndex.State.VALID and not (found and found.valid):
        return Standing.BROKEN
    return Standing(row.state)


def _entry(
    form_id: int,
    key: Key,
    standing: Standing,
    name: str,
    disk: Mapping[Key, OnDisk],
    building: Mapping[Key, Progress],
    row: FieldIndex | None = None,
) -> Entry:
    detail, updated_at = (row.detail, row.updated_at) if row else ({}, None)
    return Entry(form_id, *key, standing, name, disk.get(key), building.get(key), detail, updated_at)


def tend(form_id: int | None = None, *, retry: bool = False) -> list[Entry]:
    """Ask for what is missing, lost or broken, give up what is not wanted, drop what is left over; in the background
    all of it. With `retry`, what failed too. Gives what was found."""
    entries = survey(form_id)
    waiting = queue()
    leaves = indexes.partitions(sorted({entry.form_id for entry in entries}))
    lost = {Standing.REQUESTED, Standing.BUILDING}
    idle = {leaf: not indexes.has_builder(leaf) for leaf in {leaves[e.form_id] for e in entries if e.standing in lost}}
    forms: set[int] = set()
    with transaction.atomic():
        for entry in entries:
            key: dict[str, Any] = {"custom_form_id": entry.form_id, "field_id": entry.field_id, "kind": entry.kind}
            match entry.standing:
                case Standing.MISSING:
                    FieldIndex.objects.get_or_create(**key)
                    forms.add(entry.form_id)
                case Standing.BROKEN | Standing.FAILED:
                    if entry.standing == Standing.FAILED and not (retry or _due(entry)):
                        continue
                    held = FieldIndex.objects.filter(**key)
                    held.update(state=FieldIndex.State.REQUESTED, detail={}, updated_at=now())
                    if entry.kind == indexes.UNIQUE:  # a write counts on it no longer
                        versions.bump("definitions", form_ids=[entry.form_id])
                    forms.add(entry.form_id)
                case Standing.REQUESTED | Standing.BUILDING:
                    if entry.key not in waiting.builds and idle[leaves[entry.form_id]]:
                        forms.add(entry.form_id)
                case Standing.UNWANTED:
                    indexes.forget(**entry.naming)
                case Standing.LEFTOVER:
                    if entry.key not in waiting.drops:
                        indexes.drop_later(**entry.naming)
        for form in sorted(forms - waiting.forms):
            indexes.build_later(form)
    return entries


def _due(entry: Entry) -> bool:
    """Whether a failed build may go better now. Records that share a value will not go away by themselves."""
    return "error" in entry.detail and entry.updated_at < now() - AGAIN_AFTER
