"""Destroyed records: their list, and bringing them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from forms_app.admin.from_replica import from_replica
from forms_app.admin.records.addresses import address, numbers, page_number
from forms_app.admin.records.browsing import frame, may_write_as, readable
from forms_app.admin.records.record_values import moment, parts, person
from forms_app.exceptions import Conflict, Fault, NotFound, Refused
from forms_app.field_types import Ref
from forms_app.field_types._times import shown
from forms_app.models import Verb
from forms_app.people.actor import Actor
from forms_app.records.labels import PageLabels
from forms_app.records.presentation import Projection, present
from forms_app.records.query import Search
from forms_app.records.query.parsing import search_in
from forms_app.records.trash import Destroyed, entity_restore, entity_trash
from forms_app.schema.form_schema import FormSchema

View = Callable[..., HttpResponse]
PER_PAGE = 25


def trash_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the form's, view, last part of its name)."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @from_replica
    def trash(request: HttpRequest, form_id: int) -> HttpResponse:
        form, schema, actor = readable(request, form_id)
        if not may_write_as(schema, actor, Verb.DESTROY):
            raise PermissionDenied
        faults: list[Fault] = []
        ids = numbers(request.POST.getlist("ids"))[:PER_PAGE]
        if request.method == "POST" and ids:
            try:
                entity_restore(schema=schema, ids=ids, actor=actor)
            except (NotFound, Conflict) as error:
                faults = [*error.faults]
            else:
                said = ngettext("{count} record was restored.", "{count} records were restored.", len(ids))
                messages.success(request, said.format(count=len(ids)))
                return HttpResponseRedirect(request.get_full_path())
        elif request.method == "POST":
            messages.warning(request, _("No records were chosen."))
            return HttpResponseRedirect(request.get_full_path())
        search, said_of_search = _search(schema, request.GET.get("q", ""))
        page = page_number(request.GET.get("p"))
        found, total = entity_trash(
            schema=schema, actor=actor, limit=PER_PAGE, offset=(page - 1) * PER_PAGE, search=search
        )
        pages = max(1, -(-total // PER_PAGE))
        context = {
            **frame(model_admin, request, form),
            "title": _("Trash"),
            "rows": rows(schema, found, actor, ids, faults),
            "failed": bool(faults),
            "said_of_search": said_of_search,
            "query": request.GET.get("q", ""),
            "searchable": schema.primary,
            "total": total,
            "counted": f"{total:,}",
            "days": settings.TRASH_DAYS,
            "page": page,
            "pages": pages,
            "previous_url": address(request.GET, p=page - 1) if page > 1 else "",
            "next_url": address(request.GET, p=page + 1) if page < pages else "",
        }
        page_name = "admin/forms_app/customform/trash.html"
        return TemplateResponse(request, page_name, context, status=422 if faults else 200)

    return (("records/trash/", trash, "record_trash"),)


def _search(schema: FormSchema, text: str) -> tuple[Search | None, str]:
    """What finds the text in the records' label, or why nothing does."""
    if not text or schema.primary is None:
        return None, ""
    try:
        return search_in(schema.primary, text), ""
    except Refused as refused:
        return None, " ".join(fault.message for fault in refused.faults)


def rows(
    schema: FormSchema, found: list[Destroyed], actor: Actor, chosen: list[int], faults: list[Fault]
) -> list[dict[str, Any]]:
    """A row for each destroyed record, with what is wrong with it where it was to be restored."""
    primary = schema.primary
    keys = [key for key, _show in primary.type.keys(primary)] if primary else []
    records = present(Projection.of(schema, ["id", *keys]), [each.row for each in found], actor)
    labels = PageLabels.load([Ref("member", uid) for each in found for uid in (each.by_uid, each.row.owner_uid)], actor)
    wrong: dict[int, list[str]] = {}
    for fault in faults:
        if fault.row is not None:
            wrong.setdefault(chosen[fault.row], []).append(f"{fault.label or fault.field}: {fault.message}")
    return [
        {
            "id": each.row.id,
            "label": " ".join(part.text for part in parts(primary, record)) if primary else "",
            "owner": person(labels.member(each.row.owner_uid)),
            "at": moment(shown(each.at)),
            "by": person(labels.member(each.by_uid)) if each.by_uid else _("the system"),
            "history_url": reverse("admin:forms_app_customform_record_history", args=[schema.id, each.row.id]),
            "chosen": each.row.id in chosen,
            "faults": wrong.get(each.row.id, ()),
        }
        for each, record in zip(found, records, strict=True)
    ]
