"""Entries of the audit as people read them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model, Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forms_app.audit.kinds import BY_NAME
from forms_app.field_types import registry
from forms_app.models import AuditEntry, CustomField, Department, Member, Verb

NOTHING = "—"
WORDS = {"assignees": gettext_lazy("Who may push"), "salt": gettext_lazy("Secret")}
"""What is said in place of a column's name: what is no column, and what is none to its readers."""
Names = Mapping[tuple[type[Model], Any], str]


@dataclass(frozen=True)
class Change:
    """One value that changed, in words; None: there was, or is, none."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Thing:
    """A row that changed."""

    action: str
    kind: str
    label: str
    changes: Sequence[Change]
    is_new: bool


@dataclass(frozen=True)
class Event:
    """What one request, or command, changed."""

    first: AuditEntry
    things: Sequence[Thing] = field(default=())


def entries_of(model: type[Model], key: int) -> QuerySet[AuditEntry]:
    """What is shown on a thing's page, newest first: what happened to it and its parts, of people also the roles that
    they were given or that were taken from them."""
    kind = BY_NAME[str(model._meta.model_name)]
    shown = Q(page_kind=kind.name, page_id=key)
    if model in (Member, Department):
        organization_id = model._base_manager.filter(pk=key).values_list("organization_id", flat=True).first()
        name = "members" if model is Member else "departments"
        touched = Q()
        for side in ("added", "removed"):
            touched |= Q(changes__contains=[{"name": name, side: [key]}])
        shown |= Q(touched, organization_id=organization_id, kind="role")
    return AuditEntry.objects.filter(shown).order_by("-id")


def events(entries: Iterable[AuditEntry]) -> list[Event]:
    """The entries, newest first, together with the others of their request. One statement for each kind of thing that
    they refer to, and one for the types of fields."""
    entries = list(entries)
    names, types = _names(entries), _types(entries)
    made = []
    for _key, group in groupby(entries, key=lambda each: each.request_id or each.pk):
        together = list(group)
        things = [_thing(each, names, types) for each in reversed(together)]
        made.append(Event(together[0], things))
    return made


def summary(entry: AuditEntry) -> str:
    """Which values changed, in a line."""
    labels = [_label(entry, change, None) for change in entry.changes]
    return "、".join(dict.fromkeys(labels))


def kind_name(entry: AuditEntry) -> str:
    """What kind of thing changed, as its pages call it."""
    kind = BY_NAME.get(entry.kind)
    return str(kind.model._meta.verbose_name) if kind else entry.kind


def _thing(entry: AuditEntry, names: Names, types: Mapping[int, str]) -> Thing:
    changes = []
    for change in entry.changes:
        label, column = _label(entry, change, types.get(entry.object_id)), _column(entry.kind, change["name"])
        if "added" in change or "removed" in change:
            for side in ("removed", "added"):
                people = "、".join(_named(names, column, key) for key in change.get(side, ()))
                if people:
                    changes.append(Change(label, *((people, None) if side == "removed" else (None, people))))
            continue
        sides = [_text(column, change.get(side), names, bool(change.get("path"))) for side in ("before", "after")]
        changes.append(Change(label, *sides))
    is_new = entry.action == AuditEntry.Action.CREATED
    return Thing(entry.get_action_display(), kind_name(entry), entry.label, changes, is_new)


def _column(kind_name: str, name: str) -> Field[Any, Any] | None:
    kind = BY_NAME.get(kind_name)
    try:
        found: Any = kind.model._meta.get_field(name.removesuffix("_id")) if kind else None
    except FieldDoesNotExist:
        try:
            found = kind.model._meta.get_field(name) if kind else None
        except FieldDoesNotExist:
            return None
    return found  # type: ignore[no-any-return]


def _label(entry: AuditEntry, change: Mapping[str, Any], field_type: str | None) -> str:
    column = _column(entry.kind, change["name"])
    label = str(WORDS.get(change["name"], change["name"] if column is None else capfirst(str(column.verbose_name))))
    path = list(change.get("path", ()))
    if path and entry.kind == "customfield" and field_type is not None and field_type in registry:
        setting = registry.get(field_type).Setting().fields.get(path[0])
        label, path = (str(setting.label), path[1:]) if setting is not None and setting.label else (label, path)
    return " › ".join([label, *path])


def _text(column: Field[Any, Any] | None, value: Any, names: Names, within: bool) -> str | None:
    if value is None:
        return None
    if column is not None and not within:
        if column.is_relation:
            return _named(names, column, value)
        choices = dict(column.flatchoices) if column.choices else {}
        if isinstance(value, str) and value in choices:
            return str(choices[value])
        if column.name == "verbs" and isinstance(value, list):
            return "、".join(str(Verb(verb).label) if verb in Verb.values else str(verb) for verb in value) or NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and all(isinstance(each, str | int) for each in value):
        return "、".join(map(str, value)) or NOTHING
    return value or NOTHING if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _named(names: Names, column: Field[Any, Any] | None, key: Any) -> str:
    model: Any = column.related_model if column is not None else None
    return names.get((model, key), f"#{key}")


def _names(entries: Iterable[AuditEntry]) -> Names:
    """What the related rows are called today."""
    wanted: dict[Any, set[Any]] = defaultdict(set)
    for entry in entries:
        for change in entry.changes:
            column = _column(entry.kind, change["name"])
            if column is None or not column.is_relation:
                continue
            keys = [*change.get("added", ()), *change.get("removed", ()), change.get("before"), change.get("after")]
            wanted[column.related_model].update(key for key in keys if key is not None)
    return {
        (model, key): str(row)
        for model, keys in wanted.items()
        for key, row in model._base_manager.in_bulk(sorted(keys)).items()
    }


def _types(entries: Iterable[AuditEntry]) -> Mapping[int, str]:
    ids = {entry.object_id for entry in entries if entry.kind == "customfield"}
    return dict(CustomField.objects.filter(pk__in=ids).values_list("pk", "field_type")) if ids else {}
