"""Rows whose every change is told, also one that Django sends no signal for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import models
from django.dispatch import Signal

M = TypeVar("M", bound=models.Model)
Row = Mapping[str, Any]

rows_written = Signal()
"""Sent for the rows of a statement that writes several: `sender` is the model, `before` and `after` their columns by
key. A new row is not in `before`."""


def columns_of(model: type[models.Model]) -> list[str]:
    """The names under which the row's own values lie on an instance."""
    return [field.attname for field in model._meta.concrete_fields]


def row_of(instance: models.Model) -> dict[str, Any]:
    """An instance's own values by these names."""
    return {name: getattr(instance, name) for name in columns_of(type(instance))}


class TrackedQuerySet(models.QuerySet[M]):
    """Sends `rows_written` for what it writes at once. `delete()` and `save()` send Django's own signals."""

    untold: frozenset[str] = frozenset({"last_used_at", "definition_version"})
    """Columns that change by themselves: a write of these alone is not told."""

    def update(self, **values: Any) -> int:
        """Django's `update`; two statements more."""
        if self.untold.issuperset(values):
            return super().update(**values)
        before = self._rows(self)
        count = super().update(**values)
        after = self._rows(self.model._base_manager.filter(pk__in=before))
        rows_written.send(self.model, before=before, after=after)
        return count

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[M], *args: Any, **options: Any) -> list[M]:
        """Django's `bulk_create`; where it may meet rows that exist, one statement more."""
        objs = list(objs)
        keys = [obj.pk for obj in objs if obj.pk is not None]
        before = self._rows(self.model._base_manager.filter(pk__in=keys)) if keys else {}
        made = super().bulk_create(objs, *args, **options)
        rows_written.send(self.model, before=before, after={obj.pk: row_of(obj) for obj in made})
        return made

    def _rows(self, rows: models.QuerySet[Any]) -> dict[Any, dict[str, Any]]:
        return {row[rows.model._meta.pk.attname]: row for row in rows.values(*columns_of(rows.model))}
