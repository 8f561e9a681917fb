"""The calls on the change log and the trash (docs/contract.md §5.4)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from apaas.pagination import page_values, paged
from apaas.read_after import from_replica
from apaas.requests.terms import label_search
from apaas.viewsets.exactly_once import exactly_once
from apaas.viewsets.form_entities import FormEntityViewSet
from forms_app.field_types import Ref
from forms_app.field_types._times import shown
from forms_app.records.changes.cursors import feed_read, feed_written, history_read, history_written
from forms_app.records.changes.reading import feed, record_history
from forms_app.records.changes.showing import shown_changes
from forms_app.records.labels import PageLabels
from forms_app.records.presentation import Projection, present
from forms_app.records.trash import entity_restore, entity_trash


class ChangeViewSet(FormEntityViewSet):
    """What happened to the records of a form, and those that were destroyed."""

    @from_replica
    def history(self, request: Request, record_id: int) -> HttpResponseBase:
        """The entries of one record, the newest first."""
        values = self.checked_values()
        before = history_read(self.form_schema, record_id, values["cursor"])
        most = values["per_page"] or settings.DEFAULT_PER_PAGE
        found = record_history(self.form_schema, record_id, self.actor, most + 1, before)
        more = len(found) > most
        following = history_written(self.form_schema, record_id, found[most - 1].id) if more else None
        return self.told(shown_changes(self.form_schema, found[:most], self.actor), most, following)

    @from_replica
    def changes(self, request: Request) -> HttpResponseBase:
        """The entries of the form behind a cursor, in the order in which they were committed."""
        values = self.checked_values()
        most = values["per_page"] or settings.DEFAULT_PER_PAGE
        found, position = feed(self.form_schema, self.actor, feed_read(self.form_schema, values["cursor"]), most)
        models = shown_changes(self.form_schema, found, self.actor)
        return self.told(models, most, feed_written(self.form_schema, position))

    def told(self, models: list[Any], most: int, following: str | None) -> HttpResponseBase:
        return self.answer({"models": models, "per_page": most, "next_cursor": following})

    @from_replica
    def trash(self, request: Request) -> HttpResponseBase:
        """A page of destroyed records, the last one first."""
        values = self.values
        search = self.noted(lambda: label_search(self.form_schema, values["query"]))
        self.refuse()
        page, per_page = page_values(values)
        found, total = entity_trash(
            schema=self.form_schema, actor=self.actor, limit=per_page, offset=(page - 1) * per_page, search=search
        )
        records = present(Projection.of(self.form_schema), [each.row for each in found], self.actor)
        labels = PageLabels.load([Ref("member", each.by_uid) for each in found], self.actor)
        models = [
            {
                **record,
                "destroyed_at": shown(each.at),
                "destroyed_by": labels.member(each.by_uid) if each.by_uid else None,
            }
            for record, each in zip(records, found, strict=True)
        ]
        return self.answer(paged(models, page, per_page, total=total))

    @exactly_once
    def restore(self, request: Request) -> HttpResponseBase:
        """Destroyed records brought back: all of them or none."""
        ids = self.values["ids"]
        self.refuse()
        rows = entity_restore(schema=self.form_schema, ids=ids, actor=self.actor)
        return self.answer({"ids": [row.id for row in rows]})
