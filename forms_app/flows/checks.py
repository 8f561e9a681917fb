"""Whether a flow's definition fits its form and its organization: what forbids publishing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column
from forms_app.flows.compiled import CompiledFlow, compiled_flow
from forms_app.flows.finding import callable_flow
from forms_app.flows.language import (
    KINDS,
    MATCHES,
    RESERVED,
    Assignment,
    CallFlow,
    Component,
    Condition,
    Definition,
    FlowFault,
    HumanInput,
    SetField,
    Stage,
    Start,
    check_graph,
    fault,
)
from forms_app.flows.variables import KIND_TYPES, cleaned_variable
from forms_app.formula import Formula, FormulaRefused, FormulaType, Resolved
from forms_app.models import Department, Member
from forms_app.schema.form_schema import FormSchema

MOST_ACTIONS = 2


def definition_faults(definition: Definition, schema: FormSchema) -> list[FlowFault]:
    """Everything that is wrong with a definition whose shape is right, in the order of its components."""
    faults = [*check_graph(definition), *_Checking(definition, schema).faults()]
    places = {component: place for place, component in enumerate(definition.components)}
    return sorted(faults, key=lambda raised: places.get(raised.component, -1))


def flow_fault(raised: FlowFault, definition: Definition | None = None) -> Fault:
    """The fault in the reader's language; its field is the component's id, its label the component's name."""
    component = definition.components.get(raised.component) if definition else None
    return Fault(
        raised.code,
        _(raised.message).format(**raised.params),
        field=raised.component,
        label=component.name if component else "",
    )


