"""What published flows use of forms: a field that one of them names can't simply go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from forms_app.flows.compiled import CompiledFlow, compiled_flow
from forms_app.flows.language import Assignment, CallFlow, HumanInput, SetField, Stage, Start
from forms_app.formula import FormulaRefused
from forms_app.models import Flow
from forms_app.schema.form_schema import FormSchema

Use = tuple[int, str]
"""(form, name of a field)."""


def flows_using(organization_id: int, form_id: int, name: str) -> list[str]:
    """The names of the organization's published flows that write, show or read the field, or ask it who may push."""
    flows = Flow.objects.filter(custom_form__organization_id=organization_id, published__isnull=False)
    return sorted(flow.name for flow in flows.select_related("published") if (form_id, name) in set(_uses(flow)))


def _uses(flow: Flow) -> Iterator[Use]:
    compiled = _compiled(flow)
    if compiled is None:
        return
    own = compiled.schema.id
    yield from _read(compiled, (line.rule for line in compiled.definition.lines))
    for component in compiled.definition.components.values():
        if isinstance(component, Stage):
            yield from ((own, field.name) for field in component.fields or ())
            yield from _read(compiled, [component.validation.formula] if component.validation else [])
        match component:
            case Start():
                yield from _read(compiled, (variable.formula for variable in component.variables))
            case HumanInput():
                yield from ((own, name) for name in component.assignees.fields)
                for action in component.actions:
                    yield from _set(compiled, action.values, compiled)
            case SetField():
                yield from _set(compiled, component.values, compiled)
            case CallFlow():
                called = Flow.objects.select_related("published").filter(api_path=component.flow).first()
                other = _compiled(called) if called else None
                if other is not None:
                    yield from _set(other, component.inputs, compiled)
                    yield from _set(compiled, component.outputs, other)


def _compiled(flow: Flow) -> CompiledFlow | None:
    schema = FormSchema.find(flow.custom_form_id)
    if flow.published is None or schema is None:
        return None
    return compiled_flow(flow.published.pk, flow.published.definition, schema)


def _set(target: CompiledFlow, values: Iterable[Assignment], source: CompiledFlow) -> Iterator[Use]:
    for assignment in values:
        if not assignment.variable:
            yield target.schema.id, assignment.target
        yield from _read(source, [assignment.formula])


def _read(compiled: CompiledFlow, formulas: Iterable[str]) -> Iterator[Use]:
    """What formulas read, of the flow's form and through its relations; one that no longer fits reads nothing."""
    for text in formulas:
        try:
            references = compiled.formula(text).references if text else ()
        except FormulaRefused:
            continue
        for path in references:
            if path[0].startswith("$"):
                continue
            yield compiled.schema.id, path[0]
            related = compiled.schema.related(compiled.schema.by_field[path[0]]) if len(path) > 1 else None
            if related is not None:
                yield related.id, path[1]
