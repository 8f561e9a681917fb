"""A new record, and changing one: the pages that show a form to fill in and write what is posted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from forms_app.admin.people.acting import seen_form
from forms_app.admin.records.browsing import frame, held_values, may_write_as
from forms_app.admin.records.entry import (
    changed_values,
    entry_fields,
    entry_groups,
    other_faults,
    posted_files,
    posted_values,
    status_of,
    with_uploads,
    writable_names,
)
from forms_app.admin.records.meanwhile import Meanwhile, compared, merged, sentences, shown_again, to_choose
from forms_app.exact_json import reads
from forms_app.exceptions import Conflict, Fault, NotFound, Refused, StaleVersion
from forms_app.models import CustomForm, Verb
from forms_app.people.actor import Actor
from forms_app.records.cleaning import cleaned_changes, cleaned_new
from forms_app.records.labels import titles
from forms_app.records.query import EntityQuery
from forms_app.records.query.entity_query import LastChange
from forms_app.records.writes import entity_create, entity_update
from forms_app.schema.form_schema import FormSchema

View = Callable[..., HttpResponse]
METHODS = ["GET", "HEAD", "POST"]
ATTEMPTS = 5
"""So often is a record read again because another one wrote it at the same moment."""


@dataclass(frozen=True)
class Entry:
    """Who writes into which form."""

    form: CustomForm
    schema: FormSchema
    actor: Actor


def entry_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the form's, view, last part of its name)."""

    @require_http_methods(METHODS)
    def add(request: HttpRequest, form_id: int) -> HttpResponse:
        return _answer(model_admin, request, _entry(request, form_id, Verb.CREATE), None, {})

    @require_http_methods(METHODS)
    def edit(request: HttpRequest, form_id: int, record_id: int) -> HttpResponse:
        entry = _entry(request, form_id, Verb.UPDATE)
        schema = entry.schema
        data = _held(schema, entry.actor, record_id)
        if request.method != "POST" and (held := held_values(schema, record_id, entry.actor)):
            messages.error(request, held)
            return HttpResponseRedirect(reverse("admin:forms_app_customform_record", args=[form_id, record_id]))
        return _answer(model_admin, request, entry, record_id, data)

    return (("records/add/", add, "record_add"), ("records/<int:record_id>/edit/", edit, "record_edit"))


def _entry(request: HttpRequest, form_id: int, verb: str) -> Entry:
    """The form as the account sees it, and as whom it acts. Raises Http404 for a form that is disabled or does not
    exist for the account, PermissionDenied for who may not `verb` its records."""
    schema, actor = seen_form(request, form_id)
    if not schema.enabled:
        raise Http404
    if not may_write_as(schema, actor, verb):
        raise PermissionDenied
    return Entry(CustomForm.objects.select_related("custom_app", "organization").get(pk=form_id), schema, actor)


def _held(schema: FormSchema, actor: Actor, record_id: int) -> dict[str, Any]:
    """What the record holds, by the name of every field: one that holds nothing is not a new one. Raises Http404."""
    row = EntityQuery(schema, actor).get(record_id) if record_id < 2**63 else None
    if row is None:
        raise Http404
    return {**dict.fromkeys(schema.by_field), **reads(row.data)}


