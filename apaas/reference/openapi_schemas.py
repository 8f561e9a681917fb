"""The schemas of the OpenAPI document: the envelope, what stands in it, and a form's own fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from apaas.reference.term_schemas import TEXT, Schema, ref, terms, thing
from apaas.requests.readers import ID_SCHEMA
from forms_app.field_types import Column
from forms_app.records.changes.entries import ACTIONS, SOURCES
from forms_app.schema.form_schema import FormSchema

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
    "mass_create": "MassAnswer",
    "mass_update": "MassAnswer",
    "mass_upsert": "MassAnswer",
    "mass_destroy": "DoneAnswer",
    "history": "ChangesAnswer",
    "changes": "ChangesAnswer",
    "trash": "TrashAnswer",
    "restore": "IdsAnswer",
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


TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
ID: Schema = dict(ID_SCHEMA)
TIME: Schema = {"type": "string", "format": "date-time"}
PERSON = thing({"uid": ID, "name": TEXT} | dict.fromkeys(("phone", "path_uid", "third_userid"), TEXT_OR_NULL), ["uid"])
PERSON_OR_NULL: Schema = {"anyOf": [ref("Person"), {"type": "null"}]}
DESTROYED: Schema = {"destroyed_at": TIME, "destroyed_by": PERSON_OR_NULL}
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
NATURAL: Schema = {"type": "integer", "minimum": 0}
ROW_STATUS: Schema = {"type": "string", "enum": ["created", "updated", "unchanged", "refused"]}
COUNTS: Schema = dict.fromkeys(ROW_STATUS["enum"], NATURAL)
"""What a mass call did to its rows."""
WRITTEN_ROW: Schema = {
    "index": NATURAL,
    "status": ROW_STATUS,
    "id": {"type": ["integer", "null"]},
    "version": {"type": ["integer", "null"]},
    "record": ref("Record"),
    "errors": {"type": "array", "items": ref("Fault")},
}
CHANGE = thing(
    {
        "id": ID,
        "version": ID,
        "action": {"type": "string", "enum": list(ACTIONS)},
        "at": TIME,
        "user": PERSON_OR_NULL,
        "source": {"type": "string", "enum": list(SOURCES)},
        "token": nullable(thing({"id": ID, "name": TEXT})),
        "request_id": TEXT_OR_NULL,
        "changes": {
            "type": "array",
            "items": thing(
                {"field": TEXT, "label": TEXT, "before": {}, "after": {}},
                ["field", "label", "before", "after"],
            ),
        },
    }
)
"""An entry of the change log."""
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
    "ValueAnswer": success(thing({"value": {}, "reason": TEXT}, ["value"])),
    "FileAnswer": success(ref("File")),
    "DoneAnswer": success(None),
    "ChangesAnswer": success(
        thing({"models": {"type": "array", "items": CHANGE}, "per_page": NATURAL, "next_cursor": TEXT_OR_NULL})
    ),
    "TrashAnswer": success(paged(ref("DestroyedRecord"))),
    "MassAnswer": success(
        thing(
            {**COUNTS, "results": {"type": "array", "items": thing(WRITTEN_ROW, ["index", "status", "id", "version"])}},
            [*COUNTS, "results"],
        )
    ),
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
    "version": NATURAL,
}
"""Of RECORD_KEYS and ASKED_KEYS."""


def components(schema: FormSchema | None) -> Schema:
    """All schemas, those of records and terms as the form makes them."""
    return {**FIXED, **(of_form(schema) if schema else of_any_form())}


def of_any_form() -> Schema:
    anything: Schema = {"type": "object"}
    return {
        "Record": thing(dict(SYSTEM)) | {"additionalProperties": True},
        "DestroyedRecord": thing({**SYSTEM, **DESTROYED}) | {"additionalProperties": True},
        "FormEntity": anything,
        "NewFormEntity": anything,
        **terms(None),
    }


def of_form(schema: FormSchema) -> Schema:
    """The form's fields: what is written, what is read, what each parameter may name."""
    labels = Counter(column.label for column in schema.fields)
    # Generators of clients name types by their titles.
    titles = {c.name: c.label if labels[c.label] == 1 else f"{c.label} ({c.name})" for c in schema.fields}
    written = {c.name: field_schema(c, titles[c.name]) for c in schema.fields if c.type.writable}
    shown: Schema = dict(SYSTEM)
    for column in schema.fields:
        shown |= shown_schemas(column, titles[column.name])
    entity = thing(written) | {"additionalProperties": False}
    required = [column.name for column in schema.required if column.name not in schema.defaults]
    new = {"allOf": [ref("FormEntity"), {"required": required}]} if required else ref("FormEntity")
    return {
        "Record": thing(shown) | {"additionalProperties": False},
        "DestroyedRecord": thing(shown | DESTROYED) | {"additionalProperties": False},
        "FormEntity": entity,
        "NewFormEntity": new,
        **terms(schema),
    }


def titled(column: Column, title: str, schema: Schema) -> Schema:
    return {"title": title, **schema, "x-field-type": column.type.name}


def field_schema(column: Column, title: str) -> Schema:
    """What may be written to a field; null clears it."""
    schema = column.value_field.written_schema()
    written = titled(column, title, schema if column.required else nullable(schema))
    return written | {"description": ". ".join(filter(None, [str(column.type.label), schema.get("description")]))}


def shown_schemas(column: Column, title: str) -> Schema:
    """The record's keys of a field: the value, and the labels beside a choice."""
    schema = column.value_field.shown_schema()
    texts: Schema = {"type": ["array", "null"], "items": TEXT_OR_NULL}
    display = TEXT_OR_NULL if schema.get("type") == "string" else texts
    value = titled(column, title, nullable(schema)) | ({} if column.type.writable else {"readOnly": True})
    first, *others = (key for key, _show in column.type.keys(column))
    return {first: value, **{key: display | {"readOnly": True} for key in others}}
