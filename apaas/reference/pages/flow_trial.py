"""What opening and pushing a ticket would be refused for: by the checks of the services, and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from apaas.tickets.form_data import FormData
from apaas.tickets.writes import untyped
from forms_app.exact_json import dumps
from forms_app.exceptions import Refused
from forms_app.flows.compiled import CompiledFlow
from forms_app.flows.language import HumanInput
from forms_app.people.actor import Actor
from forms_app.records.cleaning import cleaned_changes, cleaned_new
from forms_app.records.computing import compute, related_of, relations_of
from forms_app.records.query.entity_query import EntityRow
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.locked import flow_actor
from forms_app.tickets.stage_checks import (
    compute_variables,
    is_writable,
    required_faults,
    sent_variables,
    validation_faults,
    view_faults,
)
from forms_app.tickets.world import TicketWorld

Items = Sequence[Mapping[str, Any]]
"""`formdata`."""


@dataclass(frozen=True)
class TrialTicket:
    """What a ticket holds: stored values of its record by field name, and its variables."""

    data: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    creator_uid: int = 0


def trial_open(compiled: CompiledFlow, actor: Actor, formdata: Items, start_input: Mapping[str, Any]) -> TrialTicket:
    """What a new ticket would hold. Raises Refused with the faults of `ticket_open`."""
    schema, start, values = compiled.schema, compiled.definition.start, values_of(compiled.schema, formdata)
    faults = view_faults(schema, start, values, {})
    variables = sent_variables(compiled, {name: untyped(value) for name, value in start_input.items()}, faults)
    try:
        data = completed(schema, cleaned_new(schema, values, actor))
    except Refused as refused:
        raise Refused([*faults, *refused.faults]) from None
    world = world_of(compiled, TrialTicket(data, variables, actor.uid))
    faults += required_faults(schema, start, world.data) + compute_variables(compiled, world)
    if not faults and start.validation:
        faults += validation_faults(start.validation, world.values)
    if faults:
        raise Refused(faults)
    return TrialTicket(world.data, world.variables, actor.uid)


def trial_push(compiled: CompiledFlow, actor: Actor, stage: HumanInput, ticket: TrialTicket, formdata: Items) -> None:
    """Raises Refused with the faults of `ticket_push` at this stage of the ticket."""
    schema, values = compiled.schema, values_of(compiled.schema, formdata)
    faults = view_faults(schema, stage, values, ticket.data)
    written = {name: raw for name, raw in values.items() if is_writable(stage, name)}
    try:
        stored = cleaned_changes(schema, written, actor, ticket.data)
    except Refused as refused:
        raise Refused([*faults, *refused.faults]) from None
    data = completed(schema, {**ticket.data, **stored})
    faults += required_faults(schema, stage, data)
    if not faults and stage.validation:
        faults += validation_faults(
            stage.validation, world_of(compiled, TrialTicket(data, ticket.variables, ticket.creator_uid)).values
        )
    if faults:
        raise Refused(faults)


def values_of(schema: FormSchema, formdata: Items) -> dict[str, Any]:
    """What `formdata` says, by field name. Raises Refused with the faults of its items."""
    form = FormData(schema)
    form.read_values({"formdata": list(formdata)})
    if form.faults:
        form.note_values()
        raise Refused(form.faults)
    return form.values


def completed(schema: FormSchema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values with the numbers and the formulas' results that the server adds; none that are empty."""
    formulas = schema.stored_formulas
    data = {column.name: column.type.numbered_text(column, timezone.localtime(), 1) for column in schema.numbered}
    data |= values
    related = related_of(schema, relations_of(formulas.values()), [data])[0]
    data |= compute(schema, formulas, data, related)
    return {name: value for name, value in data.items() if value is not None}


def world_of(compiled: CompiledFlow, ticket: TrialTicket) -> TicketWorld:
    """The ticket as formulas see it."""
    now = timezone.now().isoformat()
    row = EntityRow(0, ticket.creator_uid, now, now, dumps(dict(ticket.data)).decode())
    actor = flow_actor(compiled.schema.organization_id, ticket.creator_uid)
    return TicketWorld(compiled, row, ticket.variables, actor, ticket.creator_uid, 0)
