"""The parameters of a search → `forms_app.records.query` terms, refusing whatever is unknown, all faults at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from apaas.requests.parameters import fault, items
from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column
from forms_app.field_types._text import search_term
from forms_app.people.actor import Actor
from forms_app.people.directory import OrganizationDirectory
from forms_app.records.presentation import known_keys
from forms_app.records.query import AnyFilter, Filter, Search, Sort, Terms
from forms_app.schema.form_schema import FormSchema

BUILT_IN = ("all", "mine", "department")


def search_terms(
    schema: FormSchema, values: Mapping[str, Any], actor: Actor, directory: OrganizationDirectory
) -> Terms:
    """The terms of a list or ids call: its tab's, filters, search, sort. Raises Refused."""
    faults: list[Fault] = []
    tab = scope(schema, values.get("scope"), actor, directory, faults)
    own = filters(schema, values.get("filters"), "filters", faults)
    found = search(schema, values.get("search_column_name"), values.get("query"), faults)
    order = sorts(schema, values.get("sort"), "sort", faults)
    if faults:
        raise Refused(faults)
    return Terms(tab.filters + own, found, order or tab.sorts)


def scope(
    schema: FormSchema, name: str | None, actor: Actor, directory: OrganizationDirectory, faults: list[Fault]
) -> Terms:
    """The terms of a tab."""
    owner = schema.columns["user"]
    if name is None or name == "all":
        return Terms()
    if name == "mine":
        return Terms((Filter(owner, "in", {"user_ids": (actor.uid,)}),))
    if name == "department":
        dids = tuple(directory.departments_of(actor.uid))
        return Terms((Filter(owner, "in", {"department_ids": dids}),))
    tab = schema.tabs.get(name)
    if tab is None:
        allowed = [*BUILT_IN, *schema.tabs]
        faults.append(fault("scope", "unknown_scope", _("The form has no such tab."), name, allowed))
        return Terms()
    return Terms(filters(schema, tab.filters, "scope", faults), None, sorts(schema, tab.sort, "scope", faults))


def filters(schema: FormSchema, raw: Any, place: str, faults: list[Fault]) -> tuple[Filter | AnyFilter, ...]:
    """The filters of a list of {"name", "op", "value"} and {"or": [...]} groups; faults carry the filter's index."""
    if raw is None:
        return ()
    try:
        listed = items(place, raw, settings.MAX_FILTERS)
    except Refused as refused:
        faults += refused.faults
        return ()
    found: list[Filter | AnyFilter] = []
    budget = [settings.MAX_FILTERS]
    for index, item in enumerate(listed):
        try:
            found.append(one_filter(schema, item, place, budget))
        except Refused as refused:
            faults += [replace(f, index=index) for f in refused.faults]
    return tuple(found)


def one_filter(schema: FormSchema, raw: Any, place: str, budget: list[int]) -> Filter | AnyFilter:
    """One filter or group; `budget` counts down over all of them. Raises Refused."""
    budget[0] -= 1
    if budget[0] < 0:
        message = _("At most {limit} items are allowed.").format(limit=settings.MAX_FILTERS)
        raise Refused([fault(place, "too_many_items", message, allowed={"max": settings.MAX_FILTERS})])
    if not isinstance(raw, Mapping):
        raise Refused([fault(place, "wrong_object", _('Expected {"name", "op", "value"}.'), raw)])
    if "or" in raw:
        return any_filter(schema, raw, place, budget)
    faults = unknown_keys(raw, ("name", "op", "value"), place)
    name, op = raw.get("name"), raw.get("op")
    faults += [
        fault(f"{place}.{key}", "required", _("Expected a text."), raw.get(key))
        for key in ("name", "op")
        if not isinstance(raw.get(key), str) or not raw.get(key)
    ]
    if faults:
        raise Refused(faults)
    column = schema.columns.get(name) if isinstance(name, str) else None
    if column is None:
        raise Refused([unknown_name(schema, name, filterable(schema))])
    if op not in column.lookups:
        allowed = sorted(column.lookups)
        message = _("This field has no operator {op}.").format(op=str(op)[:40])
        raise Refused([replace(fault(column.name, "unknown_operator", message, op, allowed), label=str(column.label))])
    value = raw.get("value")
    if op not in ("empty", "not_empty") and (value is None or value == "" or value == [] or value == {}):
        message = _("A value is needed.")
        raise Refused([replace(fault(column.name, "required", message), label=str(column.label))])
    return Filter(column, str(op), column.operand(str(op), value))


