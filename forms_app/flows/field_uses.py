"""What published flows use of forms: a field that one of them names can't simply go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from forms_app.flows.compiled import FlowPlan, plan_of
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
    plan = _plan(flow)
    if plan is None:
        return
    own = plan.schema.id
    yield from _read(plan, (line.rule for line in plan.definition.lines))
    for component in plan.definition.components.values():
        if isinstance(component, Stage):
            yield from ((own, field.name) for field in component.fields or ())
            yield from _read(plan, [component.validation.formula] if component.validation else [])
        match component:
            case Start():
                yield from _read(plan, (variable.formula for variable in component.variables))
            case HumanInput():
                yield from ((own, name) for name in component.assignees.fields)
                for action in component.actions:
                    yield from _set(plan, action.values, plan)
            case SetField():
                yield from _set(plan, component.values, plan)
            case CallFlow():
                called = Flow.objects.select_related("published").filter(api_path=component.flow).first()
                other = _plan(called) if called else None
                if other is not None:
                    yield from _set(other, component.inputs, plan)
                    yield from _set(plan, component.outputs, other)


def _plan(flow: Flow) -> FlowPlan | None:
    schema = FormSchema.find(flow.custom_form_id)
    if flow.published is None or schema is None:
        return None
    return plan_of(flow.published.pk, flow.published.definition, schema)


def _set(target: FlowPlan, values: Iterable[Assignment], source: FlowPlan) -> Iterator[Use]:
    for one in values:
        if not one.variable:
            yield target.schema.id, one.target
        yield from _read(source, [one.formula])


def _read(plan: FlowPlan, formulas: Iterable[str]) -> Iterator[Use]:
    """What formulas read, of the plan's form and through its relations; one that no longer fits reads nothing."""
    for text in formulas:
        try:
            references = plan.formula(text).references if text else ()
        except FormulaRefused:
            continue
        for path in references:
            if path[0].startswith("$"):
                continue
            yield plan.schema.id, path[0]
            related = plan.schema.related(plan.schema.by_field[path[0]]) if len(path) > 1 else None
            if related is not None:
                yield related.id, path[1]
