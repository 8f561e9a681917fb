"""Apps, forms, groups, fields and options as clients read them (facts of the document: custom_forms, custom_fields)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from forms_app.field_types import registry
from forms_app.field_types._times import shown, stored
from forms_app.models import CustomApp, CustomField, CustomForm, Member, Status
from forms_app.schema.form_schema import FormSchema


def time_of(moment: datetime) -> str:
    """ISO-8601 with three fraction digits and the offset."""
    return shown(stored(moment))


def member_of(member: Member | None) -> dict[str, Any] | None:
    """The person in the document's short shape."""
    if member is None:
        return None
    return {
        "uid": member.uid,
        "name": member.name,
        "phone": member.phone,
        "path_uid": member.path_uid,
        "third_userid": member.third_userid,
    }


def status_of(row: Any) -> dict[str, str]:
    return {
        "status": row.status,
        "status_i18n": gettext("enabled") if row.status == Status.ENABLE else gettext("disabled"),
    }


def times_of(row: Any) -> dict[str, str]:
    return {"created_at": time_of(row.created_at), "updated_at": time_of(row.updated_at)}


def app_of(app: CustomApp) -> dict[str, Any]:
    return {
        "id": app.pk,
        "name": app.name,
        **status_of(app),
        "description": app.description,
        **times_of(app),
        "creator": member_of(app.creator),
        "update_user": member_of(app.update_user),
    }


def field_of(field: CustomField, primary_id: int | None, options: Iterable[Any] = ()) -> dict[str, Any]:
    """A field; a choice field's setting holds its options, the primary field's what the document shows of one."""
    setting = dict(field.setting)
    if field.field_type in registry and field.type.has_options:
        setting["options"] = [
            {
                "value": option.value,
                "label": option.label,
                "status": option.status,
                "parent": option.parent.value if option.parent else None,
            }
            for option in options
        ]
    if field.pk == primary_id:
        setting |= {
            "required": bool(setting.get("required")),
            "primary_field": True,
            "custom_column_name": field.name,
            "field_update_options": {"cannot_destroy": True, "status_readonly": True, "required_readonly": False},
        }
    return {
        "id": field.pk,
        "name": field.name,
        "label": field.label,
        **status_of(field),
        "field_type": field.field_type,
        "field_type_i18n": str(field.type.label) if field.field_type in registry else field.field_type,
        "custom_field_group_id": field.custom_field_group_id,
        "setting": setting,
        **times_of(field),
        # An addition, so behind all: n of FORMITM_<n>, as the ticket API and spreadsheets may name the field.
        "number": field.number,
    }


def _computed(field: CustomField) -> bool:
    return field.field_type in registry and field.type.computed


def form_of(form: CustomForm, schema: FormSchema) -> dict[str, Any]:
    """A form as `schema` shows it to somebody: a primary field that is hidden from them is none."""
    primary = form.primary_field
    if primary and primary.name in schema.hidden:
        primary = None
    return {
        "id": form.pk,
        "name": form.name,
        "data_table_name": form.data_table_name,
        **status_of(form),
        "setting": form.setting,
        "description": form.description,
        "custom_app_id": form.custom_app_id,
        **times_of(form),
        "primary_field": field_of(primary, primary.pk) if primary else None,
        "creator": member_of(form.creator),
        "update_user": member_of(form.update_user),
    }


def form_design_of(form: CustomForm, schema: FormSchema) -> dict[str, Any]:
    """A form as `schema` shows it, with its groups of fields and its tabs, the built-in ones first. Four statements,
    whatever its size."""
    groups = list(form.field_groups.all())
    fields: dict[int, list[dict[str, Any]]] = {group.pk: [] for group in groups}
    rows = form.custom_fields.order_by("position", "id").prefetch_related("options__parent")
    for field in rows:
        if field.name in schema.hidden or (schema.hidden and field.name in schema.disabled and _computed(field)):
            continue  # of a computed field that is disabled nobody knows any more what it reads
        fields[field.custom_field_group_id].append(field_of(field, form.primary_field_id, field.options.all()))
    own_tabs = [(name, label) for name, label in form.tabs.values_list("name", "label") if name in schema.tabs]
    tabs = [("all", gettext("All")), ("mine", gettext("Mine")), ("department", gettext("My department"))]
    return {
        **form_of(form, schema),
        "custom_field_groups": [
            {
                "id": group.pk,
                "label": group.label,
                "position": group.position,
                "status": group.status,
                "custom_fields": fields[group.pk],
            }
            for group in groups
        ],
        "tabs": [{"name": name, "label": label} for name, label in [*tabs, *own_tabs]],
    }
