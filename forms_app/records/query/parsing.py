"""Filters, sort and search as clients write them → terms: one grammar for lists, tabs and pages. What is wrong is told
by its path, all of it at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column
from forms_app.field_types.base import excerpt
from forms_app.operators import operators
from forms_app.operators.like import Contains
from forms_app.records.query.terms import AnyFilter, Filter, Search, Sort, Terms
from forms_app.schema.form_schema import FormSchema

Path = tuple[str | int, ...]
"""Where something stands: ("filters", 2, "or", 1, "value")."""


class Wrong(NamedTuple):
    """A fault, its path, and the name of the column that it is about; None where it is about the shape."""

    path: Path
    fault: Fault
    name: str | None = None

    def placed(self) -> Fault:
        """The fault with its path as the field: `filters[2].or[1].value`."""
        text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return replace(self.fault, field=text.removeprefix("."))


class Parser:
    """Reads the terms of one form and collects in `wrong` what it refuses.

    What names a field of `unsaved` is left out: it can't be judged yet.
    """

    def __init__(self, schema: FormSchema, unsaved: Collection[str] = ()) -> None:
        self.schema = schema
        self.unsaved = unsaved
        self.wrong: list[Wrong] = []
        self.left = 0

    def filters(self, raw: Any) -> tuple[Filter | AnyFilter, ...]:
        """The filters of a list of {"name", "op", "value"} and {"or": [...]} groups, at most MAX_FILTERS with what the
        groups hold; one of them stands for a list of it; None for none."""
        self.left = settings.MAX_FILTERS
        path = ("filters",)
        return tuple(self._each(self._items(raw, path, settings.MAX_FILTERS), path))

    def sorts(self, raw: Any) -> tuple[Sort, ...]:
        """The keys of a list of {"name": "asc" | "desc"}, at most MAX_SORT_ITEMS, each name once; one of them stands
        for a list of it; None for none."""
        sorts: dict[str, Sort] = {}
        for place, item in enumerate(self._items(raw, ("sort",), settings.MAX_SORT_ITEMS)):
            sort = self._sort(item, ("sort", place), sorts)
            if sort is not None:
                sorts[sort.column.name] = sort
        return tuple(sorts.values())

    def search(self, name: Any, query: Any) -> Search | None:
        """`query` in the field `name`. A query without a field is refused, a field without a query is not a
        restriction."""
        path = ("search_column_name",)
        if name is None:
            if query is not None:
                message = _("search_column_name must say in which field.")
                self.refuse("required", path, message, allowed=searchable(self.schema))
            return None
        column = self.schema.columns.get(name)
        if column is None:
            self._refuse_name(path, name, searchable(self.schema))
            return None
        if not column.type.is_searchable(column):
            message = _("This field can't be searched.")
            allowed = searchable(self.schema)
            self.refuse("not_searchable", path, message, name, allowed, label=str(column.label))
            return None
        return None if query is None else self.search_in(column, query)

    def search_in(self, column: Column, query: Any) -> Search | None:
        """`query` in this column."""
        try:
            return search_in(column, query)
        except Refused as refused:
            self.wrong += [Wrong(("query",), fault.named("", column.label)) for fault in refused.faults]
            return None

    def _items(self, raw: Any, path: Path, most: int) -> Sequence[Any]:
        """`raw` if it is a list of at most `most` items; an object stands for a list of it."""
        if raw is None:
            return ()
        if isinstance(raw, Mapping) and raw:
            return [raw]
        if isinstance(raw, str) or not isinstance(raw, Sequence):
            self.refuse("wrong_list", path, _("Expected a list."), raw)
            return ()
        if len(raw) > most:
            message = _("At most {limit} items are allowed.").format(limit=most)
            self.refuse("too_many_items", path, message, len(raw), {"max": most})
            return ()
        return raw

    def _each(self, items: Sequence[Any], path: Path) -> Iterator[Filter | AnyFilter]:
        for place, item in enumerate(items):
            term = self._filter(item, (*path, place))
            if term is not None:
                yield term

    def _filter(self, raw: Any, path: Path) -> Filter | AnyFilter | None:
        """One filter or group."""
        self.left -= 1
        if self.left < 0:
            message = _("At most {limit} items are allowed.").format(limit=settings.MAX_FILTERS)
            self.refuse("too_many_items", path, message, allowed={"max": settings.MAX_FILTERS})
            return None
        if not isinstance(raw, Mapping):
            self.refuse("wrong_object", path, _('Expected {"name", "op", "value"}.'), raw)
            return None
        return self._any_filter(raw, path) if "or" in raw else self._one_filter(raw, path)

    def _any_filter(self, raw: Mapping[str, Any], path: Path) -> AnyFilter | None:
        """A group joined by OR; groups may hold groups."""
        complete = self._known_keys(raw, ("or",), path)
        inner = raw["or"]
        if isinstance(inner, str) or not isinstance(inner, Sequence) or not inner:
            self.refuse("wrong_list", (*path, "or"), _("Expected a list."), inner)
            return None
        filters = tuple(self._each(inner, (*path, "or"))) if complete else ()
        return AnyFilter(filters) if filters else None

    def _one_filter(self, raw: Mapping[str, Any], path: Path) -> Filter | None:
        complete = self._known_keys(raw, ("name", "op", "value"), path)
        name, op, value = raw.get("name"), raw.get("op"), raw.get("value")
        for key, text in (("name", name), ("op", op)):
            if not isinstance(text, str) or not text:
                self.refuse("required", (*path, key), _("Expected a text."), text)
                complete = False
        if not complete or name in self.unsaved:
            return None
        name, op = str(name), str(op)
        column = self.schema.columns.get(name)
        if column is None:
            self._refuse_name((*path, "name"), name, filterable(self.schema))
            return None
        if op not in column.lookups:
            message = _("This field has no operator {op}.").format(op=op[:40])
            self.refuse("unknown_operator", (*path, "op"), message, op, sorted(column.lookups), name, str(column.label))
            return None
        if (value is None or value == "" or value == [] or value == {}) and operators.get(op).compares:
            message = _("A value is needed.")
            self.refuse("required", (*path, "value"), message, name=name, label=str(column.label))
            return None
        try:
            return Filter(column, op, column.operand(op, value))
        except Refused as refused:
            for fault in refused.faults:
                item = () if fault.index is None else (fault.index,)
                self.wrong.append(Wrong((*path, "value", *item), fault, name))
            return None

    def _sort(self, raw: Any, path: Path, taken: Collection[str]) -> Sort | None:
        if not isinstance(raw, Mapping) or len(raw) != 1:
            self.refuse("wrong_object", path, _('Expected one {"field name": "asc" or "desc"}.'), raw)
            return None
        ((name, direction),) = raw.items()
        if name in self.unsaved:
            return None
        column = self.schema.columns.get(name)
        if column is None:
            self._refuse_name(path, name, sortable(self.schema))
        elif column.type.sort_expression(column) is None:
            message = _("This field does not sort.")
            allowed, label = sortable(self.schema), str(column.label)
            self.refuse("not_sortable", path, message, allowed=allowed, name=name, label=label)
        elif direction not in ("asc", "desc"):
            message = _("Expected asc or desc.")
            self.refuse("unknown_direction", path, message, direction, ["asc", "desc"], name, str(column.label))
        elif name in taken:
            self.refuse("repeated", path, _("This name is there twice."), name=name, label=str(column.label))
        else:
            return Sort(column, direction == "desc")
        return None

    def _known_keys(self, raw: Mapping[str, Any], known: Sequence[str], path: Path) -> bool:
        """Whether there are no others."""
        unknown = [key for key in raw if key not in known]
        for key in unknown:
            name = str(key)[:64]
            self.refuse("unknown_key", (*path, name), _("Unknown key {key}.").format(key=name), key, list(known))
        return not unknown

    def _refuse_name(self, path: Path, name: Any, allowed: list[str]) -> None:
        fault = self.schema.field_fault(str(name)[:128])
        self.wrong.append(Wrong(path, replace(fault, allowed=allowed), fault.field))

    def refuse(
        self,
        code: str,
        path: Path,
        message: str,
        got: Any = None,
        allowed: Any = None,
        name: str | None = None,
        label: str = "",
    ) -> None:
        """Note a fault; `name` and `label` are those of the column that it is about."""
        fault = Fault(code, message, label=label, got=excerpt(got), allowed=allowed)
        self.wrong.append(Wrong(path, fault, name))


def tab_terms(
    schema: FormSchema, filters: Any, sort: Any, unsaved: Collection[str] = ()
) -> tuple[Terms, Sequence[Wrong]]:
    """A tab's stored filters and sort as terms, and what is wrong with them."""
    parser = Parser(schema, unsaved)
    return Terms(parser.filters(filters), None, parser.sorts(sort)), parser.wrong


def search_in(column: Column, text: Any) -> Search:
    """What finds the records whose column contains the text. Raises Refused."""
    return Search(column, column.operand(Contains.name, text))


def filterable(schema: FormSchema) -> list[str]:
    """The first hundred names that a filter may have."""
    return [name for name, column in schema.columns.items() if column.lookups][:100]


def searchable(schema: FormSchema) -> list[str]:
    return [name for name, column in schema.columns.items() if column.type.is_searchable(column)][:100]


def sortable(schema: FormSchema) -> list[str]:
    return [name for name, column in schema.columns.items() if column.type.sort_expression(column) is not None][:100]
