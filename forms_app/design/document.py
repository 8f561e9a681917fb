"""A form's design as a whole: what the designer shows and `form_design` takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch

from forms_app.field_types import registry
from forms_app.formula import find_cycle, topological_order
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
        "keeps_history": form.history_since is not None,
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
        "indexed": field.indexed,
        "setting": field.setting,
        "options": [
            {"value": o.value, "label": o.label, "status": o.status, "parent": tokens.get(o.parent_id or 0)}
            for o in options
        ],
    }


def saving_order(fields: Sequence[Mapping[str, Any]]) -> list[int]:
    """The places of a design's fields in the order to save them: plain ones as they stand, then each computed one
    behind those it reads, since what a formula gives hangs on what they give."""
    texts = {place: text for place, values in enumerate(fields) if (text := _formula(values))}
    places = {str(fields[place].get("label") or ""): place for place in texts}
    places.update({str(fields[place].get("name") or ""): place for place in texts})
    graph = {
        place: [places[name] for name in _REFERENCE.findall(text) if name in places] for place, text in texts.items()
    }
    computed = list(texts) if find_cycle(graph) else topological_order(graph)  # saving tells of a cycle
    return [*(place for place in range(len(fields)) if place not in texts), *computed]


_REFERENCE = re.compile(r"\{\s*([^{}.]+?)\s*\}")


def _formula(values: Mapping[str, Any]) -> str:
    field_type = values.get("field_type")
    if field_type not in registry:
        return ""
    return str(registry.get(str(field_type)).formula(values.get("setting") or {}) or "")
