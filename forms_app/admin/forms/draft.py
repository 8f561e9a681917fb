"""A design that is not saved yet, as far as checking a formula needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from forms_app.design.formula_fields import formula_fault
from forms_app.exceptions import Refused
from forms_app.field_types import Column, Option, registry
from forms_app.formula import FormulaRefused, compile_formula
from forms_app.models import CustomForm
from forms_app.schema.columns import expression
from forms_app.schema.form_schema import FormSchema, build_schema


def checked_draft(form: CustomForm, design: Any, text: str) -> dict[str, Any]:
    """What the formula gives in this design: {"result", "is_list", "volatile", "canonical"}. Raises Refused with the
    place of each fault in the text as its index."""
    saved = build_schema(form.pk)
    schema = replace(saved, fields=_columns(saved, design)) if isinstance(design, Mapping) else saved
    try:
        formula = compile_formula(text, schema.resolve)
    except FormulaRefused as refused:
        raise Refused(map(formula_fault, refused.faults)) from None
    return {
        "result": formula.result.kind,
        "is_list": formula.result.is_list,
        "volatile": formula.volatile,
        "canonical": formula.canonical_text,
    }


def _columns(saved: FormSchema, design: Mapping[str, Any]) -> tuple[Column, ...]:
    """The enabled fields of the design that their types accept."""
    columns = []
    for group in design.get("groups") or ():
        for values in group.get("fields") or ():
            if group.get("status") != "disable" and values.get("status") != "disable":
                column = _column(saved, values)
                columns += [column] if column else []
    return tuple(columns)


def _column(saved: FormSchema, values: Mapping[str, Any]) -> Column | None:
    name, field_type = str(values.get("name") or ""), str(values.get("field_type") or "")
    if field_type not in registry or not name.isidentifier() or not name.isascii():
        return None
    kind = registry.get(field_type)
    saved_column = saved.by_field.get(name)
    if saved_column is not None and saved_column.type is kind and kind.computed:
        return replace(saved_column, label=str(values.get("label") or name))
    options = {
        str(o.get("value")): Option(str(o.get("value")), str(o.get("label") or ""), True, o.get("parent"))
        for o in values.get("options") or ()
    }
    draft = Column(name, str(values.get("label") or name), kind, expression(name), values.get("setting") or {}, options)
    try:
        return replace(draft, setting=kind.checked_setting(draft))
    except Refused:
        return None
