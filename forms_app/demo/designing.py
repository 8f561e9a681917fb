"""Short ways to write a form's design down (shape: `forms_app.design.forms.design_of`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Option = tuple[str, str] | tuple[str, str, str]
"""(token, label) or (token, label, token of the option above)."""


def group(label: str, *fields: dict[str, Any]) -> dict[str, Any]:
    """A titled block of fields."""
    return {"label": label, "fields": list(fields)}


def field(name: str, field_type: str, label: str, options: Sequence[Option] = (), **setting: Any) -> dict[str, Any]:
    """A field with its setting."""
    return {
        "name": name,
        "field_type": field_type,
        "label": label,
        "setting": setting,
        "options": [
            {"value": value, "label": text, "parent": above[0] if above else None} for value, text, *above in options
        ],
    }


def tab(name: str, label: str, filters: list[dict[str, Any]], sort: list[dict[str, str]]) -> dict[str, Any]:
    """A tab: filters and sort as a request's."""
    return {"name": name, "label": label, "filters": filters, "sort": sort}
