"""What the page of a form's records shows: whose, which, in what order, with which columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from forms_app.admin.records import filter_bar
from forms_app.admin.records.addresses import address, page_number, parameters
from forms_app.admin.records.record_values import Part, moment, parts, person, shortened
from forms_app.exceptions import TooExpensive
from forms_app.field_types import Column
from forms_app.indexes import uses
from forms_app.people.actor import Actor
from forms_app.people.directory import directory_of
from forms_app.records.presentation import Projection, present
from forms_app.records.query import EntityQuery, EntityRow, Search, Sort, Terms
from forms_app.records.query.page_totals import Total, page_and_total
from forms_app.records.query.parsing import Parser, tab_terms
from forms_app.records.query.scopes import SCOPES
from forms_app.schema.form_schema import FormSchema

PER_PAGE = 25
COLUMNS = 8
"""Fields in the list where nobody chose: more than these nobody reads side by side."""
LAST_COLUMNS = ("user", "updated_at")
FILTERS = r"match|f[1-9]\d?(\.op|\.v|\.to)?"
LABEL = 60
"""Characters of a piece of a value, and of a record's label where it stands for the record."""


@dataclass(frozen=True)
class Asked:
    """What the page's address asks for. `faults` tells what of it can't be, which then does not restrict."""

    terms: Terms
    conditions: Sequence[filter_bar.Condition]
    searched: Column | None
    faults: Sequence[str]


@dataclass(frozen=True)
class Heading:
    """A column's title and, if it sorts, the address that sorts by it."""

    label: str
    url: str = ""
    direction: str = ""


def asked_for(schema: FormSchema, actor: Actor, given: QueryDict) -> Asked:
    """The terms of the tab, the search, the conditions and the order."""
    faults: list[str] = []
    tab = _tab(schema, actor, given.get("tab", ""), faults)
    conditions = filter_bar.conditions(given)
    filter_bar.completed(schema, conditions)
    filters = filter_bar.filters(schema, conditions, given.get("match") == "any")
    if any(condition.faults for condition in conditions):
        faults.append(_("A condition can't be asked as it stands: it is left out below."))
    searched = _searched(schema, given.get("in", ""))
    search = _search(schema, searched, given, faults)
    sorts = _sorts(schema, given.get("o", ""))
    return Asked(Terms(tab.filters + filters, search, sorts or tab.sorts), conditions, searched, faults)


