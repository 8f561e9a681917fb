"""The parameters of a search → terms. What their parser refuses is said of the API's parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from apaas.requests.readers import fault, items
from forms_app.exceptions import Fault, Refused
from forms_app.people.actor import Actor
from forms_app.people.directory import OrganizationDirectory
from forms_app.records.presentation import known_keys
from forms_app.records.query import Search, Terms
from forms_app.records.query.parsing import Parser, Wrong, tab_terms
from forms_app.records.query.scopes import SCOPES
from forms_app.schema.form_schema import FormSchema


def search_terms(
    schema: FormSchema, values: Mapping[str, Any], actor: Actor, directory: OrganizationDirectory
) -> Terms:
    """The terms of a list or ids call: its tab's, filters, search, sort. Raises Refused."""
    faults: list[Fault] = []
    tab = scope(schema, values.get("scope"), actor, directory, faults)
    parser = Parser(schema)
    filters = parser.filters(values.get("filters"))
    search = parser.search(values.get("search_column_name"), values.get("query"))
    sorts = parser.sorts(values.get("sort"))
    faults += said_of_parameters(parser.wrong)
    if faults:
        raise Refused(faults)
    return Terms(tab.filters + filters, search, sorts or tab.sorts)


def label_search(schema: FormSchema, term: str | None) -> Search | None:
    """What finds records by a part of their label. Raises Refused."""
    if term is None:
        return None
    if schema.primary is None:
        raise Refused([fault("query", "not_searchable", _("The form has no primary field."), term)])
    parser = Parser(schema)
    search = parser.search_in(schema.primary, term)
    if parser.wrong:
        raise Refused(said_of_parameters(parser.wrong))
    return search


def scope(
    schema: FormSchema, name: str | None, actor: Actor, directory: OrganizationDirectory, faults: list[Fault]
) -> Terms:
    """The terms of a tab."""
    built_in = SCOPES.get("all" if name is None else name)
    if built_in is not None:
        return built_in(schema, actor, directory)
    tab = schema.tabs.get(str(name))
    if tab is None:
        allowed = [*SCOPES, *schema.tabs]
        faults.append(fault("scope", "unknown_scope", _("The form has no such tab."), name, allowed))
        return Terms()
    terms, wrong = tab_terms(schema, tab.filters, tab.sort)
    faults += said_of_parameters(wrong, "scope")
    return terms


def said_of_parameters(wrong: Iterable[Wrong], parameter: str = "") -> list[Fault]:
    """Faults as clients know them. `field` is the column of a filter or sort key, else the parameter that began the
    path (`parameter` instead, if given) with the key that is wrong; `index` is the place in the parameter's list, at
    whatever depth the fault lies below it."""
    faults = []
    for (first, *rest), original, name in wrong:
        key = f".{rest[-1]}" if rest and isinstance(rest[-1], str) else ""
        index = rest[0] if rest and isinstance(rest[0], int) else None
        field = name if rest and name is not None else f"{parameter or first}{key}"
        faults.append(replace(original, field=field, index=index))
    return faults


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
            unknown = schema.field_fault(str(name)[:128])
            faults.append(replace(unknown, allowed=sorted(known)[:100], index=index))
        elif name in names:
            faults.append(fault(place, "repeated", _("This name is there twice."), name, index=index))
        else:
            names[str(name)] = None
    if faults:
        raise Refused(faults)
    return tuple(names)
