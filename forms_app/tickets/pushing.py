"""Opening, querying and pushing tickets. Each is one transaction: all of it happens, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.database.retry import retried
from forms_app.exceptions import Conflict, Fault, Forbidden, NotFound, Refused
from forms_app.flows.compiled import compiled_flow
from forms_app.flows.language import JOINING, WAITING, Failed, HumanInput, Move
from forms_app.models import Flow, StoredFile, Ticket, TicketToken, Verb
from forms_app.people.actor import Actor
from forms_app.people.permission import permit
from forms_app.records.kept import differences
from forms_app.records.numbering import reserve
from forms_app.records.writes import entity_create, entity_update
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets import rows
from forms_app.tickets.locked import LockedTicket, flow_actor, note_move, write_move
from forms_app.tickets.rows import TicketStage
from forms_app.tickets.sight import may_push, ticket_in_sight
from forms_app.tickets.stage_checks import (
    compute_variables,
    file_faults,
    is_writable,
    required_faults,
    sent_variables,
    validation_faults,
    view_faults,
)
from forms_app.tickets.world import TicketWorld, assigned


class Caller(NamedTuple):
    """The token of another ticket that waits for the end of this one."""

    form_id: int
    token_id: int
    depth: int


@retried
def ticket_open(
    *,
    flow: Flow,
    values: Mapping[str, Any],
    actor: Actor,
    start_input: Mapping[str, Any] | None = None,
    files: Sequence[StoredFile] = (),
    caller: Caller | None = None,
) -> Ticket:
    """Open a ticket: make its record of `values` (by field name) and go on to the first stages. Raises Refused with
    every fault of values, variables and the start's validation, Conflict for a unique value that is taken, NotFound
    where the form does not exist for the actor, Forbidden."""
    seen = FormSchema.of(flow.custom_form_id, actor)
    permit(actor, seen.rights(actor), Verb.CREATE)
    schema = seen.whole
    if flow.published is None:
        raise Refused([Fault("not_published", _("The flow has no published version."))])
    compiled = compiled_flow(flow.published.pk, flow.published.definition, schema)
    start = compiled.definition.start
    faults = view_faults(seen, start, values, {}) + file_faults(flow, files)
    variables = sent_variables(compiled, start_input or {}, faults)
    reserve(schema)
    with transaction.atomic():
        try:
            row = entity_create(schema=schema, values=values, actor=actor, by_ticket=True)
        except Refused as refused:
            raise Refused([*faults, *refused.faults]) from None
        world = TicketWorld(
            compiled,
            row,
            variables,
            flow_actor(actor.organization_id, actor.uid),
            actor.uid,
            caller.depth if caller else 0,
        )
        faults += required_faults(seen, start, world.data) + compute_variables(compiled, world)
        if not faults and start.validation:
            faults += validation_faults(start.validation, world.values)
        if faults:
            raise Refused(faults)
        move = Move(compiled.definition, world)
        move.begin({**differences({}, world.data), **differences({}, _spelt(world.variables))})
        moment = timezone.now()
        ticket = Ticket(
            custom_form_id=schema.id,
            id=world.new_id(),
            flow_id=flow.pk,
            flow_version_id=flow.published.pk,
            organization_id=actor.organization_id,
            entity_id=row.id,
            data_no=rows.next_number(schema.id, flow.pk),
            creator_uid=actor.uid,
            depth=world.depth,
            caller_form_id=caller.form_id if caller else None,
            caller_token_id=caller.token_id if caller else None,
            created_at=moment,
        )
        note_move(ticket, move, world, moment)
        rows.insert_ticket(ticket)
        write_move(ticket, move, world, actor.uid, [file.pk for file in files])
        return ticket


@retried
def ticket_push(
    *,
    flow: Flow,
    data_id: int,
    values: Mapping[str, Any],
    actor: Actor,
    quick_action: str | None = None,
    files: Sequence[StoredFile] = (),
) -> Ticket:
    """Push the stage `data_id`: write `values` (by field name), or those of a quick action (`action1`, `action2`), and
    go on to the next stages. Exactly once: of many pushes of one stage one goes through, the others raise Conflict,
    which names where the ticket stands now. Raises Refused with every fault, NotFound for a stage that never was,
    Forbidden where the actor may not push; who may design the form may push every stage. What may be written there, the
    stage says, and no role."""
    person, actor = actor, actor.at_stage(flow.custom_form_id)
    schema = FormSchema.of(flow.custom_form_id, actor)
    supervising = schema.rights(person).may(Verb.DESIGN)
    permit(actor, schema.rights(actor), Verb.UPDATE)
    with transaction.atomic():
        locked = LockedTicket.of_token(schema.id, data_id)
        if locked is None or locked.ticket.flow_id != flow.pk:
            raise _unknown_stage(data_id)
        if not (supervising or ticket_in_sight(locked.ticket, schema, person)):
            raise _unknown_stage(data_id)
        stage = _pushable(locked, data_id)
        if not (supervising or may_push(stage, actor)):
            raise Forbidden([Fault("not_assigned", _("You are not among those who may push this stage."))])
        world = locked.world()
        component = world.compiled.definition.components[stage.component]
        assert isinstance(component, HumanInput)
        before, variables = world.data, dict(world.variables)
        if quick_action:
            values = _quick(component, quick_action, values, world)
        faults = [] if quick_action else view_faults(world.compiled.schema, component, values, before)
        faults += file_faults(flow, files)
        written = {name: raw for name, raw in values.items() if is_writable(component, name) or quick_action}
        try:
            if written:
                world.take(
                    entity_update(
                        schema=world.compiled.schema,
                        record_id=locked.ticket.entity_id,
                        values=written,
                        actor=actor,
                        by_ticket=True,
                    )
                )
        except Refused as refused:
            raise Refused([*faults, *refused.faults]) from None
        if not quick_action:
            faults += required_faults(world.compiled.schema, component, world.data)
        if not faults and component.validation:
            faults += validation_faults(component.validation, world.values)
        if faults:
            raise Refused(faults)
        move = locked.move(world)
        changed = {**differences(before, world.data), **differences(_spelt(variables), _spelt(world.variables))}
        action = component.action(quick_action) if quick_action else None
        move.push(data_id, changed, action.name if action else "")
        locked.write(move, world, actor.uid, [file.pk for file in files])
        return locked.ticket


def ticket_stages(*, flow: Flow, data_no: int, actor: Actor) -> list[TicketStage]:
    """Where the ticket of that number waits for a person or was stopped, in the order of arrival; empty for one that
    ended, never was, or does not exist for the actor. Raises NotFound where the form does not exist for them."""
    schema = FormSchema.of(flow.custom_form_id, actor)
    if not schema.rights(actor).all_rows:
        ticket = Ticket.objects.of_form(schema.id).filter(flow_id=flow.pk, data_no=data_no).first()
        if ticket is None or not ticket_in_sight(ticket, schema, actor):
            return []
    return rows.stages(schema.id, flow.pk, data_no)


def _unknown_stage(data_id: int) -> NotFound:
    return NotFound([Fault("unknown_data_id", _("There is no such stage in this flow."), field="data_id", got=data_id)])


def _pushable(locked: LockedTicket, data_id: int) -> TicketToken:
    """The open stage. Raises Conflict where it was pushed already, or waits for no person."""
    stage = locked.tokens.get(data_id)
    if stage is not None and stage.state == WAITING:
        return stage
    if stage is not None:
        message = _("The ticket was stopped at {name} by an error: {message} An administrator must resume it.")
        message = message.format(name=stage.name, message=_(stage.message))
        raise Conflict([Fault("stopped", message, field="data_id", got=data_id)])
    if not locked.running:
        message = _("This stage was pushed already, and the ticket has ended.")
        raise Conflict([Fault("ticket_ended", message, field="data_id", got=data_id)])
    # Branches that only wait for others say nothing of where to go on.
    names = [token.name for token in locked.tokens.values() if token.state != JOINING]
    message = _("This stage was pushed already. The ticket now stands at: {names}.").format(names=", ".join(names))
    raise Conflict([Fault("stale_data_id", message, field="data_id", got=data_id, allowed=names)])


def _quick(stage: HumanInput, name: str, values: Mapping[str, Any], world: TicketWorld) -> dict[str, Any]:
    """The values of a quick action; its variables are set. Raises Refused."""
    action = stage.action(name)
    if action is None:
        message = _("The stage has no such quick action.")
        allowed = [f"action{place + 1}" for place in range(len(stage.actions))]
        raise Refused([Fault("unknown_action", message, field="quick_action", got=name[:64], allowed=allowed)])
    if values:
        raise Refused([Fault("values_with_action", _("A quick action takes no values."), field="formdata")])
    try:
        fields, variables = assigned(action.values, world.values, world.compiled)
    except Failed as failed:
        raise Refused([Fault("wrong_formula", str(failed), field="quick_action")]) from None
    world.variables.update(variables)
    return fields


def _spelt(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {f"${name}": value for name, value in variables.items()}
