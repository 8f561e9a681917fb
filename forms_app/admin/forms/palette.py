"""What the designer's page knows of field types, forms and functions: plain values for JSON. No type is named here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from forms_app.field_types import Column, FieldType, registry
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.formula import FUNCTIONS
from forms_app.models import CustomForm
from forms_app.operators import operators
from forms_app.people.actor import Actor
from forms_app.people.roles import forms_in_sight
from forms_app.schema.columns import expression
from forms_app.schema.form_schema import FormSchema

ICONS = {
    "text": "text_fields",
    "number": "123",
    "boolean": "toggle_on",
    "date": "calendar_today",
    "datetime": "schedule",
}


def types() -> list[dict[str, Any]]:
    """Every field type: name, label, group, what it can do, its settings. The groups come in the order in which a form
    is mostly made, those that nobody knew here at the end."""
    order = [
        _("Basic"),
        _("Contact"),
        _("Choices"),
        _("Numbers and time"),
        _("People and relations"),
        _("Places and files"),
        _("Advanced"),
    ]
    places = {label: place for place, label in enumerate(order)}
    return sorted(
        (_type(field_type) for field_type in registry), key=lambda entry: places.get(entry["group"], len(order))
    )


def _type(field_type: FieldType) -> dict[str, Any]:
    draft = Column("draft", "draft", field_type, expression("draft"), field_type.example_setting(1))
    return {
        "name": field_type.name,
        "label": str(field_type.label),
        "group": str(field_type.group),
        "prefix": field_type.prefix,
        "icon": _icon(field_type, draft),
        "has_options": field_type.has_options,
        "cascades": field_type.cascades,
        "searchable": field_type.searchable,
        "computed": field_type.computed,
        "indexed": bool(field_type.column_indexes(draft)) or field_type.computed,
        "readable": field_type.formula_type(draft) is not None,
        "settings": settings_of(field_type),
        **compares(draft),
    }


def _icon(field_type: FieldType, draft: Column) -> str:
    if field_type.computed:
        return "function"
    if field_type.numbered:
        return "tag"
    if field_type.cascades:
        return "account_tree"
    if field_type.has_options:
        return "list"
    if field_type.holds_files:
        return "attach_file"
    if field_type.related_form_id(field_type.example_setting(1)):
        return "link"
    if field_type.refers:
        return "place" if len(field_type.keys(draft)) > 1 else "groups"
    kind = field_type.formula_type(draft)
    return ICONS.get(kind.kind, "place") if kind else "place"


def compares(column: Column) -> dict[str, Any]:
    """How a tab may filter and sort a column."""
    kind = column.type.formula_type(column)
    return {
        "lookups": list(column.lookups),
        "sorts": column.type.sort_expression(column) is not None,
        "kind": kind.kind if kind and not kind.is_list else "any",
    }


def settings_of(field_type: FieldType) -> list[dict[str, Any]]:
    """The type's own settings as its serializer declares them."""
    entries = []
    for name, field in field_type.Setting(context={"column": None}).fields.items():
        if field.read_only or isinstance(field, serializers.HiddenField):
            continue
        entry: dict[str, Any] = {
            "name": name,
            "label": str(field.label or name),
            "kind": _kind(field_type, name, field),
            "required": field.required,
            "help": str(field.help_text or ""),
        }
        if isinstance(field, serializers.ChoiceField):
            entry["choices"] = [[str(value), str(label)] for value, label in field.choices.items()]
            entry["blank"] = field.allow_blank or not field.required
        default = field_type.Setting.begins.get(name, field.default)
        if default is not serializers.empty and default is not None:
            entry["default"] = default
        for bound in ("min_value", "max_value", "max_length"):
            if getattr(field, bound, None) is not None:
                entry[bound] = getattr(field, bound)
        entries.append(entry)
    return entries


def _kind(field_type: FieldType, name: str, field: serializers.Field[Any, Any, Any, Any]) -> str:
    """The control that edits a setting, told by the serializer's field and by what the type makes of the setting."""
    if field_type.related_form_id({name: 1}) == 1:
        return "form"
    if field_type.formula({name: "1"}) == "1":
        return "formula"
    if field_type.has_options and name == "default":
        return "options" if isinstance(field, serializers.ListField) else "option"
    kinds: Mapping[type, str] = {
        serializers.ChoiceField: "choice",
        serializers.ListField: "list",
        serializers.IntegerField: "int",
        serializers.DecimalField: "number",
    }
    if isinstance(field, serializers.BooleanField):
        return "maybe" if field.allow_null else "bool"
    return next((kind for cls, kind in kinds.items() if isinstance(field, cls)), "text")


def system_columns() -> list[dict[str, Any]]:
    """The columns that every form has, for tabs."""
    return [{"name": c.name, "label": str(c.label), **compares(c)} for c in SYSTEM_COLUMNS.values()]


def operator_words() -> dict[str, dict[str, str]]:
    """What tabs have to know of each operator."""
    return {operator.name: {"label": str(operator.label), "control": operator.control} for operator in operators}


def own_columns(schema: FormSchema) -> dict[str, dict[str, Any]]:
    """How the saved fields compare: a computed one as its result does."""
    return {column.name: compares(column) for column in schema.fields}


def functions() -> list[dict[str, Any]]:
    """The functions of formulas, with words in the reader's language."""
    return [
        {
            "name": f.name,
            "aliases": list(f.aliases),
            "description": _(f.english),
            "example": f.example[0],
        }
        for f in FUNCTIONS.values()
    ]


def forms_of(actor: Actor) -> list[dict[str, Any]]:
    """The forms that a field may relate to: all that exist for the actor."""
    rows = CustomForm.objects.filter(forms_in_sight(actor)).order_by("custom_app__name", "name", "id")
    return [
        {"id": pk, "label": f"{app} / {name}"} for pk, app, name in rows.values_list("pk", "custom_app__name", "name")
    ]


def readable_fields(schema: FormSchema) -> list[dict[str, Any]]:
    """The fields that a formula of another form may read through a relation, with their options where they have any."""
    return [
        {"name": column.name, "label": column.label, **_options(column.labels)}
        for column in schema.fields
        if column.type.formula_type(column) is not None and column.type.is_stored(column)
    ]


def _options(labels: Mapping[str, str]) -> dict[str, Any]:
    return {"options": [{"value": token, "label": label} for token, label in labels.items()]} if labels else {}