class _Checking:
    """Walks through the components with the form at hand."""

    def __init__(self, definition: Definition, schema: FormSchema) -> None:
        self.definition = definition
        self.schema = schema
        self.compiled = CompiledFlow(definition, schema)

    def faults(self) -> Iterator[FlowFault]:
        for component in self.definition.components.values():
            yield from self.of(component)

    def of(self, component: Component) -> Iterator[FlowFault]:
        if isinstance(component, Stage):
            yield from self.view(component)
            if component.validation:
                yield from self.truth(component, component.validation.formula, _("The validation"))
                if not component.validation.message:
                    yield fault("message_needed", component.id)
        match component:
            case Start():
                yield from self.variables(component)
                yield from self.required_at_start(component)
            case HumanInput():
                yield from self.assignees(component)
                if len(component.actions) > MOST_ACTIONS:
                    yield fault("too_many_actions", component.id)
                for action in component.actions:
                    if not 0 < len(action.name) <= 100:
                        yield fault("name_needed", component.id)
                    yield from self.assignments(component, action.values, self.compiled, self.compiled)
            case Condition():
                if component.match not in MATCHES:
                    yield fault("wrong_match", component.id)
                for line in self.definition.outgoing.get(component.id, ()):
                    if line.rule:
                        target = self.definition.components.get(line.target)
                        subject = _("The rule of the line to {name}").format(
                            name=target.name if target else line.target
                        )
                        yield from self.truth(component, line.rule, subject)
            case SetField():
                if not component.values:
                    yield fault("nothing_set", component.id)
                yield from self.assignments(component, component.values, self.compiled, self.compiled)
            case CallFlow():
                yield from self.called(component)

    def view(self, stage: Stage) -> Iterator[FlowFault]:
        names = [field.name for field in stage.fields or ()]
        for name, count in Counter(names).items():
            if count > 1:
                yield fault("repeated_field", stage.id, name=name)
        for field in stage.fields or ():
            column = self.schema.by_field.get(field.name)
            if column is None:
                yield fault("unknown_field", stage.id, name=field.name)
            elif field.writable and not column.type.writable:
                yield fault("field_not_writable", stage.id, name=column.label)
            elif field.required and not field.writable:
                yield fault("read_and_required", stage.id, name=column.label)

    def required_at_start(self, start: Start) -> Iterator[FlowFault]:
        """What the form requires must be sent when its record is made."""
        for column in self.schema.required:
            field = start.field(column.name)
            if column.name not in self.schema.defaults and (field is None or not field.writable):
                yield fault("required_hidden", start.id, name=column.label)

    def variables(self, start: Start) -> Iterator[FlowFault]:
        for name, count in Counter(variable.name for variable in start.variables).items():
            if count > 1:
                yield fault("repeated_variable", start.id, name=name)
        for variable in start.variables:
            name = variable.name
            if not (name.isidentifier() and name.isascii() and len(name) <= 64) or name in RESERVED:
                yield fault("wrong_variable", start.id)
            if variable.kind not in KINDS:
                yield fault("wrong_kind", start.id)
            elif variable.formula:
                subject = _("The formula of ${name}").format(name=name)
                formula, faults = self.formula(start, variable.formula, subject)
                yield from faults
                if formula and not _takes(KIND_TYPES[variable.kind], formula.result):
                    yield fault(
                        "wrong_result", start.id, name=f"${name}", expected=variable.kind, gives=str(formula.result)
                    )

    def assignees(self, stage: HumanInput) -> Iterator[FlowFault]:
        named = stage.assignees
        organization_id = self.schema.organization_id
        members = Member.objects.filter(organization_id=organization_id, uid__in=named.members, is_active=True)
        known = set(members.values_list("uid", flat=True)) if named.members else set()
        yield from (fault("unknown_member", stage.id, id=uid) for uid in named.members if uid not in known)
        departments = Department.objects.filter(organization_id=organization_id, did__in=named.departments)
        there = set(departments.values_list("did", flat=True)) if named.departments else set()
        yield from (fault("unknown_department", stage.id, id=did) for did in named.departments if did not in there)
        for name in named.fields:
            column = self.schema.by_field.get(name)
            if column is None:
                yield fault("unknown_field", stage.id, name=name)
            elif not column.type.names_people:
                yield fault("no_person_field", stage.id, name=column.label)

    def called(self, component: CallFlow) -> Iterator[FlowFault]:
        if not component.flow:
            yield fault("flow_needed", component.id)
            return
        flow = callable_flow(component.flow, self.schema.organization_id)
        if flow is None or flow.published is None:
            yield fault("unknown_flow", component.id, name=component.flow)
            return
        schema = FormSchema.find(flow.custom_form_id)
        assert schema is not None
        other = compiled_flow(flow.published.pk, flow.published.definition, schema)
        yield from self.assignments(component, component.inputs, other, self.compiled)
        yield from self.assignments(component, component.outputs, self.compiled, other)

    def assignments(
        self, component: Component, values: Iterable[Assignment], target: CompiledFlow, source: CompiledFlow
    ) -> Iterator[FlowFault]:
        listed = list(values)
        for name, count in Counter(assignment.target for assignment in listed).items():
            if count > 1:
                yield fault("repeated_target", component.id, name=name)
        for assignment in listed:
            if assignment.literal == bool(assignment.formula):
                yield fault("wrong_assignment", component.id, name=assignment.target)
            elif assignment.variable:
                yield from self.to_variable(component, assignment, target, source)
            else:
                yield from self.to_field(component, assignment, target, source)

    def to_variable(
        self, component: Component, assignment: Assignment, target: CompiledFlow, source: CompiledFlow
    ) -> Iterator[FlowFault]:
        variable = target.variables.get(assignment.variable)
        if variable is None or variable.kind not in KINDS:
            yield fault("unknown_variable", component.id, name=assignment.target)
        elif assignment.literal:
            try:
                cleaned_variable(variable, assignment.value)
            except Refused as refused:
                yield fault("wrong_value", component.id, name=assignment.target, message=refused.faults[0].message)
        else:
            yield from self.result(component, assignment, KIND_TYPES[variable.kind], source)

    def to_field(
        self, component: Component, assignment: Assignment, target: CompiledFlow, source: CompiledFlow
    ) -> Iterator[FlowFault]:
        column = target.schema.by_field.get(assignment.target)
        if column is None:
            yield fault("unknown_field", component.id, name=assignment.target)
        elif not column.type.writable:
            yield fault("field_not_writable", component.id, name=column.label)
        elif assignment.literal:
            try:
                column.clean(assignment.value)
            except Refused as refused:
                for wrong in refused.faults:
                    yield fault("wrong_value", component.id, name=column.label, message=wrong.message)
        else:
            gives = target.schema.resolve((column.name,))
            yield from self.result(component, assignment, _type_of(column), source, column.label, gives)

    def result(
        self,
        component: Component,
        assignment: Assignment,
        expected: FormulaType | None,
        source: CompiledFlow,
        label: str = "",
        gives: Resolved | None = None,
    ) -> Iterator[FlowFault]:
        formula, faults = self.formula(component, assignment.formula, label or assignment.target, source, gives)
        yield from faults
        if formula is None:
            return
        if expected is None or not _takes(expected, formula.result):
            yield fault(
                "wrong_result",
                component.id,
                name=label or assignment.target,
                expected=str(expected or _("no formula")),
                gives=str(formula.result),
            )

    def truth(self, component: Component, text: str, subject: str) -> Iterator[FlowFault]:
        formula, faults = self.formula(component, text, subject)
        yield from faults
        if formula is not None and (formula.result.is_list or formula.result.kind not in ("boolean", "any")):
            yield fault("not_boolean", component.id, what=subject, got=str(formula.result))

    def formula(
        self,
        component: Component,
        text: str,
        subject: str,
        compiled: CompiledFlow | None = None,
        gives: Resolved | None = None,
    ) -> tuple[Formula | None, list[FlowFault]]:
        try:
            return (compiled or self.compiled).formula(text, gives), []
        except FormulaRefused as refused:
            messages = [raised.said(_) for raised in refused.faults]
            return None, [fault("formula", component.id, what=subject, message=message) for message in messages]


def _type_of(column: Column) -> FormulaType | None:
    return column.type.formula_type(column)


def _takes(expected: FormulaType, given: FormulaType) -> bool:
    """Whether a formula's result may be set: one value stands for a list, a number is a text too, a date a time."""
    if given.is_list and not expected.is_list:
        return False
    kinds: Any = {"text": ("text", "number"), "date": ("date", "datetime"), "datetime": ("date", "datetime")}
    return "any" in (given.kind, expected.kind) or given.kind in kinds.get(expected.kind, (expected.kind,))
