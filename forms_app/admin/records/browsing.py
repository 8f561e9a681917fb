"""Browsing a form's records over EntityQuery: the admin's own list can't, since a record's key is composite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forms_app.admin.people.acting import seen_form
from forms_app.admin.records.record_values import Part, moment, parts, person
from forms_app.exceptions import Refused, TooExpensive
from forms_app.field_types import Column
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.indexes import uses
from forms_app.models import CustomForm, Verb
from forms_app.people.actor import Actor
from forms_app.records.kept import running_tickets
from forms_app.records.presentation import Projection, present
from forms_app.records.query import EntityQuery, EntityRow, Search, Sort, Terms
from forms_app.records.query.parsing import search_in, tab_terms
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.history import ticket_of_record

View = Callable[..., HttpResponse]
PER_PAGE = 25
COLUMNS = 8
"""Fields in the list: more than these nobody reads side by side."""
SYSTEM_KEYS = ("id", "user", "created_at", "updated_at")


def record_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the form's, view, last part of its name)."""

    def readable(request: HttpRequest, form_id: int) -> tuple[CustomForm, FormSchema, Actor]:
        schema, actor = seen_form(request, form_id)
        if not schema.rights(actor).may(Verb.READ):
            raise PermissionDenied
        form = get_object_or_404(CustomForm.objects.select_related("custom_app", "organization"), pk=form_id)
        return form, schema, actor

    @require_safe
    def records(request: HttpRequest, form_id: int) -> HttpResponse:
        form, schema, actor = readable(request, form_id)
        context = {**frame(model_admin, request, form), **_list(schema, actor, request.GET)}
        if may_write_as(schema, actor, Verb.CREATE):
            context["add_url"] = reverse("admin:forms_app_customform_record_add", args=[form_id])
        return TemplateResponse(request, "admin/forms_app/customform/records.html", context)

    @require_safe
    def record(request: HttpRequest, form_id: int, record_id: int) -> HttpResponse:
        form, schema, actor = readable(request, form_id)
        detail = _detail(form, schema, record_id, actor)
        if detail is None:
            raise Http404
        context = {**frame(model_admin, request, form), **detail}
        context["ticket"] = ticket_of_record(form_id, record_id)
        held = held_values(schema, record_id, actor)
        if held:
            context["held"] = held
        elif may_write_as(schema, actor, Verb.UPDATE):
            context["edit_url"] = reverse("admin:forms_app_customform_record_edit", args=[form_id, record_id])
        return TemplateResponse(request, "admin/forms_app/customform/record.html", context)

    return (("records/", records, "records"), ("records/<int:record_id>/", record, "record"))


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


@dataclass(frozen=True)
class Heading:
    """A column's title and, if it sorts, the address that sorts by it."""

    label: str
    url: str = ""
    direction: str = ""


