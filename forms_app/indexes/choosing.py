"""Which indexes each form should have, what there is of them, and making the two agree.

A form that passes INDEX_THRESHOLD records gets the indexes that its columns' types wish for; below half of that it
gives them up again. Those that cost every write much wait until somebody searches or sorts by them, but for the primary
field's; a field that shall not be indexed has none. Nobody who writes or reads pays for the growing: the background
worker looks once a minute, and when a form was designed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from forms_app.caching import tags
from forms_app.field_types import registry
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.indexes import building
from forms_app.indexes.inventory import IndexKey, OnDisk, Progress, on_disk, progress, queue, records_by_form, uses
from forms_app.indexes.leases import has_builder
from forms_app.indexes.together import ENOUGH_SECONDS
from forms_app.models import CustomField, FieldIndex, FieldUse
from forms_app.operators.index_kinds import BTREE, TOGETHER, Index
from forms_app.records.query.together import Cost, key_of
from forms_app.schema.columns import column_of
from forms_app.schema.form_schema import FormSchema

AGAIN_AFTER = timedelta(hours=1)
"""A build that PostgreSQL ended with an error is tried again after this time."""
UNUSED_AFTER = timedelta(days=90)
"""A costly index that nobody asked for in this time is given up, until somebody asks again."""
BESIDE = " + "
"""What stands between the names of several columns that have an index together."""
_NEVER = datetime.min.replace(tzinfo=UTC)


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
    UNUSED = "unused", _("not used yet")
    """It would cost every write much, and nobody has searched or sorted by it lately."""
    OFF = "off", _("switched off")
    """The administrator wants none for this field."""
    UNWANTED = "unwanted", _("given up")
    LEFTOVER = "leftover", _("left over")
    """On disk, and nothing asks for it."""


@dataclass(frozen=True)
class Entry:
    """One index of a column: how it stands, and what is known of it. `used_at` is when a request last asked for it."""

    key: IndexKey
    standing: Standing
    field_name: str = ""
    disk: OnDisk | None = None
    progress: Progress | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    updated_at: datetime | None = None
    used_at: datetime | None = None
    needed: bool = False
    """It is there however small its form is, and whether its field may be indexed or not."""
    cost: Cost | None = None
    """Of an index of several columns: what a day's readings cost before it was there."""

    @property
    def names(self) -> list[str]:
        """The names of its columns, in their order."""
        return self.field_name.split(BESIDE)

    @property
    def unused_since(self) -> datetime | None:
        """Since when a valid index is known to be there for nothing; None where that isn't known."""
        if self.standing != Standing.VALID or not self.disk or not self.updated_at:
            return None
        if self.disk.scans and not self.used_at:
            return None
        return max(filter(None, (self.updated_at, self.disk.counted_from, self.used_at)))


class _Wish(NamedTuple):
    """An index that a form might have; `standing` says why it shall not."""

    name: str
    standing: Standing | None = None
    needed: bool = False


