"""The schemas of the OpenAPI document: the envelope, what stands in it, and a form's own fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from forms_app.field_types import Column
from forms_app.field_types.system_columns import RECORD_KEYS
from forms_app.records.presentation import known_keys
from forms_app.records.query.parsing import filterable, searchable, sortable
from forms_app.records.query.scopes import SCOPES
from forms_app.schema.form_schema import FormSchema

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


OF_FORM: Mapping[str, Schema] = {
    "filters": {"type": "array", "items": ref("FilterItem")},
    "sort": {"type": "array", "items": ref("SortItem")},
    "only_field_names": {"type": "array", "items": ref("RecordKey"), "uniqueItems": True},
    "search_column_name": ref("SearchColumn"),
    "scope": ref("Scope"),
    "form_entity": ref("FormEntity"),
    "field_name": ref("FormulaField"),
}
"""The parameters whose values depend on the form."""

ANSWERS: Mapping[str, str] = {
    "custom_apps": "CustomAppsAnswer",
    "custom_forms": "CustomFormsAnswer",
    "custom_form": "CustomFormAnswer",
    "list": "RecordsAnswer",
    "ids": "IdsAnswer",
    "simple": "SimpleAnswer",
    "detail": "RecordAnswer",
    "create": "RecordAnswer",
    "update": "RecordAnswer",
    "transfer": "DoneAnswer",
    "mass_destroy": "DoneAnswer",
    "evaluate": "ValueAnswer",
    "upload": "FileAnswer",
    "download": "",
}
"""The schema of each call's answer."""


def nullable(schema: Schema) -> Schema:
    """The schema with null allowed."""
    widened = dict(schema)
    if "type" not in widened:
        return widened
    kinds = widened["type"] if isinstance(widened["type"], list) else [widened["type"]]
    widened["type"] = [*kinds, "null"] if "null" not in kinds else kinds
    if "enum" in widened:
        widened["enum"] = [*widened["enum"], None]
    if "x-enum-descriptions" in widened:
        widened["x-enum-descriptions"] = [*widened["x-enum-descriptions"], ""]
    return widened


def thing(properties: Schema, required: list[str] | None = None) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    return schema | ({"required": required} if required else {})


def success(data: Schema | None) -> Schema:
    """The envelope around `data`; None: without it."""
    properties: Schema = {
        "code": {"type": "integer", "const": 0},
        "message": {"type": "string", "const": "success"},
        "remark": {"type": "string"},
    }
    if data is not None:
        properties["data"] = data
    return thing(properties, list(properties))


def paged(model: Schema, totals: bool = True) -> Schema:
    natural, open_end = {"type": "integer", "minimum": 0}, {"type": ["integer", "null"], "minimum": 1}
    counts = {"total_count": natural, "total_pages": natural} if totals else {}
    rest = {
        "next_page": open_end,
        "prev_page": open_end,
        "current_page": {"type": "integer", "minimum": 1},
        "per_page": {"type": "integer", "minimum": 1},
        "page": {"type": "integer", "minimum": 1},
    }
    # `without_count` leaves the totals out, so they are not required.
    return thing({"models": {"type": "array", "items": model}, **counts, **rest}, ["models", *rest])


def continued(model: Schema) -> Schema:
    """A page by cursor, which has no number."""
    natural: Schema = {"type": "integer", "minimum": 0}
    required = {"models": {"type": "array", "items": model}, "per_page": natural, "next_cursor": TEXT_OR_NULL}
    return thing({**required, "total_count": natural, "total_pages": natural}, list(required))


TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
ID: Schema = {"type": "integer", "minimum": 1}
TIME: Schema = {"type": "string", "format": "date-time"}
PERSON = thing({"uid": ID, "name": TEXT} | dict.fromkeys(("phone", "path_uid", "third_userid"), TEXT_OR_NULL), ["uid"])
STATUS: Schema = {"status": {"type": "string", "enum": ["enable", "disable"]}, "status_i18n": TEXT}
TIMES: Schema = {"created_at": TIME, "updated_at": TIME}
MAKERS: Schema = {"creator": nullable(PERSON), "update_user": nullable(PERSON)}
CUSTOM_FIELD = thing(
    {
        "id": ID,
        "name": TEXT,
        "label": TEXT,
        **STATUS,
        "field_type": TEXT,
        "field_type_i18n": TEXT,
        "custom_field_group_id": ID,
        "setting": {"type": "object"},
        **TIMES,
        "number": ID,
    }
)
CUSTOM_FORM: Schema = {
    "id": ID,
    "name": TEXT,
    "data_table_name": TEXT,
    **STATUS,
    "setting": {"type": "object"},
    "description": TEXT_OR_NULL,
    "custom_app_id": ID,
    **TIMES,
    "primary_field": {"anyOf": [ref("CustomField"), {"type": "null"}]},
    **MAKERS,
}
GROUP = thing({"id": ID, "label": TEXT, "position": {"type": "integer"}, "status": TEXT})
GROUP["properties"]["custom_fields"] = {"type": "array", "items": ref("CustomField")}
TAB = thing({"name": TEXT, "label": TEXT}, ["name", "label"])
FAULT = thing(
    {
        **dict.fromkeys(("field", "label", "code", "message"), TEXT),
        "allowed": {},
        "got": {},
        "index": {"type": "integer"},
        "row": {"type": "integer"},
    },
    ["field", "code", "message"],
)
FIXED: Mapping[str, Schema] = {
    "Fault": FAULT,
    "Failure": thing(
        {
            "code": {"type": "integer"},
            "message": TEXT,
            "remark": TEXT,
            "data": {"type": "null"},
            "errors": {"type": "array", "items": ref("Fault")},
            "request_id": TEXT,
        },
        ["code", "message", "remark", "data", "errors", "request_id"],
    ),
    "Person": PERSON,
    "CustomApp": thing({"id": ID, "name": TEXT, **STATUS, "description": TEXT_OR_NULL, **TIMES, **MAKERS}),
    "CustomField": CUSTOM_FIELD,
    "CustomForm": thing(CUSTOM_FORM),
    "CustomFormDesign": thing(
        {
            **CUSTOM_FORM,
            "custom_field_groups": {"type": "array", "items": GROUP},
            "tabs": {"type": "array", "items": TAB},
        }
    ),
    "File": thing(
        {
            "id": ID,
            "name": TEXT,
            "file_file_name": TEXT,
            "file_content_type": TEXT,
            "file_file_size": {"type": "integer", "minimum": 0},
            "file_url": TEXT,
        },
        ["name", "file_url"],
    ),
    "CustomAppsAnswer": success(paged(ref("CustomApp"))),
    "CustomFormsAnswer": success(paged(ref("CustomForm"))),
    "CustomFormAnswer": success(ref("CustomFormDesign")),
    "RecordsAnswer": success({"anyOf": [paged(ref("Record")), continued(ref("Record"))]}),
    "RecordAnswer": success(ref("Record")),
    "IdsAnswer": success(thing({"ids": {"type": "array", "items": ID}}, ["ids"])),
    "SimpleAnswer": success(paged(thing({"value": ID, "label": {}, "id": ID}, ["value", "label", "id"]), totals=False)),
    "ValueAnswer": success(thing({"value": {}}, ["value"])),
    "FileAnswer": success(ref("File")),
    "DoneAnswer": success(None),
}
SYSTEM: Mapping[str, Schema] = {
    "id": ID,
    "app_id": ID,
    "custom_form_id": ID,
    "organization_id": ID,
    "custom_form_data_table_name": TEXT,
    "primary_field_value": {},
    "user": ref("Person"),
    **TIMES,
}


