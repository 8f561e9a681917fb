"""The list of the records page as a file: what it was asked for, in its order, with its columns."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from forms_app.admin.people.acting import form_seen_by
from forms_app.admin.records.addresses import address
from forms_app.admin.records.list_page import Asked, asked_for, columns_of
from forms_app.exceptions import DomainError
from forms_app.exporting.background import ExportRefused
from forms_app.exporting.export import FORMATS, Export
from forms_app.exporting.sending import Sending, TooManyExports, headers
from forms_app.models import ExportJob, Verb
from forms_app.people.accounts import may_enter
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
    faults = faults_of(asked, given.get("format"))
    if not faults:
        names = tuple(column.name for column in columns_of(schema, chosen))
        export = Export(EntityQuery(schema, actor, asked.terms), names, given["format"])
        try:
            content_type = export.shape.content_type
            return StreamingHttpResponse(Sending(export), content_type=content_type, headers=headers(export.file_name))
        except TooManyExports:
            faults.append(_("Many exports are being made just now. Try again in some seconds."))
        except DomainError as refused:
            faults += [fault.message for fault in refused.faults]
    for fault in faults:
        messages.error(request, fault)
    return HttpResponseRedirect(back)


def faults_of(asked: Asked, file_format: str | None) -> list[str]:
    """Why this can't be exported."""
    return [*asked.faults, *([] if file_format in FORMATS else [_("There is no such format.")])]


def export_of(job: ExportJob) -> Export:
    """What was asked for in the background, by the form and the rights of the account as they are now. Raises
    ExportRefused."""
    user = get_user_model()._default_manager.filter(pk=job.account_id).first()
    gone = ExportRefused(_("You may not read this form's records any more."))
    if user is None or not may_enter(user):
        raise gone
    try:
        schema, actor = form_seen_by(user, job.custom_form_id)
    except Http404:
        raise gone from None
    if not schema.rights(actor).may(Verb.READ):
        raise gone
    asked = asked_for(schema, actor, QueryDict(job.asked))
    if faults := faults_of(asked, job.file_format):
        raise ExportRefused(" ".join(faults))
    names = tuple(column.name for column in columns_of(schema, job.names))
    return Export(EntityQuery(schema, actor, asked.terms), names, job.file_format)
