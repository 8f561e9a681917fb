"""A form's tabs: named selections, parsed when they are saved as the terms of every request are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault
from forms_app.field_types.base import excerpt
from forms_app.models import CustomForm, FormTab
from forms_app.records.query.parsing import tab_terms
from forms_app.records.query.scopes import SCOPES
from forms_app.schema.form_schema import build_schema


def tabs_save(
    *, form: CustomForm, tabs: Sequence[Mapping[str, Any]], unsaved: Collection[str], faults: list[Fault]
) -> None:
    """Make the form's tabs these, in this order; faults are added under `tabs[n]`. `unsaved` are fields that are
    refused themselves: what a tab says of them can't be judged yet. In the caller's transaction."""
    stored = {tab.name: tab for tab in form.tabs.all()}
    schema = build_schema(form.pk)
    seen: set[str] = set()
    for place, values in enumerate(tabs):
        name, path = str(values.get("name") or ""), f"tabs[{place}]"
        label = str(values.get("label") or "").strip()
        if not name.isidentifier() or not name.isascii() or len(name) > 64 or name in SCOPES or name in seen:
            message = _("A tab's name is one word of letters, digits and _, once in the form, not a built-in one.")
            faults.append(Fault("invalid_name", message, field=f"{path}.name", label=label, got=excerpt(name)))
            continue
        seen.add(name)
        filters, sort = values.get("filters") or [], values.get("sort") or []
        wrong = [wrong.placed() for wrong in tab_terms(schema, filters, sort, unsaved)[1]]
        faults += [replace(fault, field=f"{path}.{fault.field}", label=label) for fault in wrong]
        tab = stored.get(name) or FormTab(custom_form=form, name=name)
        tab.label = (label or name)[:100]
        tab.filters, tab.sort = ([], []) if wrong else (filters, sort)
        tab.position = place
        tab.save()
    for name, tab in stored.items():
        if name not in seen:
            tab.delete()
