"""What a ticket's move asks of the world, answered by the record, the organization and the other flows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.exact_json import reads
from forms_app.exceptions import DomainError
from forms_app.flows.compiled import CompiledFlow, FlowValues, compiled_flow
from forms_app.flows.finding import callable_flow
from forms_app.flows.language import Assignment, CallFlow, Changes, Failed, HumanInput, Line, SetField
from forms_app.flows.variables import assigned_variable, cleaned_variable
from forms_app.people.actor import Actor
from forms_app.records.kept import differences
from forms_app.records.query.entity_query import EntityRow
from forms_app.records.writes import entity_update
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.assignees import found
from forms_app.tickets.rows import new_ids

DEEPEST_CALL = 10
"""Tickets that may call one another: a flow that calls itself is stopped here."""
IDS_AT_ONCE = 8


class TicketWorld:
    """A ticket's record and variables during one transaction. What the flow sets by itself is written at once, under
    the rights of whoever opened the ticket."""

    def __init__(
        self,
        compiled: CompiledFlow,
        row: EntityRow,
        variables: Mapping[str, Any],
        actor: Actor,
        creator_uid: int,
        depth: int,
    ) -> None:
        self.compiled = compiled
        self.actor = actor
        self.creator_uid = creator_uid
        self.depth = depth
        self.variables = dict(variables)
        self.calls: list[CalledFlow] = []
        """To be enqueued with the transaction."""
        self._ids: list[int] = []
        self.take(row)

    def take(self, row: EntityRow) -> None:
        """Go on with the record as it was just written."""
        self.entity_id = row.id
        self.data: dict[str, Any] = reads(row.data)

    @property
    def values(self) -> FlowValues:
        return FlowValues(self.compiled, self.data, self.variables, self.creator_uid)

    def new_id(self) -> int:
        if not self._ids:
            self._ids = new_ids(IDS_AT_ONCE)
        return self._ids.pop(0)

    def holds(self, line: Line) -> bool:
        return self.values.evaluate(line.rule) is True

    def write(self, component: SetField) -> Changes:
        return self.assign(component.values, self.values)

    def assign(self, assignments: Iterable[Assignment], source: FlowValues) -> dict[str, tuple[Any, Any]]:
        """Set fields and variables to what formulas over `source` give. Raises Failed; then nothing is set."""
        values, variables = assigned(assignments, source, self.compiled)
        changed: dict[str, tuple[Any, Any]] = {}
        if values:
            before = self.data
            try:
                with transaction.atomic():
                    self.take(
                        entity_update(
                            schema=self.compiled.schema,
                            record_id=self.entity_id,
                            values=values,
                            actor=self.actor,
                            by_ticket=True,
                        )
                    )
            except DomainError as error:
                raise Failed(faults_text(error)) from error
            changed.update(differences(before, self.data))
        for name, value in variables.items():
            changed[f"${name}"] = (self.variables.get(name), value)
        self.variables.update(variables)
        return changed

    def assignees(self, component: HumanInput) -> dict[str, Any]:
        """Who may push as rows keep it. Raises Failed where nobody could."""
        named = component.assignees
        if named.anyone:
            return {"anyone": True}
        members, departments = set(named.members), set(named.departments)
        if named.creator:
            members.add(self.creator_uid)
        for name in named.fields:
            column = self.compiled.schema.by_field.get(name)
            if column is None:
                raise Failed(_("The form has no field {name}.").format(name=name))
            for ref in column.type.references(column, self.data.get(name)):
                (departments if ref.kind == "department" else members).add(ref.id)
        who = found(self.actor.organization_id, members, departments)
        if not who.members and not who.departments:
            raise Failed(_("Nobody may push here: whom the stage names does not exist or is not active."))
        if not who.anybody:
            raise Failed(_("Nobody may push here: no active member stands in a department that the stage names."))
        return {"members": who.members, "departments": who.departments}

    def call(self, component: CallFlow, token_id: int) -> None:
        if self.depth >= DEEPEST_CALL:
            raise Failed(_("Flows call one another more than {limit} deep.").format(limit=DEEPEST_CALL))
        flow = callable_flow(component.flow, self.actor.organization_id)
        if flow is None or flow.published is None:
            raise Failed(_("There is no published flow {name}.").format(name=component.flow))
        schema = FormSchema.find(flow.custom_form_id)
        assert schema is not None  # a flow's form can't be deleted
        called = compiled_flow(flow.published.pk, flow.published.definition, schema)
        values, start_input = assigned(component.inputs, self.values, called)
        self.calls.append(CalledFlow(token_id, flow.pk, values, start_input))


class CalledFlow(NamedTuple):
    """Another flow's ticket that is to be opened: its values, as a client would send them."""

    token_id: int
    flow_id: int
    values: dict[str, Any]
    start_input: dict[str, Any]


def assigned(
    assignments: Iterable[Assignment], source: FlowValues, target: CompiledFlow
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What assignments to the form and variables of `target` give over `source`: (values of fields as a client would
    send them, stored values of variables). Raises Failed."""
    values: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    for assignment in assignments:
        value = assignment.value if assignment.literal else source.evaluate(assignment.formula)
        if assignment.variable:
            variable = target.variables.get(assignment.variable)
            if variable is None:
                raise Failed(_("The flow has no variable {name}.").format(name=assignment.target))
            try:
                clean = cleaned_variable if assignment.literal else assigned_variable
                variables[assignment.variable] = clean(variable, value)
            except DomainError as error:
                raise Failed(faults_text(error)) from error
            continue
        column = target.schema.by_field.get(assignment.target)
        if column is None:
            raise Failed(_("The form has no field {name}.").format(name=assignment.target))
        values[assignment.target] = value if assignment.literal else column.type.assigned(column, value)
    return values, variables


def faults_text(error: DomainError) -> str:
    """All faults of a refusal as one text for people."""
    parts = []
    for fault in error.faults:
        name = fault.label or fault.field
        place = f"[{fault.index}]" if fault.index is not None else ""
        parts.append(f"{name}{place}: {fault.message}" if name else fault.message)
    return "; ".join(parts) or _("This is not possible.")