def _list(schema: FormSchema, actor: Actor, given: Mapping[str, str]) -> dict[str, Any]:
    """What the list shows for the parameters `q`, `tab`, `o` (a column, `-` before it for descending), `p`."""
    faults: list[str] = []
    terms = _terms(schema, given, faults)
    query = EntityQuery(schema, actor, terms)
    uses.note(schema.id, query.reached)
    total, page, rows = _page(query, given, faults)
    pages = max(1, -(-total // PER_PAGE))
    columns = _columns(schema)
    keys = [key for column in columns for key, _show in column.type.keys(column)]
    records = present(Projection.of(schema, (*SYSTEM_KEYS, *keys)), rows, actor)
    tabs = [("", _("All")), *((tab.name, tab.label) for tab in schema.tabs.values())]
    return {
        "faults": faults,
        "total": total,
        "page": page,
        "pages": pages,
        "previous_url": _address(given, p=page - 1) if page > 1 else "",
        "next_url": _address(given, p=page + 1) if page < pages else "",
        "query": given.get("q", ""),
        "order": given.get("o", ""),
        "tab": given.get("tab", ""),
        "primary": schema.primary,
        "tabs": [(label, _address({"tab": name}), name == given.get("tab", "")) for name, label in tabs],
        "headings": _headings(columns, given),
        "rows": [_row(schema, columns, record) for record in records],
    }


def _page(query: EntityQuery, given: Mapping[str, str], faults: list[str]) -> tuple[int, int, list[EntityRow]]:
    """The total, the number of the page and its records; nothing where they are too dear, which is told in `faults`."""
    try:
        total = query.count()
        page = min(max(1, _number(given.get("p"))), max(1, -(-total // PER_PAGE)))
        return total, page, query.page(PER_PAGE, (page - 1) * PER_PAGE)
    except TooExpensive as refused:
        faults += [f"{fault.label}: {fault.message}" if fault.label else fault.message for fault in refused.faults]
        return 0, 1, []


def _row(schema: FormSchema, columns: Iterable[Column], record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": record["id"],
        "url": reverse("admin:forms_app_customform_record", args=[schema.id, record["id"]]),
        "cells": [_cell(parts(column, record)) for column in columns],
        "owner": person(record["user"]),
        "updated_at": moment(record["updated_at"]),
    }


def _cell(shown: list[Part]) -> dict[str, Any]:
    """A value for the list; a short one stays on one line."""
    return {"parts": shown, "short": sum(len(part.text) for part in shown) <= 24}


def _columns(schema: FormSchema) -> list[Column]:
    """The primary field and the first others."""
    first = [schema.primary] if schema.primary else []
    return [*first, *(column for column in schema.fields if column is not schema.primary)][:COLUMNS]


def _terms(schema: FormSchema, given: Mapping[str, str], faults: list[str]) -> Terms:
    """The terms of the tab, the search and the order that were asked for; what can't be is told in `faults`."""
    terms = Terms()
    name = given.get("tab", "")
    if name:
        tab = schema.tabs.get(name)
        if tab is None:
            faults.append(_("There is no such tab."))
        else:
            terms, wrong = tab_terms(schema, tab.filters, tab.sort)
            faults += [each.fault.message for each in wrong]
    search = _search(schema, given.get("q", ""), faults)
    sorts = _sorts(schema, given.get("o", ""))
    return Terms(terms.filters, search, sorts or terms.sorts)


def _search(schema: FormSchema, text: str, faults: list[str]) -> Search | None:
    column = schema.primary
    if not text or column is None or not column.type.is_searchable(column):
        return None
    try:
        return search_in(column, text)
    except Refused as refused:
        faults += [fault.message for fault in refused.faults]
        return None


def _sorts(schema: FormSchema, order: str) -> tuple[Sort, ...]:
    column = schema.columns.get(order.removeprefix("-"))
    if column is None or column.type.sort_expression(column) is None:
        return ()
    return (Sort(column, descending=order.startswith("-")),)


def _headings(columns: Iterable[Column], given: Mapping[str, str]) -> list[Heading]:
    shown = (SYSTEM_COLUMNS["id"], *columns, SYSTEM_COLUMNS["user"], SYSTEM_COLUMNS["updated_at"])
    order = given.get("o", "")
    headings = []
    for column in shown:
        if column.type.sort_expression(column) is None:
            headings.append(Heading(str(column.label)))
            continue
        direction = {column.name: "asc", f"-{column.name}": "desc"}.get(order, "")
        wanted = f"-{column.name}" if direction == "asc" else column.name
        headings.append(Heading(str(column.label), _address(given, o=wanted), direction))
    return headings


def _address(given: Mapping[str, str], **changes: Any) -> str:
    """The list's own address with these parameters changed; another order or search begins at its first page."""
    kept = {name: given[name] for name in ("q", "tab", "o") if given.get(name)}
    return "?" + urlencode({**kept, **changes})


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 1


@dataclass(frozen=True)
class Shown:
    """A field of one record."""

    label: str
    name: str
    parts: list[Part]


def _detail(form: CustomForm, schema: FormSchema, record_id: int, actor: Actor) -> dict[str, Any] | None:
    """What a record's page shows, its fields group by group; None if there is no such record."""
    if record_id >= 2**63:
        return None
    row = EntityQuery(schema, actor).get(record_id)
    if row is None:
        return None
    (record,) = present(Projection.of(schema), [row], actor)
    groups = []
    for group in form.field_groups.prefetch_related("custom_fields"):
        columns = [schema.by_field[field.name] for field in group.custom_fields.all() if field.name in schema.by_field]
        if columns:
            shown = [Shown(column.label, column.name, parts(column, record)) for column in columns]
            groups.append({"label": group.label, "fields": shown})
    primary = schema.primary
    label = " ".join(part.text for part in parts(primary, record)) if primary else ""
    return {
        "record_id": record_id,
        "record_label": label or f"#{record_id}",
        "groups": groups,
        "owner": person(record["user"]),
        "created_at": moment(record["created_at"]),
        "updated_at": moment(record["updated_at"]),
    }
