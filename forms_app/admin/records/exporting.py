"""The list of the records page as a file: what it was asked for, in its order, with its columns."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from forms_app.admin.records.addresses import address
from forms_app.admin.records.list_page import asked_for, columns_of
from forms_app.exceptions import DomainError
from forms_app.exporting.export import FORMATS, Export
from forms_app.exporting.sending import Sending, TooManyExports, headers
from forms_app.people.actor import Actor
from forms_app.records.query import EntityQuery
from forms_app.schema.form_schema import FormSchema

TITLES = {"csv": "CSV", "xlsx": "Excel (XLSX)", "jsonl": "JSON lines"}


def export_links(form_id: int, given: QueryDict) -> list[tuple[str, str]]:
    """(title, address) of each format for the list as it was asked for."""
    url = reverse("admin:forms_app_customform_record_export", args=[form_id])
    asked = address(given)
    sign = "&" if asked != "?" else ""
    return [(TITLES.get(name, name), f"{url}{asked}{sign}format={name}") for name in FORMATS]


def export_answer(request: HttpRequest, schema: FormSchema, actor: Actor, chosen: Any, back: str) -> HttpResponseBase:
    """The file, or the list again with the reason why there is none."""
    given = request.GET
    asked = asked_for(schema, actor, given)
    faults = list(asked.faults)
    if given.get("format") not in FORMATS:
        faults.append(_("There is no such format."))
    if not faults:
        names = tuple(column.name for column in columns_of(schema, chosen))
        export = Export(EntityQuery(schema, actor, asked.terms), names, given["format"])
        try:
            content_type = export.shape.content_type
            return StreamingHttpResponse(Sending(export), content_type=content_type, headers=headers(export))
        except TooManyExports:
            faults.append(_("Many exports are being made just now. Try again in some seconds."))
        except DomainError as refused:
            faults += [fault.message for fault in refused.faults]
    for fault in faults:
        messages.error(request, fault)
    return HttpResponseRedirect(back)
