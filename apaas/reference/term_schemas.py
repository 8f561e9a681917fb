"""The schemas of filters and sort, and the names that each parameter may hold: of any form, or of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from forms_app.records.presentation import known_keys
from forms_app.records.query.parsing import filterable, searchable, sortable
from forms_app.records.query.scopes import SCOPES
from forms_app.schema.form_schema import FormSchema

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def thing(properties: Schema, required: list[str] | None = None) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    return schema | ({"required": required} if required else {})


def one_of(names: list[str]) -> Schema:
    """One of these names; any text where there is none."""
    return {"type": "string", "enum": names} if names else dict(TEXT)


OF_FORM: Mapping[str, Schema] = {
    "filters": {"type": "array", "items": ref("FilterItem"), "maxItems": settings.MAX_FILTERS},
    "sort": {"type": "array", "items": ref("SortItem"), "maxItems": settings.MAX_SORT_ITEMS},
    "only_field_names": {
        "type": "array",
        "items": ref("RecordKey"),
        "uniqueItems": True,
        "maxItems": settings.MAX_ONLY_FIELD_NAMES,
    },
    "search_column_name": ref("SearchColumn"),
    "scope": ref("Scope"),
    "form_entity": ref("FormEntity"),
    "field_name": ref("FormulaField"),
}
"""The parameters whose values depend on the form."""


def terms(schema: FormSchema | None) -> Schema:
    """What these refer to, but for the record. Filters and groups have a name each: a generator of clients that meets a
    schema inside of itself makes nothing of it."""
    return {
        "FilterItem": {
            "anyOf": [ref("Filter"), ref("FilterGroup")],
            "description": _("The operators of a field depend on its type: see the page of a call."),
        },
        "Filter": filter_of(schema),
        "FilterGroup": thing({"or": {"type": "array", "items": ref("FilterItem"), "minItems": 1}}, ["or"])
        | {"additionalProperties": False},
        "SortItem": sort_item(schema),
        "RecordKey": one_of(sorted(known_keys(schema)) if schema else []),
        "SearchColumn": one_of(searchable(schema) if schema else []),
        "Scope": one_of([*SCOPES, *schema.tabs] if schema else []),
        "FormulaField": one_of(list(schema.formulas) if schema else []),
    }


def filter_of(schema: FormSchema | None) -> Schema:
    """One filter."""
    name = one_of(filterable(schema)) if schema else dict(TEXT)
    columns = schema.columns.values() if schema else ()
    ops = one_of(sorted({op for column in columns for op in column.lookups}))
    return thing({"name": name, "op": ops, "value": {}}, ["name", "op"]) | {"additionalProperties": False}


def sort_item(schema: FormSchema | None) -> Schema:
    item: Schema = {
        "type": "object",
        "additionalProperties": {"type": "string", "enum": ["asc", "desc"]},
        "minProperties": 1,
        "maxProperties": 1,
    }
    return item | ({"propertyNames": {"enum": sortable(schema)}} if schema else {})
