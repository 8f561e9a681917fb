"""A form's tabs: named selections, checked when they are saved as the API checks a request's filters and sort."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from forms_app.exact_json import exact
from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column
from forms_app.field_types.base import excerpt
from forms_app.models import CustomForm, FormTab
from forms_app.records.query.terms import AnyFilter, Filter, Sort, Terms
from forms_app.schema.form_schema import FormSchema, build

BUILT_IN_TABS = ("all", "mine", "department")


def tabs_save(
    *, form: CustomForm, tabs: Sequence[Mapping[str, Any]], unsaved: Collection[str], faults: list[Fault]
) -> None:
    """Make the form's tabs these, in this order; faults are added under `tabs[n]`. `unsaved` are fields that are
    refused themselves: what a tab says of them can't be judged yet. In the caller's transaction."""
    held = {tab.name: tab for tab in form.tabs.all()}
    schema = build(form.pk)
    seen: set[str] = set()
    for place, values in enumerate(tabs):
        name, path = str(values.get("name") or ""), f"tabs[{place}]"
        label = str(values.get("label") or "").strip()
        if not name.isidentifier() or not name.isascii() or len(name) > 64 or name in BUILT_IN_TABS or name in seen:
            message = _("A tab's name is one word of letters, digits and _, once in the form, not a built-in one.")
            faults.append(Fault("invalid_name", message, field=f"{path}.name", label=label, got=excerpt(name)))
            continue
        seen.add(name)
        filters, sort = values.get("filters") or [], values.get("sort") or []
        wrong = tab_terms(schema, filters, sort, unsaved)[1]
        faults += [replace(fault, field=f"{path}.{fault.field}", label=label) for fault in wrong]
        tab = held.get(name) or FormTab(custom_form=form, name=name)
        tab.label = (label or name)[:100]
        tab.filters, tab.sort = ([], []) if wrong else (filters, sort)
        tab.position = place
        tab.save()
    for name, tab in held.items():
        if name not in seen:
            tab.delete()


def tab_terms(schema: FormSchema, filters: Any, sort: Any, unsaved: Collection[str] = ()) -> tuple[Terms, list[Fault]]:
    """A tab's stored filters and sort as terms, and what is wrong with them: a fault's field is its place, such as
    `filters[1]`. What names a field of `unsaved` is left out."""
    faults: list[Fault] = []
    found = _filters(schema, exact(filters), "filters", unsaved, faults)
    sorts = _sorts(schema, sort, unsaved, faults)
    return Terms(filters=found, sorts=sorts), faults


def _filters(
    schema: FormSchema, raw: Any, path: str, unsaved: Collection[str], faults: list[Fault], depth: int = 0
) -> tuple[Filter | AnyFilter, ...]:
    if not isinstance(raw, list) or len(raw) > settings.MAX_FILTERS or depth > 4:
        faults.append(Fault("wrong_type", _("Expected a list of filters."), field=path, got=excerpt(raw)))
        return ()
    found: list[Filter | AnyFilter] = []
    for place, item in enumerate(raw):
        here = f"{path}[{place}]"
        if isinstance(item, Mapping) and set(item) == {"or"}:
            inner = _filters(schema, item["or"], f"{here}.or", unsaved, faults, depth + 1)
            found += [AnyFilter(inner)] if inner else []
            continue
        try:
            term = _filter(schema, item, unsaved)
        except Refused as refused:
            faults += [replace(fault, field=here) for fault in refused.faults]
        else:
            found += [term] if term else []
    return tuple(found)


def _filter(schema: FormSchema, item: Any, unsaved: Collection[str]) -> Filter | None:
    if not isinstance(item, Mapping) or not {"name", "op"} <= set(item) <= {"name", "op", "value"}:
        message = _('A filter is {"name": …, "op": …, "value": …}.')
        raise Refused([Fault("wrong_type", message, got=excerpt(item))])
    name, op = str(item["name"]), str(item["op"])
    if name in unsaved:
        return None
    column = _column(schema, name)
    if op not in column.lookups:
        message = _("{label} has no operator {op}.").format(label=column.label, op=excerpt(str(op)))
        raise Refused([Fault("unknown_operator", message, got=excerpt(op), allowed=sorted(column.lookups))])
    value = item.get("value")
    if value in (None, "", []) and op not in ("empty", "not_empty"):
        raise Refused([Fault("required", _("A value to compare with is needed."), got=excerpt(value))])
    return Filter(column, op, column.operand(op, value))


def _column(schema: FormSchema, name: Any) -> Column:
    column = schema.columns.get(name) if isinstance(name, str) else None
    if column is None:
        raise Refused([schema.field_fault(excerpt(str(name)))])
    return column


def _sorts(schema: FormSchema, raw: Any, unsaved: Collection[str], faults: list[Fault]) -> tuple[Sort, ...]:
    if not isinstance(raw, list) or len(raw) > settings.MAX_SORT_ITEMS:
        faults.append(Fault("wrong_type", _("Expected a list of sort keys."), field="sort", got=excerpt(raw)))
        return ()
    sorts: list[Sort] = []
    for place, item in enumerate(raw):
        try:
            sort = _sort(schema, item, unsaved)
        except Refused as refused:
            faults += [replace(fault, field=f"sort[{place}]") for fault in refused.faults]
        else:
            sorts += [sort] if sort else []
    return tuple(sorts)


def _sort(schema: FormSchema, item: Any, unsaved: Collection[str]) -> Sort | None:
    if not isinstance(item, Mapping) or len(item) != 1 or not all(way in ("asc", "desc") for way in item.values()):
        raise Refused([Fault("wrong_type", _('A sort key is {"field name": "asc" or "desc"}.'), got=excerpt(item))])
    ((name, direction),) = item.items()
    if name in unsaved:
        return None
    column = _column(schema, name)
    if column.type.sort_expression(column) is None:
        raise Refused([Fault("not_sortable", _("{label} does not sort.").format(label=column.label), got=name)])
    return Sort(column, descending=direction == "desc")
