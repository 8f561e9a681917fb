"""A form's design as a whole: what the designer shows and `form_design` takes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Prefetch

from forms_app.models import CustomField, CustomForm


def design_of(form: CustomForm) -> dict[str, Any]:
    """The form's design as `form_design` takes it: groups with their fields and options in order, tabs, primary.
    At most six statements, however large the form is."""
    fields = Prefetch("custom_fields", CustomField.objects.order_by("position", "id").prefetch_related("options"))
    groups = [
        {
            "id": group.pk,
            "label": group.label,
            "status": group.status,
            "fields": [_field(field) for field in group.custom_fields.all()],
        }
        for group in form.field_groups.prefetch_related(fields)
    ]
    tabs = [
        {"id": tab.pk, "name": tab.name, "label": tab.label, "filters": tab.filters, "sort": tab.sort}
        for tab in form.tabs.all()
    ]
    primary = form.primary_field.name if form.primary_field else None
    return {
        "name": form.name,
        "description": form.description,
        "status": form.status,
        "groups": groups,
        "tabs": tabs,
        "primary_field": primary,
    }


def _field(field: CustomField) -> dict[str, Any]:
    options = list(field.options.all())
    tokens = {option.pk: option.value for option in options}  # a parent is an option of the same field
    return {
        "id": field.pk,
        "name": field.name,
        "label": field.label,
        "field_type": field.field_type,
        "status": field.status,
        "number": field.number,
        "setting": field.setting,
        "options": [
            {"value": o.value, "label": o.label, "status": o.status, "parent": tokens.get(o.parent_id or 0)}
            for o in options
        ],
    }


def fingerprint(design: dict[str, Any]) -> str:
    """Equal for equal designs only. Unlike the definition version it stays when an index gets ready or a formula of
    another form begins to read this one: such must not stop an administrator's save."""
    text = json.dumps(design, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()