def survey(form_id: int | None = None) -> list[Entry]:
    """Every index that there is or should be, of one form or all, by form and field."""
    rows = FieldIndex.objects.all() if form_id is None else FieldIndex.objects.filter(custom_form_id=form_id)
    field_indexes = {IndexKey(row.custom_form_id, row.field_id, row.kind): row for row in rows}
    disk, builds, used = on_disk(), progress(), uses()
    tags.read_anew()  # definitions are read after the rows: what was asked for with them is not given up
    live = records_by_form()
    chosen = _forms(live, field_indexes.values()) if form_id is None else [form_id]
    leaves = building.partitions(chosen)
    on_leaf = Counter(index.leaf for index in disk.values())
    on_leaf.update(leaves[key.form_id] for key in field_indexes if key not in disk)
    entries: list[Entry] = []

    def add(key: IndexKey, standing: Standing, name: str = "", needed: bool = False) -> None:
        row, use = field_indexes.get(key), used.get(key)
        noted = filter(None, (use.used_at if use else None, disk[key].used_at if key in disk else None))
        entries.append(
            Entry(
                key,
                standing,
                name,
                disk.get(key),
                builds.get(key),
                row.detail if row else {},
                row.updated_at if row else None,
                max(noted, default=None),
                needed,
                Cost(use.times, use.seconds) if use and key.kind == TOGETHER else None,
            )
        )

    for form in chosen:
        schema = FormSchema.find(form)
        mine = {key: row for key, row in field_indexes.items() if key.form_id == form}
        wishes = _wishes(schema, live.get(form, 0), mine, used) if schema else {}
        place = 0
        for key, wish in wishes.items():
            if wish.standing:
                if key not in mine:
                    add(key, wish.standing, wish.name)
                continue
            row = mine.pop(key, None)
            if row is not None:
                standing = _standing(row, disk.get(key))
            elif place >= settings.MAX_FIELD_INDEXES or on_leaf[leaves[form]] >= settings.MAX_PARTITION_INDEXES:
                standing = Standing.CAPPED
            else:
                standing = Standing.MISSING
                on_leaf[leaves[form]] += 1
            place += 1
            add(key, standing, wish.name, wish.needed)
        kept = _kept(mine)
        for key, row in mine.items():
            if key in kept:
                add(key, _standing(row, disk.get(key)), kept[key], needed=True)
            else:
                add(key, Standing.UNWANTED)
    for key in disk:
        if key not in field_indexes and form_id in (None, key.form_id):
            add(key, Standing.LEFTOVER)
    return entries


def crowded(entries: Iterable[Entry]) -> list[tuple[str, int]]:
    """The partitions with as many indexes as they may have, or more, and how many."""
    count = Counter(entry.disk.leaf for entry in entries if entry.disk)
    return sorted((leaf, many) for leaf, many in count.items() if many >= settings.MAX_PARTITION_INDEXES > 0)


def _forms(live: Mapping[int, int], field_indexes: Iterable[FieldIndex]) -> list[int]:
    """The forms to look at: the large ones, and those with indexes."""
    large = {form for form, count in live.items() if 0 < settings.INDEX_THRESHOLD <= count}
    return sorted(large | {row.custom_form_id for row in field_indexes})


def _wishes(
    schema: FormSchema, live: int, field_indexes: Mapping[IndexKey, FieldIndex], used: Mapping[IndexKey, FieldUse]
) -> dict[IndexKey, _Wish]:
    """The indexes that a form should have: those that it has however small it is, then, once it is large, those held
    already, those that find, and those that only sort, each in the order of the columns; then those it shall not."""
    always: dict[IndexKey, _Wish] = {}
    grown: dict[IndexKey, tuple[Index, _Wish]] = {}
    least = settings.INDEX_THRESHOLD
    for column in (*SYSTEM_COLUMNS.values(), *schema.fields):
        if column.field_id:
            needed = _Wish(column.name, needed=True)
            always |= {IndexKey(schema.id, column.field_id, kind): needed for kind in building.standing(column)}
        for index in column.type.column_indexes(column):
            key = IndexKey(schema.id, column.field_id or 0, index.kind)
            asked = not index.costly or column is schema.primary or _is_used(key, field_indexes, used) or least == 0
            standing = Standing.OFF if not column.indexed else None if asked else Standing.UNUSED
            if key not in always:
                grown[key] = index, _Wish(column.name, standing)
    for key, wish in _together(schema, field_indexes, used).items():
        grown[key] = BTREE, wish
    if least == 0:  # no form grows or shrinks
        grown = {key: wish for key, wish in grown.items() if key in field_indexes}
    elif live < (least / 2 if grown.keys() & field_indexes.keys() else least):
        grown = {}
    ordered = sorted(
        grown, key=lambda key: (grown[key][1].standing is not None, key not in field_indexes, grown[key][0].only_sorts)
    )
    return always | {key: grown[key][1] for key in ordered}