def any_filter(schema: FormSchema, raw: Mapping[str, Any], place: str, budget: list[int]) -> AnyFilter:
    """A group joined by OR; groups may hold groups. Raises Refused."""
    faults = unknown_keys(raw, ("or",), place)
    inner = raw["or"]
    if isinstance(inner, str) or not isinstance(inner, Sequence) or not inner:
        faults.append(fault(f"{place}.or", "wrong_list", _("Expected a list."), inner))
    if faults:
        raise Refused(faults)
    found = []
    for item in inner:
        try:
            found.append(one_filter(schema, item, place, budget))
        except Refused as refused:
            faults += refused.faults
    if faults:
        raise Refused(faults)
    return AnyFilter(tuple(found))


def search(schema: FormSchema, name: Any, query: Any, faults: list[Fault]) -> Search | None:
    """`query` in the field `search_column_name`. A query without a field is refused, a field without a query is not
    a restriction."""
    if name is None:
        if query is not None:
            allowed = searchable(schema)
            message = _("search_column_name must say in which field.")
            faults.append(fault("search_column_name", "required", message, allowed=allowed))
        return None
    column = schema.columns.get(name)
    if column is None:
        faults.append(replace(unknown_name(schema, name, searchable(schema)), field="search_column_name"))
        return None
    if not column.type.is_searchable(column):
        message = _("This field can't be searched.")
        found = fault("search_column_name", "not_searchable", message, name, searchable(schema))
        faults.append(replace(found, label=str(column.label)))
        return None
    return None if query is None else primary_search(column, query, faults)


def primary_search(column: Column, query: Any, faults: list[Fault]) -> Search | None:
    """`query` in this column."""
    try:
        return Search(column, search_term(column.value_field, query))
    except Refused as refused:
        faults += [f.named("query") for f in refused.faults]
        return None


def sorts(schema: FormSchema, raw: Any, place: str, faults: list[Fault]) -> tuple[Sort, ...]:
    """The keys of a list of {"name": "asc" | "desc"}."""
    if raw is None:
        return ()
    try:
        listed = items(place, raw, settings.MAX_SORT_ITEMS)
    except Refused as refused:
        faults += refused.faults
        return ()
    found: list[Sort] = []
    for index, item in enumerate(listed):
        problem = None
        if not isinstance(item, Mapping) or len(item) != 1:
            problem = fault(place, "wrong_object", _('Expected one {"field name": "asc" or "desc"}.'), item)
        else:
            ((name, direction),) = item.items()
            column = schema.columns.get(name)
            if column is None:
                problem = unknown_name(schema, name, sortable(schema))
            elif column.type.sort_expression(column) is None:
                problem = fault(name, "not_sortable", _("This field does not sort."), allowed=sortable(schema))
            elif direction not in ("asc", "desc"):
                problem = fault(name, "unknown_direction", _("Expected asc or desc."), direction, ["asc", "desc"])
            elif name in [sort.column.name for sort in found]:
                problem = fault(name, "repeated", _("This name is there twice."))
            else:
                found.append(Sort(column, direction == "desc"))
        if problem:
            faults.append(replace(problem, index=index))
    return tuple(found)


def projection(schema: FormSchema, raw: Any) -> tuple[str, ...] | None:
    """The checked `only_field_names`, or None for the full record. Raises Refused."""
    if raw is None:
        return None
    place = "only_field_names"
    known = known_keys(schema)
    faults: list[Fault] = []
    names: dict[str, None] = {}
    for index, name in enumerate(items(place, raw, settings.MAX_ONLY_FIELD_NAMES)):
        if not isinstance(name, str):
            faults.append(fault(place, "wrong_text", _("Expected a text."), name, index=index))
        elif name not in known:
            faults.append(replace(unknown_name(schema, name, sorted(known)[:100]), index=index))
        elif name in names:
            faults.append(fault(place, "repeated", _("This name is there twice."), name, index=index))
        else:
            names[str(name)] = None
    if faults:
        raise Refused(faults)
    return tuple(names)


def unknown_keys(raw: Mapping[str, Any], known: Iterable[str], place: str) -> list[Fault]:
    allowed = list(known)
    return [
        fault(
            f"{place}.{str(key)[:64]}", "unknown_key", _("Unknown key {key}.").format(key=str(key)[:64]), key, allowed
        )
        for key in raw
        if key not in allowed
    ]


def unknown_name(schema: FormSchema, name: Any, allowed: list[str]) -> Fault:
    found = schema.field_fault(str(name)[:128])
    return replace(found, allowed=allowed)


def filterable(schema: FormSchema) -> list[str]:
    return [name for name, column in schema.columns.items() if column.lookups][:100]


def searchable(schema: FormSchema) -> list[str]:
    return [name for name, column in schema.columns.items() if column.type.is_searchable(column)][:100]


def sortable(schema: FormSchema) -> list[str]:
    return [name for name, column in schema.columns.items() if column.type.sort_expression(column) is not None][:100]
