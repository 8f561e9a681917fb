"""What happened to a record, as people read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from forms_app.admin.from_replica import from_replica
from forms_app.admin.records.addresses import numbers
from forms_app.admin.records.browsing import frame, readable
from forms_app.admin.records.record_values import Part, moment, parts, person
from forms_app.exceptions import NotFound
from forms_app.field_types import Column
from forms_app.field_types._times import shown
from forms_app.records.changes.reading import record_history
from forms_app.records.changes.showing import Told, told
from forms_app.records.labels import titles

View = Callable[..., HttpResponse]
AT_ONCE = 50
"""Entries of one page."""
ACTIONS = {
    "created": gettext_lazy("Created"),
    "updated": gettext_lazy("Changed"),
    "transferred": gettext_lazy("Handed over"),
    "destroyed": gettext_lazy("Deleted"),
    "restored": gettext_lazy("Restored"),
    "computed": gettext_lazy("Computed anew, since another record changed"),
}
SOURCES = {
    "api": gettext_lazy("by the API"),
    "mass": gettext_lazy("by a mass call of the API"),
    "page": gettext_lazy("on a page"),
    "ticket": gettext_lazy("with a ticket"),
    "load": gettext_lazy("from a file or by a command"),
    "flow": gettext_lazy("by a flow"),
}


def history_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the form's, view, last part of its name)."""

    @require_safe
    @from_replica
    def history(request: HttpRequest, form_id: int, record_id: int) -> HttpResponse:
        form, schema, actor = readable(request, form_id)
        if record_id >= 2**63:
            raise Http404
        before = next(iter(numbers([request.GET.get("before", "")])), None)
        context = {**frame(model_admin, request, form), "record_id": record_id, "off": not schema.keeps_history}
        if schema.keeps_history:
            try:
                found = record_history(schema, record_id, actor, AT_ONCE + 1, before)
            except NotFound:
                raise Http404 from None
            context["events"] = [event(entry) for entry in told(schema, found[:AT_ONCE], actor)]
            context["older"] = found[AT_ONCE - 1].id if len(found) > AT_ONCE else None
        labels = titles(schema, [record_id], actor)
        context["record_label"] = labels.get(record_id) or f"#{record_id}"
        if record_id in labels:
            context["record_url"] = reverse("admin:forms_app_customform_record", args=[form_id, record_id])
        context["title"] = _("Changes of {name}").format(name=context["record_label"])
        return TemplateResponse(request, "admin/forms_app/customform/history.html", context)

    return (("records/<int:record_id>/history/", history, "record_history"),)


def event(entry: Told) -> dict[str, Any]:
    """An entry as its card shows it."""
    change = entry.change
    return {
        "at": moment(shown(change.at)),
        "who": person(entry.user) if entry.user else "",
        "action": ACTIONS[change.action],
        "source": SOURCES[change.source],
        "token": entry.token["name"] if entry.token else "",
        "version": change.version,
        "request_id": change.request_id,
        "whole": change.action in ("created", "restored", "destroyed"),
        "changes": [
            {"label": column.label, "before": line(column, before), "after": line(column, after)}
            for column, before, after in entry.fields
        ],
    }


def line(column: Column, record: Any) -> str:
    """The column's value in one line."""
    pieces: list[Part] = parts(column, record)
    return ", ".join(piece.text for piece in pieces)