def _answer(
    model_admin: Any, request: HttpRequest, entry: Entry, record_id: int | None, data: Mapping[str, Any]
) -> HttpResponse:
    """The page; after a post that is accepted the way to the record. `data`: what the record holds."""
    schema, posted = entry.schema, None
    faults: list[Fault] = []
    found, said = None, []
    if request.method == "POST":
        names = writable_names(schema)
        sent = posted_values(schema, request.POST, names=names)
        uploads = posted_files(schema, request.FILES, names=names)
        values, faults = with_uploads(sent, uploads, entry.actor)
        posted = {**request.POST.dict(), **values}
        changed = changed_values(schema, values, request.POST)
        try:
            if record_id is None:
                written = _write(entry, None, data, changed, faults)
            else:
                found, last, data = _saved(entry, record_id, changed, faults, request)
                posted, written = shown_again(posted, found), record_id
                said = sentences(schema, found, last) if found.choices else []
        except (Refused, Conflict) as refused:
            faults = [*refused.faults]
        except NotFound:
            raise Http404 from None
        else:
            if not said:
                messages.success(request, _("The record was saved."))
                return HttpResponseRedirect(_next(request, entry, record_id, written))
    fields = entry_fields(schema, data=data, actor=entry.actor, faults=faults, posted=posted)
    context = {
        **frame(model_admin, request, entry.form),
        "groups": entry_groups(schema, to_choose(fields, found) if found else fields),
        "faults": other_faults(fields, faults),
        "fault_count": len(faults),
        "meanwhile": said,
        **_heading(schema, record_id, entry.actor),
    }
    page = "admin/forms_app/customform/record_form.html"
    return TemplateResponse(request, page, context, status=409 if said else status_of(faults))


def _saved(
    entry: Entry, record_id: int, changed: Mapping[str, Any], faults: list[Fault], request: HttpRequest
) -> tuple[Meanwhile, LastChange, Mapping[str, Any]]:
    """Writes what the page changed, unless there is something to choose about; then nothing is written. What was held
    against the record is written only to that version of it, else held against the next. Raises Refused, Conflict,
    NotFound."""
    schema, actor = entry.schema, entry.actor
    for _attempt in range(ATTEMPTS):
        # First the version: what comes between it and the values is found by the write.
        last = EntityQuery(schema, actor).last_change(record_id)
        data = _held(schema, actor, record_id)
        if last is None:
            raise Http404
        found = compared(schema, data, actor, changed, request.POST)
        if found.choices:
            return found, last, data
        try:
            _write(entry, record_id, data, found.values, faults, last.version)
        except StaleVersion:
            continue
        if found.elsewhere:
            messages.info(request, merged(schema, found, last))
        return found, last, data
    raise Conflict([Fault("busy", _("Others change this record at this moment. Save again."))])


def _heading(schema: FormSchema, record_id: int | None, actor: Actor) -> dict[str, Any]:
    if record_id is None:
        back = reverse("admin:forms_app_customform_records", args=[schema.id])
        return {"title": _("New record"), "record_label": _("New record"), "back_url": back}
    label = titles(schema, [record_id], actor).get(record_id) or f"#{record_id}"
    back = reverse("admin:forms_app_customform_record", args=[schema.id, record_id])
    return {"title": _("Edit record"), "record_label": label, "record_id": record_id, "back_url": back}


def _write(
    entry: Entry,
    record_id: int | None,
    data: Mapping[str, Any],
    changed: Mapping[str, Any],
    faults: list[Fault],
    version: int | None = None,
) -> int:
    """The id of the record that holds the values from now on. `faults` were found already: then nothing is written, and
    those of the values are told with them. Raises Refused, Conflict, NotFound."""
    schema, actor = entry.schema, entry.actor
    if faults:
        try:
            cleaned_new(schema, changed, actor) if record_id is None else cleaned_changes(schema, changed, actor, data)
        except Refused as refused:
            faults = [*faults, *refused.faults]
        raise Refused(faults)
    if record_id is None:
        return entity_create(schema=schema, values=changed, actor=actor).id
    if changed:
        versions = None if version is None else [version]
        entity_update(schema=schema, record_id=record_id, values=changed, actor=actor, versions=versions)
    return record_id


def _next(request: HttpRequest, entry: Entry, record_id: int | None, written: int) -> str:
    """Where one goes on: to the record for who may see it, or where one was."""
    form_id = entry.schema.id
    if "_add_another" not in request.POST and entry.schema.rights(entry.actor).may(Verb.READ):
        return reverse("admin:forms_app_customform_record", args=[form_id, written])
    if record_id is None:
        return reverse("admin:forms_app_customform_record_add", args=[form_id])
    return reverse("admin:forms_app_customform_record_edit", args=[form_id, record_id])