def list_context(schema: FormSchema, actor: Actor, given: QueryDict, chosen: Sequence[str]) -> dict[str, Any]:
    """The whole list; `chosen` are the names of its columns, none for those that everyone begins with."""
    asked = asked_for(schema, actor, given)
    faults = [*asked.faults]
    query = EntityQuery(schema, actor, asked.terms)
    uses.note(schema.id, query.reached)
    page, rows, total = _page(query, given, faults)
    pages = max(1, -(-total.number // PER_PAGE)) if total.is_exact else page + (len(rows) == PER_PAGE)
    columns = columns_of(schema, chosen)
    shown = [schema.primary] if schema.primary and schema.primary not in columns else []
    keys = [key for column in (*columns, *shown) for key, _show in column.type.keys(column)]
    records = present(Projection.of(schema, [*dict.fromkeys(("id", *keys))]), rows, actor)
    return {
        "faults": faults,
        "total": total.number,
        "counted": f"{total.number:,}",
        "is_exact": total.is_exact,
        "page": page,
        "pages": pages,
        "previous_url": address(given, p=page - 1) if page > 1 else "",
        "next_url": address(given, p=page + 1) if page < pages else "",
        "asked": [*parameters(given)],
        "asked_beside_filters": [*parameters(given, without=f"q|in|o|{FILTERS}")],
        "address": address(given, p=page if page > 1 else ""),
        "query": given.get("q", ""),
        "order": given.get("o", ""),
        "searched": asked.searched,
        "searchable": [column for column in schema.fields if column.type.is_searchable(column)],
        "sortable": [column for column in _ordered(schema) if column.type.sort_expression(column) is not None],
        "tabs": _tabs(schema, actor, given),
        "all_url": "?",
        "narrowed": bool(given.get("q") or asked.conditions),
        "beside_all": bool(given.get("tab")),
        "unfiltered_url": address(given, without=f"q|in|{FILTERS}"),
        "number_heading": _headings([schema.columns["id"]], given)[0],
        "headings": _headings(columns, given),
        "rows": [_row(schema, columns, record) for record in records],
        **bar_context(schema, asked.conditions, given),
    }


def bar_context(schema: FormSchema, conditions: Sequence[filter_bar.Condition], given: QueryDict) -> dict[str, Any]:
    """The conditions alone; `more` asks for an empty one behind them."""
    more = bool(given.get("more")) or not conditions
    place = max((condition.place for condition in conditions), default=0) + 1
    return {
        "conditions": [
            {**drawn, "without_url": address(given, without=rf"{drawn['prefix']}(\.op|\.v|\.to)?|more")}
            for drawn in filter_bar.drawn(schema, conditions)
        ],
        "filterable": filter_bar.filterable(schema),
        "match": given.get("match", ""),
        "new_prefix": f"f{place}" if more and len(conditions) < filter_bar.MOST and place < 100 else "",
        "wants_more": bool(given.get("more")),
    }


def columns_of(schema: FormSchema, chosen: Sequence[str]) -> list[Column]:
    """The list's columns behind the record's number: those chosen, or the primary field, the first others, and what
    everyone wants to know."""
    known = [schema.columns[name] for name in chosen if name in schema.columns and name != "id"]
    if known:
        return known
    first = [schema.primary] if schema.primary else []
    fields = [*first, *(column for column in schema.fields if column is not schema.primary)][:COLUMNS]
    return [*fields, *(schema.columns[name] for name in LAST_COLUMNS)]


def column_choices(schema: FormSchema, chosen: Sequence[str]) -> list[tuple[Column, bool]]:
    """Every column that the list may have, and whether it has it."""
    shown = columns_of(schema, chosen)
    rest = [column for column in _ordered(schema) if column not in shown and column.name != "id"]
    return [*((column, True) for column in shown), *((column, False) for column in rest)]


def _ordered(schema: FormSchema) -> list[Column]:
    return [*schema.fields, *(column for column in schema.columns.values() if column.field_id is None)]


def _page(query: EntityQuery, given: QueryDict, faults: list[str]) -> tuple[int, list[EntityRow], Total]:
    """The number of the page, its records and how many match; none where that is too dear, told in `faults`."""
    page = page_number(given.get("p"))
    try:
        rows, total = page_and_total(query, PER_PAGE, (page - 1) * PER_PAGE)
        if not rows and total.number and total.is_exact:
            page = -(-total.number // PER_PAGE)
            rows = query.page(PER_PAGE, (page - 1) * PER_PAGE)
        elif not rows and page > 1 and not total.is_exact:  # where the last page is, nobody knows
            page, rows = 1, query.page(PER_PAGE)
        return page if rows else 1, rows, total
    except TooExpensive as refused:
        faults += [f"{fault.label}: {fault.message}" if fault.label else fault.message for fault in refused.faults]
        return 1, [], Total(0, is_exact=False)


def _row(schema: FormSchema, columns: Iterable[Column], record: Mapping[str, Any]) -> dict[str, Any]:
    primary = schema.primary
    label = " ".join(part.text for part in parts(primary, record)) if primary else ""
    return {
        "id": record["id"],
        "label": label[:LABEL],
        "url": reverse("admin:forms_app_customform_record", args=[schema.id, record["id"]]),
        "cells": [_cell(column, record) for column in columns],
    }


def _cell(column: Column, record: Mapping[str, Any]) -> dict[str, Any]:
    """A value for the list; a short one stays on one line."""
    if column.field_id is None:
        value = record[column.name]
        shown = [Part(person(value) if isinstance(value, Mapping) else moment(str(value)))]
    else:
        shown = shortened(parts(column, record), LABEL)
    return {"label": column.label, "parts": shown, "short": sum(len(part.text) for part in shown) <= 24}


def _tab(schema: FormSchema, actor: Actor, name: str, faults: list[str]) -> Terms:
    if name in SCOPES:
        return SCOPES[name](schema, actor, directory_of(actor.organization_id))
    tab = schema.tabs.get(name)
    if tab is None:
        faults += [_("There is no such tab.")] if name else []
        return Terms()
    terms, wrong = tab_terms(schema, tab.filters, tab.sort)
    faults += [each.fault.message for each in wrong]
    return terms


def _tabs(schema: FormSchema, actor: Actor, given: QueryDict) -> list[tuple[str, str, bool]]:
    """(label, address, whether it is this one); nothing is a platform operator's own."""
    own = [("mine", _("Mine")), ("department", _("My department"))] if actor.member_id else []
    tabs = [("", _("All")), *own, *((tab.name, tab.label) for tab in schema.tabs.values() if tab.name not in SCOPES)]
    now = given.get("tab", "")
    return [
        (label, address(given, without="o", tab=name), name == ("" if now == "all" else now)) for name, label in tabs
    ]


def _searched(schema: FormSchema, name: str) -> Column | None:
    """The field that is searched: the one named, else the primary field, else the first that can be."""
    if name:
        return schema.columns.get(name)
    first = [schema.primary] if schema.primary else []
    return next((c for c in (*first, *schema.fields) if c.type.is_searchable(c)), None)


def _search(schema: FormSchema, column: Column | None, given: QueryDict, faults: list[str]) -> Search | None:
    name, text = given.get("in", ""), given.get("q", "")
    if not text:
        return None
    parser = Parser(schema)
    search = parser.search(name or (column.name if column else None), text)
    faults += [fault.message for _path, fault, _column in parser.wrong]
    return search


def _sorts(schema: FormSchema, order: str) -> tuple[Sort, ...]:
    column = schema.columns.get(order.removeprefix("-"))
    if column is None or column.type.sort_expression(column) is None:
        return ()
    return (Sort(column, descending=order.startswith("-")),)


def _headings(columns: Iterable[Column], given: QueryDict) -> list[Heading]:
    order = given.get("o", "")
    headings = []
    for column in columns:
        if column.type.sort_expression(column) is None:
            headings.append(Heading(str(column.label)))
            continue
        direction = {column.name: "asc", f"-{column.name}": "desc"}.get(order, "")
        wanted = f"-{column.name}" if direction == "asc" else column.name
        headings.append(Heading(str(column.label), address(given, o=wanted), direction))
    return headings
