"""Checking a computed field's formula when it is saved: its text, its types, its cycles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused
from forms_app.flows.pinning import flows_pin
from forms_app.formula import Formula, FormulaFault, FormulaRefused, Resolved, compile_formula, find_cycle, pinned_text
from forms_app.models import CustomField, FormulaReference
from forms_app.schema.form_schema import build_schema

Node = tuple[int, str]
"""A field: (its form's id, its name)."""


def checked_formula(field: CustomField, text: str) -> tuple[Formula, dict[str, Any]]:
    """The formula of a field, and what its setting keeps of it: the text with each reference under its name, the
    result's type, whether it moves with the clock. Raises Refused with the position of each fault."""
    schema = build_schema(field.custom_form_id)

    def resolve(path: tuple[str, ...]) -> Resolved | None:
        return schema.resolve(path)

    try:
        formula = compile_formula(text, resolve)
    except FormulaRefused as refused:
        raise Refused(map(formula_fault, refused.faults)) from None
    _refuse_cycle(field, formula)
    own = [schema.by_field[path[0]] for path in formula.references if len(path) == 1]
    volatile = formula.volatile or any(not column.type.is_stored(column) for column in own)
    return formula, {
        "formula": formula.canonical_text,
        "result": formula.result.kind,
        "result_is_list": formula.result.is_list,
        "volatile": volatile,
    }


def formula_fault(fault: FormulaFault) -> Fault:
    """A fault in a formula's text, in the caller's language, with its place in the text as its index."""
    return Fault(
        f"formula_{fault.code}",
        fault.said(_),
        field="formula",
        index=fault.position,
        got={"line": fault.line, "column": fault.column},
    )


def _targets(field: CustomField, formula: Formula) -> set[tuple[str, Node]]:
    """What the formula reads: (relation field or "", field read)."""
    schema = build_schema(field.custom_form_id)
    targets: set[tuple[str, Node]] = set()
    for path in formula.references:
        if len(path) == 1:
            targets.add(("", (field.custom_form_id, path[0])))
            continue
        column = schema.by_field[path[0]]
        form_id = column.type.related_form_id(column.setting)
        assert form_id is not None  # it resolved
        targets.add((path[0], (form_id, path[1])))
    return targets


def _refuse_cycle(field: CustomField, formula: Formula) -> None:
    """Raises Refused when the field would read itself, by whatever way through whatever forms."""
    organization = field.custom_form.organization_id
    graph: dict[Node, set[Node]] = {}
    rows = FormulaReference.objects.filter(custom_field__custom_form__organization_id=organization)
    for form_id, name, target_form, target in rows.exclude(custom_field=field).values_list(
        "custom_field__custom_form_id", "custom_field__name", "target_form_id", "target_name"
    ):
        graph.setdefault((form_id, name), set()).add((target_form, target))
    graph[(field.custom_form_id, field.name)] = {node for _relation, node in _targets(field, formula)}
    cycle = find_cycle(graph)
    if cycle:
        way = " → ".join(name for _form, name in cycle)
        raise Refused([Fault("formula_cycle", _("The formula reads itself: {way}").format(way=way), field="formula")])


def references_save(field: CustomField, formula: Formula) -> None:
    """Note what the field reads, so that a write knows whom it concerns."""
    wanted = {(relation, form_id, name) for relation, (form_id, name) in _targets(field, formula)}
    references = {(r.relation, r.target_form_id, r.target_name): r for r in field.formula_references.all()}
    for key, reference in references.items():
        if key not in wanted:
            reference.delete()
    for relation, form_id, name in sorted(wanted - references.keys()):
        FormulaReference.objects.create(custom_field=field, relation=relation, target_form_id=form_id, target_name=name)


def formulas_pin(field: CustomField) -> None:
    """Write the options of a field as tokens in all formulas and flows that were saved before tokens were kept. To be
    called before an option gets another label."""
    readers = CustomField.objects.filter(
        formula_references__target_form_id=field.custom_form_id, formula_references__target_name=field.name
    )
    for reader in readers.distinct():
        for text in pinned_formulas(reader.custom_form_id, [reader]).values():
            CustomField.objects.filter(pk=reader.pk).update(setting={**reader.setting, "formula": text})
    flows_pin(field.custom_form.organization_id)


def pinned_formulas(form_id: int, fields: Iterable[CustomField]) -> dict[str, str]:
    """Stored formula of these fields of a form → the same with options as tokens; none that are so already."""
    texts = {text for field in fields if (text := field.type.formula(field.setting))}
    if not texts:
        return {}
    schema = build_schema(form_id)
    pinned = {text: pinned_text(text, schema.resolve) for text in texts}
    return {text: new for text, new in pinned.items() if new != text}