def components(schema: FormSchema | None) -> Schema:
    """All schemas, those of records and terms as the form makes them."""
    return {**FIXED, **(of_form(schema) if schema else of_any_form())}


def of_any_form() -> Schema:
    anything: Schema = {"type": "object"}
    return {
        "Record": thing({key: SYSTEM[key] for key in RECORD_KEYS}) | {"additionalProperties": True},
        "FormEntity": anything,
        "NewFormEntity": anything,
        "FilterItem": filter_item(None),
        "SortItem": sort_item(None),
        "RecordKey": TEXT,
        "SearchColumn": TEXT,
        "Scope": TEXT,
        "FormulaField": TEXT,
    }


def of_form(schema: FormSchema) -> Schema:
    """The form's fields: what is written, what is read, what each parameter may name."""
    written = {column.name: field_schema(column) for column in schema.fields if column.type.writable}
    shown: Schema = {key: SYSTEM[key] for key in RECORD_KEYS}
    for column in schema.fields:
        shown |= shown_schemas(column)
    entity = thing(written) | {"additionalProperties": False}
    required = [column.name for column in schema.required if column.name not in schema.defaults]
    new = {"allOf": [ref("FormEntity"), {"required": required}]} if required else ref("FormEntity")
    return {
        "Record": thing(shown) | {"additionalProperties": False},
        "FormEntity": entity,
        "NewFormEntity": new,
        "FilterItem": filter_item(schema),
        "SortItem": sort_item(schema),
        "RecordKey": one_of(sorted(known_keys(schema))),
        "SearchColumn": one_of(searchable(schema)),
        "Scope": one_of([*SCOPES, *schema.tabs]),
        "FormulaField": one_of(list(schema.formulas)),
    }


def one_of(names: list[str]) -> Schema:
    """One of these names; any text where there is none."""
    return {"type": "string", "enum": names} if names else dict(TEXT)


def titled(column: Column, schema: Schema) -> Schema:
    return {"title": column.label, **schema, "x-field-type": column.type.name}


def field_schema(column: Column) -> Schema:
    """What may be written to a field; null clears it."""
    schema = column.value_field.written_schema()
    written = titled(column, schema if column.required else nullable(schema))
    return written | {"description": ". ".join(filter(None, [str(column.type.label), schema.get("description")]))}


def shown_schemas(column: Column) -> Schema:
    """The record's keys of a field: the value, and the labels beside a choice."""
    schema = column.value_field.shown_schema()
    texts: Schema = {"type": ["array", "null"], "items": TEXT_OR_NULL}
    display = TEXT_OR_NULL if schema.get("type") == "string" else texts
    value = titled(column, nullable(schema)) | ({} if column.type.writable else {"readOnly": True})
    first, *others = (key for key, _show in column.type.keys(column))
    return {first: value, **{key: display | {"readOnly": True} for key in others}}


def filter_item(schema: FormSchema | None) -> Schema:
    """A filter or a group joined by OR."""
    name = one_of(filterable(schema)) if schema else dict(TEXT)
    columns = schema.columns.values() if schema else ()
    ops = one_of(sorted({op for column in columns for op in column.lookups}))
    single = thing({"name": name, "op": ops, "value": {}}, ["name", "op"]) | {"additionalProperties": False}
    group = thing({"or": {"type": "array", "items": ref("FilterItem"), "minItems": 1}}, ["or"])
    return {
        "anyOf": [single, group | {"additionalProperties": False}],
        "description": _("The operators of a field depend on its type: see the page of a call."),
    }


def sort_item(schema: FormSchema | None) -> Schema:
    item: Schema = {
        "type": "object",
        "additionalProperties": {"type": "string", "enum": ["asc", "desc"]},
        "minProperties": 1,
        "maxProperties": 1,
    }
    return item | ({"propertyNames": {"enum": sortable(schema)}} if schema else {})
