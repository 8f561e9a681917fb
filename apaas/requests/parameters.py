"""What each call takes: a table of parameters, read by the views, the browsable API and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apaas.requests.change_parameters import AS_OF, CHANGES, HISTORY, TRASH
from apaas.requests.export_parameters import EXPORT
from apaas.requests.people_parameters import PAGING, PARTIAL, PEOPLE_CALLS
from apaas.requests.readers import (
    ID_SCHEMA,
    IDS_SCHEMA,
    Parameter,
    anything,
    boolean,
    fault,
    identifier,
    identifiers,
    integer,
    mapping,
    objects,
    one_of,
    spelt_mapping,
    text,
    version,
)
from apaas.requests.webhook_parameters import WEBHOOK_CALLS
from forms_app.exceptions import Fault, Refused
from forms_app.models import Status
from forms_app.records.cleaning import MAX_FAULTS

LAST_SECOND = 2**53 - 1
CUSTOM_FORM = Parameter("custom_form_id", identifier, gettext_lazy("The form."), required=True, schema=ID_SCHEMA)
QUIET = (
    Parameter("custom_app_id", identifier, gettext_lazy("Accepted; the form says its app."), schema=ID_SCHEMA),
    Parameter("request_ticket", text, gettext_lazy("Accepted without effect."), schema={"type": "string"}),
    Parameter("without_count", boolean, gettext_lazy("Leave the two totals out."), schema={"type": "boolean"}),
    Parameter("format", anything, gettext_lazy("Accepted without effect."), schema={"type": "string"}),
    Parameter("_", anything, gettext_lazy("Accepted without effect: jQuery adds it."), schema={"type": "string"}),
    Parameter("csrfmiddlewaretoken", anything, gettext_lazy("Accepted without effect.")),
)
"""Accepted on every call."""
CURSOR = Parameter(
    "cursor",
    text,
    gettext_lazy("Pages by position instead of number: * for the first, then each answer's next_cursor."),
    schema={"type": "string"},
)
TERMS = (
    Parameter(
        "search_column_name",
        text,
        gettext_lazy("The field of a text type that `query` is searched in."),
        schema={"type": "string"},
    ),
    Parameter(
        "query",
        text,
        gettext_lazy("A part of the text, of any length from 1."),
        schema={"type": "string", "maxLength": settings.MAX_QUERY_LENGTH},
    ),
    Parameter(
        "filters",
        anything,
        gettext_lazy('A list of {"name", "op", "value"}, joined by AND; {"or": […]} groups.'),
        schema={"type": "array", "items": {"type": "object"}},
    ),
    Parameter(
        "sort",
        anything,
        gettext_lazy('A list of {"field name": "asc" or "desc"}; default: updated_at desc.'),
        schema={"type": "array", "items": {"type": "object"}},
    ),
    Parameter(
        "scope", text, gettext_lazy("A tab of the form: all, mine, department or its own."), schema={"type": "string"}
    ),
)
VERSION = Parameter(
    "version",
    version,
    gettext_lazy("The version that the record must have, as If-Match says it: else 412, and nothing is written."),
    schema=ID_SCHEMA,
)
ONLY_FIELD_NAMES = Parameter(
    "only_field_names",
    anything,
    gettext_lazy("The names to answer with, instead of the full record."),
    schema={"type": "array", "items": {"type": "string"}},
)
FORM_ENTITY = Parameter(
    "form_entity",
    mapping,
    gettext_lazy("The record's values by field name; null clears."),
    required=True,
    schema={"type": "object"},
)
FORM_ENTITIES = Parameter(
    "form_entities",
    objects(lambda: settings.MAX_MASS_IDS),
    gettext_lazy("1 to 1000 objects of values by field name."),
    required=True,
    schema={"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": settings.MAX_MASS_IDS},
)
FORM_ENTITY_CHANGES = replace(
    FORM_ENTITIES,
    explains=gettext_lazy("1 to 1000 objects: id, form_entity with the values to change, and a version if it matters."),
)
KEY = Parameter(
    "key",
    text,
    gettext_lazy("The unique field that tells which record a row means."),
    required=True,
    schema={"type": "string"},
)
IDS = Parameter(
    "ids",
    identifiers,
    gettext_lazy("1 to 1000 record ids: all or none."),
    required=True,
    schema=IDS_SCHEMA,
)

DEFINITIONS = (
    Parameter(
        "status",
        one_of(Status.values),
        gettext_lazy("enable or disable."),
        schema={"type": "string", "enum": Status.values},
    ),
    Parameter("name", text, gettext_lazy("A part of the name."), schema={"type": "string"}),
)

CALLS: dict[str, tuple[Parameter, ...]] = {
    "list": (CUSTOM_FORM, *TERMS, *PAGING, CURSOR, ONLY_FIELD_NAMES),
    "ids": (CUSTOM_FORM, *TERMS),
    "export": (CUSTOM_FORM, *TERMS, ONLY_FIELD_NAMES, *EXPORT),
    "simple": (
        CUSTOM_FORM,
        Parameter(
            "query",
            text,
            gettext_lazy("A part of the primary field's text."),
            schema={"type": "string", "maxLength": settings.MAX_QUERY_LENGTH},
        ),
        *PAGING,
    ),
    "create": (CUSTOM_FORM, FORM_ENTITY, ONLY_FIELD_NAMES),
    "update": (
        CUSTOM_FORM,
        FORM_ENTITY,
        ONLY_FIELD_NAMES,
        VERSION,
        Parameter("id", identifier, gettext_lazy("If sent, the path's."), schema=ID_SCHEMA),
    ),
    "mass_create": (CUSTOM_FORM, FORM_ENTITIES, PARTIAL, ONLY_FIELD_NAMES),
    "mass_update": (CUSTOM_FORM, FORM_ENTITY_CHANGES, PARTIAL, ONLY_FIELD_NAMES),
    "mass_upsert": (CUSTOM_FORM, KEY, FORM_ENTITIES, PARTIAL, ONLY_FIELD_NAMES),
    "detail": (
        CUSTOM_FORM,
        ONLY_FIELD_NAMES,
        AS_OF,
        Parameter("id", identifier, gettext_lazy("If sent, the path's."), schema=ID_SCHEMA),
    ),
    "evaluate": (
        CUSTOM_FORM,
        Parameter("field_name", text, gettext_lazy("The formula field."), required=True, schema={"type": "string"}),
        Parameter(
            "id",
            identifier,
            gettext_lazy("The record whose values stand where form_entity has none."),
            schema=ID_SCHEMA,
        ),
        Parameter("form_entity", spelt_mapping, gettext_lazy("Unsaved values."), default={}, schema={"type": "object"}),
    ),
    "transfer": (
        CUSTOM_FORM,
        IDS,
        Parameter("to_user_uid", identifier, gettext_lazy("The new owner's uid."), required=True, schema=ID_SCHEMA),
    ),
    "mass_destroy": (CUSTOM_FORM, IDS),
    "history": (CUSTOM_FORM, *HISTORY),
    "changes": (CUSTOM_FORM, *CHANGES),
    "trash": (CUSTOM_FORM, *TRASH),
    "restore": (CUSTOM_FORM, IDS),
    "custom_apps": (*DEFINITIONS, *PAGING),
    "custom_forms": (
        Parameter("custom_app_id", identifier, gettext_lazy("The app."), schema=ID_SCHEMA),
        *DEFINITIONS,
        *PAGING,
    ),
    "custom_form": (),
    **PEOPLE_CALLS,
    **WEBHOOK_CALLS,
    "upload": (),
    "download": (
        Parameter(
            "until",
            integer(0, lambda: LAST_SECOND),
            gettext_lazy("Until when the address works without a token, in seconds since 1970."),
            schema={"type": "integer", "format": "int64", "minimum": 0},
        ),
        Parameter(
            "signature",
            text,
            gettext_lazy("What shows that the server gave the address out."),
            schema={"type": "string"},
        ),
    ),
    "docs": (Parameter("custom_form_id", identifier, gettext_lazy("The form to describe."), schema=ID_SCHEMA),),
}


def checked(
    call: str, params: Mapping[str, Any], extra: Iterable[Parameter] = ()
) -> tuple[dict[str, Any], list[Fault]]:
    """The values of a call's parameters by name, defaults filled in, and every fault: wrong values, missing ones,
    unknown names."""
    known, defaults = _known(call)
    values = dict(defaults)
    for parameter in extra:
        known = {**known, parameter.name: parameter}
        values[parameter.name] = parameter.default
    faults: list[Fault] = []
    for name, raw in params.items():
        if len(faults) >= MAX_FAULTS:
            break
        if name not in known:
            message = _("This call has no such parameter.")
            faults.append(fault(name[:128], "unknown_parameter", message, raw, sorted(known)))
            continue
        try:
            values[name] = known[name].read(name, raw)
        except Refused as refused:
            faults += refused.faults
    for name, parameter in known.items():
        if parameter.required and name not in params:
            faults.append(fault(name, "required", _("This parameter is needed.")))
    return values, faults


@cache
def _known(call: str) -> tuple[dict[str, Parameter], dict[str, Any]]:
    """A call's parameters, and their defaults, by name."""
    known = {parameter.name: parameter for parameter in (*QUIET, *CALLS[call])}
    return known, {name: parameter.default for name, parameter in known.items()}
