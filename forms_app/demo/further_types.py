"""A field of each type that came after the demo was written down: a new type is shown there by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from django.utils import translation

from forms_app.demo.designing import field
from forms_app.field_types import FieldType, registry


def further_fields(groups: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Fields of the types that these groups have none of."""
    used = {item["field_type"] for group in groups for item in group["fields"]}
    return [_field(field_type) for field_type in registry if field_type.name not in used]


def _field(field_type: FieldType) -> dict[str, Any]:
    options = [(o.value, o.label, o.parent) if o.parent else (o.value, o.label) for o in field_type.example_options]
    with translation.override("zh-hans"):
        label = str(field_type.label)
    name = f"{field_type.prefix}_1691125929072_c0ffee"
    return field(name, field_type.name, label, options, **field_type.example_setting(23))


def further_values(random: Random, fields: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A worked example of its type for each of the fields that are written."""
    types = {item["name"]: registry.get(item["field_type"]) for item in fields}
    return {name: random.choice(kind.accepts)[0] for name, kind in types.items() if kind.accepts}
