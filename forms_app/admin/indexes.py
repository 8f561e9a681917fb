"""The page of field indexes: what there is, what is missing, what is being built; and the way to have it built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from forms_app.models import CustomField, CustomForm
from forms_app.services.index_growth import Entry, Standing, crowded, survey, tend

PER_PAGE = 100
KINDS = {
    "btree": gettext_lazy("Values"),
    "gin": gettext_lazy("Lists"),
    "grams": gettext_lazy("Search"),
    "order": gettext_lazy("Sorting"),
    "span": gettext_lazy("Periods"),
    "unique": gettext_lazy("Uniqueness"),
}
COLOURS = {
    Standing.VALID: "good",
    Standing.FAILED: "bad",
    Standing.BROKEN: "bad",
    Standing.CAPPED: "warn",
    Standing.MISSING: "warn",
}
TO_BUILD = (Standing.MISSING, Standing.BROKEN, Standing.FAILED)


def index_views(model_admin: Any) -> Iterable[tuple[str, Any, str]]:
    """(address below the forms', view, last part of its name)."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def indexes(request: HttpRequest) -> HttpResponse:
        if not model_admin.has_view_permission(request):
            raise PermissionDenied
        form_id = _number(request.GET.get("form"))
        address = reverse("admin:forms_app_customform_indexes")
        if request.method == "POST":
            if not model_admin.has_change_permission(request):
                raise PermissionDenied
            count = sum(entry.standing in TO_BUILD for entry in tend(form_id, retry=True))
            told = ngettext("{count} index will be built.", "{count} indexes will be built.", count)
            messages.success(request, told.format(count=count))
            return HttpResponseRedirect(f"{address}?form={form_id}" if form_id else address)
        context = {
            **model_admin.admin_site.each_context(request),
            "title": _("Indexes"),
            "is_fullwidth": "1",
            "may_build": model_admin.has_change_permission(request),
            **_shown(survey(form_id), form_id, request.GET),
        }
        return TemplateResponse(request, "admin/forms_app/customform/indexes.html", context)

    return (("indexes/", indexes, "indexes"),)


def _shown(entries: Sequence[Entry], form_id: int | None, given: Mapping[str, str]) -> dict[str, Any]:
    """What the page shows of these for the parameters `state` and `p`."""
    states = [entry.standing for entry in entries]
    counts = {standing: states.count(standing) for standing in Standing if standing in states}
    chosen = [entry for entry in entries if given.get("state") in (None, "", str(entry.standing))]
    pages = max(1, -(-len(chosen) // PER_PAGE))
    page = min(max(1, _number(given.get("p")) or 1), pages)
    held = {"form": form_id or "", "state": given.get("state", "")}

    def address(**changes: Any) -> str:
        return "?" + urlencode({key: value for key, value in {**held, **changes}.items() if value not in ("", None)})

    views = [(_("All"), len(entries), address(state=""), not held["state"])]
    views += [(str(s.label), count, address(state=str(s)), held["state"] == str(s)) for s, count in counts.items()]
    return {
        "custom_form": CustomForm.objects.filter(pk=form_id).first() if form_id else None,
        "size": sum(entry.disk.size for entry in entries if entry.disk),
        "total": len(entries),
        "to_build": sum(standing in TO_BUILD for standing in states),
        "crowded": crowded(entries),
        "views": views,
        "rows": _rows(chosen[(page - 1) * PER_PAGE : page * PER_PAGE]),
        "page": page,
        "pages": pages,
        "previous_url": address(p=page - 1) if page > 1 else "",
        "next_url": address(p=page + 1) if page < pages else "",
    }


def _rows(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    forms = dict(CustomForm.objects.filter(pk__in={e.form_id for e in entries}).values_list("pk", "name"))
    labels = dict(CustomField.objects.filter(pk__in={e.field_id for e in entries}).values_list("pk", "label"))
    return [
        {
            "form": forms.get(entry.form_id, ""),
            "form_id": entry.form_id,
            "field": labels.get(entry.field_id) or _("gone (#{id})").format(id=entry.field_id),
            "kind": KINDS.get(entry.kind, entry.kind),
            "state": entry.standing.label,
            "colour": COLOURS.get(entry.standing, ""),
            "disk": entry.disk,
            "progress": entry.progress,
            "note": _note(entry),
        }
        for entry in entries
    ]


def _note(entry: Entry) -> str:
    """Why an index could not be built."""
    if groups := entry.detail.get("duplicates"):
        shown = "; ".join(", ".join(map(str, ids)) for ids in groups)
        return _("Records share a value: {ids}").format(ids=shown)
    return str(entry.detail.get("error", ""))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
