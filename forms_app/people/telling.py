"""A thing as a box of choice names it: with where it belongs, since others may bear its name."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from forms_app.models import CustomApp, CustomForm, Department, Flow

M = TypeVar("M", bound=Model)


def told(thing: Model, *, to_operator: bool) -> str:
    """The thing's name and what it stands in; to a platform's operator also whose it is."""
    parts = [str(thing)]
    organization = getattr(thing, "organization", None)
    if isinstance(thing, CustomApp | CustomForm):
        parts[0] = f"{thing} #{thing.pk}"
    if isinstance(thing, CustomForm):
        parts.append(str(thing.custom_app))
    elif isinstance(thing, Department) and thing.parent is not None:
        parts.append(str(thing.parent))
    elif isinstance(thing, Flow):
        parts.append(str(thing.custom_form))
        organization = thing.custom_form.organization
    if to_operator and organization is not None:
        parts.append(str(organization))
    return " · ".join(parts)


def with_where(rows: QuerySet[M]) -> QuerySet[M]:
    """The rows with what is told of each, by one statement."""
    kind = rows.model
    if issubclass(kind, CustomForm):
        return rows.select_related("custom_app", "organization")
    if issubclass(kind, Flow):
        return rows.select_related("custom_form__organization")
    if issubclass(kind, Department):
        return rows.select_related("organization", "parent")
    return rows.select_related("organization") if issubclass(kind, CustomApp) else rows
