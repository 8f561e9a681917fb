"""Browsing a form's records over EntityQuery: the admin's own list can't, since a record's key is composite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from forms_app.admin.from_replica import from_replica
from forms_app.admin.people.acting import seen_form
from forms_app.admin.records import filter_bar
from forms_app.admin.records.addresses import address
from forms_app.admin.records.exporting import TITLES, export_answer, export_links
from forms_app.admin.records.list_page import bar_context, column_choices, list_context
from forms_app.admin.records.record_page import record_context
from forms_app.models import ChosenColumns, CustomForm, Verb
from forms_app.people.actor import Actor
from forms_app.records.kept import running_tickets
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.history import ticket_of_record

View = Callable[..., HttpResponseBase]
MOST_COLUMNS = 50
MOST_SELECTED = 500
"""So many records at once are shown to be confirmed."""


def record_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the form's, view, last part of its name)."""

    @require_safe
    @from_replica
    def records(request: HttpRequest, form_id: int) -> HttpResponse:
        form, schema, actor = readable(request, form_id)
        chosen = chosen_columns(request, form_id)
        listed = list_context(schema, actor, request.GET, chosen)
        context = {
            **frame(model_admin, request, form),
            **listed,
            "most_selected": MOST_SELECTED,
            "is_long": not listed["is_exact"] or listed["total"] > settings.EXPORT_PAGE_RECORDS,
            "export_links": export_links(form_id, request.GET),
            "export_titles": TITLES,
            "may_export": schema.rights(actor).may(Verb.EXPORT),
            "columns": column_choices(schema, chosen),
            "may": {verb: may_write_as(schema, actor, verb) for verb in (Verb.TRANSFER.value, Verb.DESTROY.value)},
        }
        if may_write_as(schema, actor, Verb.CREATE):
            context["add_url"] = reverse("admin:forms_app_customform_record_add", args=[form_id])
        return TemplateResponse(request, "admin/forms_app/customform/records.html", context)

    @require_safe
    @from_replica
    def export(request: HttpRequest, form_id: int) -> HttpResponseBase:
        _form, schema, actor = readable(request, form_id)
        back = list_url(form_id, address(request.GET))
        return export_answer(request, schema, actor, chosen_columns(request, form_id), back)

    @require_safe
    def conditions(request: HttpRequest, form_id: int) -> HttpResponse:
        """The bar of conditions alone, as the page's script asks for it when a field or an operator is chosen."""
        _form, schema, _actor = readable(request, form_id)
        asked = filter_bar.conditions(request.GET)
        filter_bar.completed(schema, asked)
        context = bar_context(schema, asked, request.GET)
        return TemplateResponse(request, "admin/forms_app/records/conditions.html", context)

    @require_POST
    def columns(request: HttpRequest, form_id: int) -> HttpResponse:
        """Keeps which columns the account wants to see; none for those that everyone begins with."""
        _form, schema, _actor = readable(request, form_id)
        names = [] if "_reset" in request.POST else list(dict.fromkeys(request.POST.getlist("column")))
        gone = [name for name in names if name not in schema.columns]
        if gone or len(names) > MOST_COLUMNS:
            messages.error(request, _("A list has at most {limit} columns.").format(limit=MOST_COLUMNS))
        elif names:
            ChosenColumns.objects.update_or_create(
                user_id=_account(request), custom_form_id=form_id, defaults={"names": names}
            )
        else:
            ChosenColumns.objects.filter(user_id=_account(request), custom_form_id=form_id).delete()
        return HttpResponseRedirect(list_url(form_id, request.POST.get("back", "")))

    @require_safe
    @from_replica
    def record(request: HttpRequest, form_id: int, record_id: int) -> HttpResponse:
        form, schema, actor = readable(request, form_id)
        detail = record_context(form, schema, record_id, actor)
        if detail is None:
            raise Http404
        context = {**frame(model_admin, request, form), **detail}
        context["ticket"] = ticket_of_record(form_id, record_id)
        context["may"] = {verb: may_write_as(schema, actor, verb) for verb in (Verb.TRANSFER.value, Verb.DESTROY.value)}
        held = held_values(schema, record_id, actor)
        if held:
            context["held"] = held
        elif may_write_as(schema, actor, Verb.UPDATE):
            context["edit_url"] = reverse("admin:forms_app_customform_record_edit", args=[form_id, record_id])
        return TemplateResponse(request, "admin/forms_app/customform/record.html", context)

    return (
        ("records/", records, "records"),
        ("records/export/", export, "record_export"),
        ("records/conditions/", conditions, "record_conditions"),
        ("records/columns/", columns, "record_columns"),
        ("records/<int:record_id>/", record, "record"),
    )


def readable(request: HttpRequest, form_id: int) -> tuple[CustomForm, FormSchema, Actor]:
    """The form whose records the account may read, and as whom. Raises Http404, PermissionDenied."""
    schema, actor = seen_form(request, form_id)
    if not schema.rights(actor).may(Verb.READ):
        raise PermissionDenied
    form = get_object_or_404(CustomForm.objects.select_related("custom_app", "organization"), pk=form_id)
    return form, schema, actor


def list_url(form_id: int, asked: str = "") -> str:
    """The list as it was asked for, if that was: `?…`."""
    url = reverse("admin:forms_app_customform_records", args=[form_id])
    return f"{url}{asked}" if asked.startswith("?") else url


def may_write_as(schema: FormSchema, actor: Actor, verb: str) -> bool:
    """Whether the actor may `verb` the form's records by its pages: records are a member's, so it must be one."""
    return schema.enabled and bool(actor.member_id) and schema.rights(actor).may(verb)


def held_values(schema: FormSchema, record_id: int, actor: Actor) -> str:
    """Why the actor may not change the record's values here, though they may change others: its ticket is running."""
    ticket = running_tickets(schema.id, [record_id]).get(record_id)
    if ticket is None or not ticket.closed_to(designs=schema.rights(actor).may(Verb.DESIGN)):
        return ""
    return ticket.refusal


def frame(model_admin: Any, request: HttpRequest, form: CustomForm) -> dict[str, Any]:
    """What every page about a form's records shows around them."""
    can_design = model_admin.has_change_permission(request, form)
    listed = "forms_app_customform_changelist" if model_admin.has_view_permission(request) else "index"
    return {
        **model_admin.admin_site.each_context(request),
        "title": _("Records"),
        "custom_form": form,
        "is_fullwidth": "1",
        "records_url": reverse("admin:forms_app_customform_records", args=[form.pk]),
        "design_url": reverse("admin:forms_app_customform_design", args=[form.pk]) if can_design else "",
        "list_url": reverse(f"admin:{listed}"),
    }


def _account(request: HttpRequest) -> int:
    """The account's key: nobody comes here without one."""
    return int(request.user.pk or 0)


def chosen_columns(request: HttpRequest, form_id: int) -> Sequence[str]:
    """Which columns of the form the account wants to see; none where it never said."""
    kept = ChosenColumns.objects.filter(user_id=_account(request), custom_form_id=form_id)
    names: Sequence[str] = kept.values_list("names", flat=True).first() or ()
    return names
