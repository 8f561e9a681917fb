"""The exports of a form that an account asked for: how far they are, their files, and giving them up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forms_app.admin.records.addresses import address
from forms_app.admin.records.browsing import chosen_columns, frame, list_url, readable
from forms_app.admin.records.exporting import TITLES, faults_of
from forms_app.admin.records.list_page import asked_for, columns_of
from forms_app.exporting.background import ExportRefused, expires_at, export_ask, export_forget, exports_of
from forms_app.exporting.export import FORMATS
from forms_app.exporting.sending import headers
from forms_app.models import ExportJob, Verb

State = ExportJob.State
UNFINISHED = (State.WAITING, State.RUNNING)
COLOURS = {State.DONE: "good", State.FAILED: "bad"}


def export_views(model_admin: Any) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
    """(address below the form's, view, last part of its name)."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def exports(request: HttpRequest, form_id: int) -> HttpResponseBase:
        """The list of them; a POST asks for one of the list that the records page showed."""
        if request.method == "POST":
            return _ask(request, form_id)
        form, _schema, _actor = readable(request, form_id)
        back = list_url(form_id)
        context = {**frame(model_admin, request, form), "title": _("Exports"), "back_url": back}
        context.update(_rows(request, form_id))
        return TemplateResponse(request, "admin/forms_app/customform/exports.html", context)

    @require_safe
    def rows(request: HttpRequest, form_id: int) -> HttpResponse:
        """The rows alone, as the page's script asks for them while a file is being made."""
        form, _schema, _actor = readable(request, form_id)
        context = {"custom_form": form, **_rows(request, form_id)}
        return TemplateResponse(request, "admin/forms_app/records/export_rows.html", context)

    @require_safe
    def file(request: HttpRequest, form_id: int, token: str) -> HttpResponseBase:
        job = _own(request, form_id, token)
        if job.state != State.DONE:
            raise Http404
        try:
            content = default_storage.open(job.path)
        except FileNotFoundError:
            raise Http404 from None
        response = FileResponse(content, content_type=FORMATS[job.file_format].content_type)
        for name, value in headers(job.file_name).items():
            response[name] = value
        return response

    @require_POST
    def delete(request: HttpRequest, form_id: int, token: str) -> HttpResponse:
        export_forget(_own(request, form_id, token))
        return HttpResponseRedirect(reverse("admin:forms_app_customform_record_exports", args=[form_id]))

    return (
        ("records/exports/", exports, "record_exports"),
        ("records/exports/rows/", rows, "record_export_rows"),
        ("records/exports/<slug:token>/file/", file, "record_export_file"),
        ("records/exports/<slug:token>/delete/", delete, "record_export_delete"),
    )


def _ask(request: HttpRequest, form_id: int) -> HttpResponse:
    _form, schema, actor = readable(request, form_id)
    if not schema.rights(actor).may(Verb.EXPORT):
        raise PermissionDenied
    given = request.POST
    faults = faults_of(asked_for(schema, actor, given), given.get("format"))
    if not faults:
        names = [column.name for column in columns_of(schema, chosen_columns(request, form_id))]
        try:
            export_ask(
                form_id=form_id,
                account_id=_account(request),
                asked=address(given).removeprefix("?"),
                names=names,
                file_format=given["format"],
            )
        except ExportRefused as refused:
            faults.append(str(refused))
    for fault in faults:
        messages.error(request, fault)
    return HttpResponseRedirect(reverse("admin:forms_app_customform_record_exports", args=[form_id]))


def _own(request: HttpRequest, form_id: int, token: str) -> ExportJob:
    """What the account itself asked for, of a form that it still may read. Raises Http404, PermissionDenied."""
    readable(request, form_id)
    job = exports_of(form_id, _account(request)).filter(token=token).first()
    if job is None:
        raise Http404
    return job


def _rows(request: HttpRequest, form_id: int) -> dict[str, Any]:
    jobs = list(exports_of(form_id, _account(request)))
    return {
        "exports": [
            {
                "job": job,
                "title": TITLES.get(job.file_format, job.file_format),
                "rows": f"{job.rows:,}",
                "total": f"{job.total:,}" if job.total is not None else "",
                "unfinished": job.state in UNFINISHED,
                "colour": COLOURS.get(State(job.state), ""),
                "expires_at": expires_at(job) if job.state == State.DONE else None,
            }
            for job in jobs
        ],
        "unfinished": sum(job.state in UNFINISHED for job in jobs),
        "ready": sum(job.state == State.DONE for job in jobs),
    }


def _account(request: HttpRequest) -> int:
    return int(request.user.pk or 0)
