"""The page of indexes: what there is, what it costs and is used, what is missing, what is being built; the way to have
it built, and the switch of each field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from forms_app.admin.people.acting import is_operator
from forms_app.design.fields import field_index
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.indexes.choosing import Entry, Standing, crowded, survey, tend
from forms_app.models import CustomField, CustomForm
from forms_app.operators.index_kinds import TOGETHER

PER_PAGE = 100
IDLE_AFTER = timedelta(days=30)
"""What was not used for so long is worth a second look."""
KINDS = {
    "btree": gettext_lazy("Values"),
    "gin": gettext_lazy("Lists"),
    "grams": gettext_lazy("Search"),
    "order": gettext_lazy("Sorting"),
    "owner": gettext_lazy("Own records"),
    "span": gettext_lazy("Periods"),
    TOGETHER: gettext_lazy("Filtered together"),
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
        form_id, forms = _number(request.GET.get("form")), model_admin.get_queryset(request)
        if form_id is not None and not forms.filter(pk=form_id).exists():
            raise Http404
        address = reverse("admin:forms_app_customform_indexes")
        if request.method == "POST":
            if not model_admin.has_change_permission(request):
                raise PermissionDenied
            back = HttpResponseRedirect(f"{address}?{request.GET.urlencode()}" if request.GET else address)
            if "field" in request.POST:
                _switch(request, forms)
                return back
            count = sum(entry.standing in TO_BUILD for entry in _tend(request, forms, form_id))
            message = ngettext("{count} index will be built.", "{count} indexes will be built.", count)
            messages.success(request, message.format(count=count))
            return back
        context = {
            **model_admin.admin_site.each_context(request),
            "title": _("Indexes"),
            "is_fullwidth": "1",
            "may_build": model_admin.has_change_permission(request),
            **_page_context(_own(request, forms, survey(form_id)), form_id, request.GET),
        }
        return TemplateResponse(request, "admin/forms_app/customform/indexes.html", context)

    return (("indexes/", indexes, "indexes"),)


def _own(request: HttpRequest, forms: QuerySet[CustomForm], entries: Sequence[Entry]) -> Sequence[Entry]:
    """Those of the account's forms; an operator sees also what is left of forms that are gone."""
    if is_operator(request):
        return entries
    own = set(forms.values_list("pk", flat=True))
    return [entry for entry in entries if entry.key.form_id in own]


def _tend(request: HttpRequest, forms: QuerySet[CustomForm], form_id: int | None) -> Sequence[Entry]:
    """Have the indexes of the form, or of all of the account's forms, tended."""
    if form_id is not None or is_operator(request):
        return tend(form_id, retry=True)
    entries = _own(request, forms, survey())
    return [entry for own in sorted({entry.key.form_id for entry in entries}) for entry in tend(own, retry=True)]


def _switch(request: HttpRequest, forms: QuerySet[CustomForm]) -> None:
    """Say of one field of these forms whether it may be indexed."""
    field = get_object_or_404(CustomField, pk=_number(request.POST["field"]), custom_form__in=forms)
    indexed = request.POST.get("indexed") == "1"
    field_index(field=field, indexed=indexed)
    if indexed:
        message = _("The field {label} is indexed again; its indexes are built in the background.")
    else:
        message = _("The field {label} is no longer indexed; its indexes are dropped in the background.")
    messages.success(request, message.format(label=field.label))


def _page_context(entries: Sequence[Entry], form_id: int | None, given: Mapping[str, str]) -> dict[str, Any]:
    """What the page shows of these for the parameters `state` and `p`."""
    states = [entry.standing for entry in entries]
    counts = {standing: states.count(standing) for standing in Standing if standing in states}
    chosen = [entry for entry in entries if given.get("state") in (None, "", str(entry.standing))]
    pages = max(1, -(-len(chosen) // PER_PAGE))
    page = min(max(1, _number(given.get("p")) or 1), pages)
    params = {"form": form_id or "", "state": given.get("state", "")}

    def address(**changes: Any) -> str:
        return "?" + urlencode({key: value for key, value in {**params, **changes}.items() if value not in ("", None)})

    views = [(_("All"), len(entries), address(state=""), not params["state"])]
    views += [(str(s.label), count, address(state=str(s)), params["state"] == str(s)) for s, count in counts.items()]
    return {
        "custom_form": CustomForm.objects.filter(pk=form_id).first() if form_id else None,
        "size": sum(entry.disk.size for entry in entries if entry.disk),
        "total": sum(entry.disk is not None for entry in entries),
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
    forms = dict(CustomForm.objects.filter(pk__in={e.key.form_id for e in entries}).values_list("pk", "name"))
    fields = {field.pk: field for field in CustomField.objects.filter(pk__in={e.key.field_id for e in entries})}
    together = [entry for entry in entries if entry.key.kind == TOGETHER]
    named = CustomField.objects.filter(custom_form__in={entry.key.form_id for entry in together}) if together else ()
    labels = {(field.custom_form_id, field.name): field.label for field in named}
    return [
        {
            "form": forms.get(entry.key.form_id, ""),
            "form_id": entry.key.form_id,
            "field": _labels(entry, labels) if entry in together else _label(entry, fields.get(entry.key.field_id)),
            "field_id": entry.key.field_id,
            "kind": KINDS.get(entry.key.kind, entry.key.kind),
            "state": entry.standing.label,
            "colour": COLOURS.get(entry.standing, ""),
            "disk": entry.disk,
            "progress": entry.progress,
            "note": _note(entry),
            "used_at": entry.used_at,
            "idle": _idle(entry.unused_since),
            "switch": _switch_of(entry, fields.get(entry.key.field_id)),
        }
        for entry in entries
    ]


def _label(entry: Entry, field: CustomField | None) -> str:
    if field:
        return field.label
    if not entry.key.field_id:
        return str(SYSTEM_COLUMNS[entry.field_name].label) if entry.field_name in SYSTEM_COLUMNS else ""
    return _("gone (#{id})").format(id=entry.key.field_id)


def _labels(entry: Entry, labels: Mapping[tuple[int, str], str]) -> str:
    """The labels of several columns."""
    return " + ".join(
        str(SYSTEM_COLUMNS[name].label) if name in SYSTEM_COLUMNS else labels.get((entry.key.form_id, name), name)
        for name in entry.names
    )


def _switch_of(entry: Entry, field: CustomField | None) -> str:
    """What the field's switch would do: "on", "off", or "" where there is nothing to switch."""
    if field is None or entry.needed:
        return ""
    return "off" if field.indexed else "on"


def _idle(since: datetime | None) -> int:
    """For how many days nobody has used the index, if that is long."""
    idle = now() - since if since else timedelta()
    return idle.days if idle >= IDLE_AFTER else 0


def _note(entry: Entry) -> str:
    """Why an index could not be built, or why one of several columns is there."""
    if groups := entry.detail.get("duplicates"):
        return shared_note(groups)
    if "error" in entry.detail or not entry.cost:
        return str(entry.detail.get("error", ""))
    times, seconds = entry.cost
    message = ngettext(
        "Within a day {times} list took long without it: {milliseconds} ms.",
        "Within a day {times} lists took long without it: {milliseconds} ms each.",
        times,
    )
    return message.format(times=times, milliseconds=round(seconds / times * 1000) if times else 0)


def shared_note(groups: Iterable[Iterable[int]]) -> str:
    """Says which records share a value that shall be unique."""
    shown = "; ".join(", ".join(map(str, ids)) for ids in groups)
    return _("Records share a value: {ids}").format(ids=shown)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