def _together(
    schema: FormSchema, field_indexes: Mapping[IndexKey, FieldIndex], used: Mapping[IndexKey, FieldUse]
) -> dict[IndexKey, _Wish]:
    """The indexes of several columns that requests filter by together: those held, then what cost most; none of columns
    that are gone or shall not be indexed."""
    found: dict[IndexKey, _Wish] = {}
    mine = [key for key in used if key.form_id == schema.id and key.kind == TOGETHER]
    for key in sorted(mine, key=lambda key: (key not in field_indexes, -used[key].seconds)):
        columns = [schema.columns.get(name) for name in used[key].names.split()]
        asked = used[key].seconds >= ENOUGH_SECONDS and _is_used(key, field_indexes, used)
        if asked and all(column and column.indexed and key_of(column) for column in columns):
            held = sum(wish.standing is None for wish in found.values())
            full = key not in field_indexes and held >= settings.MAX_INDEXES_TOGETHER
            found[key] = _Wish(BESIDE.join(used[key].names.split()), Standing.CAPPED if full else None)
    return found


def _is_used(key: IndexKey, field_indexes: Mapping[IndexKey, FieldIndex], used: Mapping[IndexKey, FieldUse]) -> bool:
    """Whether somebody asked lately for what the index serves; a new one has its time before that is judged."""
    asked = [used[key].used_at] if key in used else []
    made = [field_indexes[key].updated_at] if key in field_indexes else []
    return max((*asked, *made), default=_NEVER) > now() - UNUSED_AFTER


def _kept(keys: Iterable[IndexKey]) -> dict[IndexKey, str]:
    """Of indexes that no enabled field wishes for, those that stay while their field is switched off, with its name."""
    places = {key.field_id: key.form_id for key in keys}
    kept: dict[IndexKey, str] = {}
    for custom_field in CustomField.objects.filter(pk__in=places):
        if custom_field.field_type in registry:
            kinds = building.standing(column_of(custom_field))
            kept |= {IndexKey(places[custom_field.pk], custom_field.pk, kind): custom_field.name for kind in kinds}
    return kept


def _standing(row: FieldIndex, disk: OnDisk | None) -> Standing:
    if row.state == FieldIndex.State.VALID and not (disk and disk.valid):
        return Standing.BROKEN
    return Standing(row.state)


def tend(form_id: int | None = None, *, retry: bool = False) -> list[Entry]:
    """Ask for what is missing, lost or broken, give up what is not wanted, drop what is left over; in the background
    all of it. With `retry`, what failed too. Gives what was found."""
    entries = survey(form_id)
    waiting = queue()
    leaves = building.partitions(sorted({entry.key.form_id for entry in entries}))
    lost = {Standing.REQUESTED, Standing.BUILDING}
    idle = {leaf: not has_builder(leaf) for leaf in {leaves[e.key.form_id] for e in entries if e.standing in lost}}
    forms: set[int] = set()
    with transaction.atomic():
        for entry in entries:
            form_id, field_id, kind = entry.key
            key: dict[str, Any] = {"custom_form_id": form_id, "field_id": field_id, "kind": kind}
            match entry.standing:
                case Standing.MISSING:
                    FieldIndex.objects.get_or_create(**key)
                    forms.add(entry.key.form_id)
                case Standing.BROKEN | Standing.FAILED:
                    if entry.standing == Standing.FAILED and not (retry or _due(entry)):
                        continue
                    rows = FieldIndex.objects.filter(**key)
                    rows.update(state=FieldIndex.State.REQUESTED, detail={}, updated_at=now())
                    if entry.standing == Standing.BROKEN:  # writes and searches count on it no longer
                        tags.bump("definitions", form_ids=[entry.key.form_id])
                    forms.add(entry.key.form_id)
                case Standing.REQUESTED | Standing.BUILDING:
                    if entry.key not in waiting.builds and idle[leaves[entry.key.form_id]]:
                        forms.add(entry.key.form_id)
                case Standing.UNWANTED:
                    building.give_up(**entry.key._asdict())
                case Standing.LEFTOVER:
                    if entry.key not in waiting.drops:
                        building.drop_later(**entry.key._asdict())
        for form in sorted(forms - waiting.forms):
            building.build_later(form)
    return entries


def _due(entry: Entry) -> bool:
    """Whether a failed build may go better now. Records that share a value will not go away by themselves."""
    return "error" in entry.detail and (entry.updated_at or _NEVER) < now() - AGAIN_AFTER
