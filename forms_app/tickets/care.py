"""What an administrator does for a ticket: resume where it was stopped by an error, or close it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.database.retry import retried
from forms_app.exceptions import Conflict, Fault, Refused
from forms_app.flows.language import STOPPED, CallFlow
from forms_app.flows.variables import cleaned_variable
from forms_app.models import Ticket
from forms_app.tickets.calls import go_on
from forms_app.tickets.closing import ticket_close
from forms_app.tickets.locked import ENDED, LockedTicket
from forms_app.tickets.world import TicketWorld

__all__ = ["ticket_close", "ticket_resume"]


@retried
def ticket_resume(
    *, form_id: int, ticket_id: int, token_id: int, variables: Mapping[str, Any], uid: int | None
) -> None:
    """Set these variables (None clears) and let the component where the token was stopped try again; a called ticket
    that has ended is not called anew. Raises Refused with every fault, Conflict where it is not stopped (any more),
    NotFound."""
    with transaction.atomic():
        locked = LockedTicket.find(form_id, ticket_id)
        stage = locked.tokens.get(token_id)
        if stage is None or stage.state != STOPPED:
            raise Conflict([Fault("not_stopped", _("The ticket is not stopped there any more."))])
        world = locked.world()
        mended = _mended(world, variables)
        move = locked.move(world)
        component = world.compiled.definition.components[stage.component]
        called = Ticket.objects.called_by(form_id, [token_id]).first() if isinstance(component, CallFlow) else None
        if called and called.state == ENDED:
            go_on(move, world, token_id, called.custom_form_id, called.id, mended)
        else:
            move.resume(token_id, mended)
        locked.write(move, world, uid)


def _mended(world: TicketWorld, variables: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Set the variables; (before, after) of each that changed. Raises Refused."""
    changed: dict[str, tuple[Any, Any]] = {}
    faults: list[Fault] = []
    for name, raw in variables.items():
        variable = world.compiled.variables.get(name)
        if variable is None:
            faults.append(
                Fault("unknown_variable", _("The flow has no variable {name}.").format(name=name), field=name)
            )
            continue
        try:
            value = cleaned_variable(variable, raw)
        except Refused as refused:
            faults += refused.faults
            continue
        before = world.variables.get(name)
        if before != value:
            changed[f"${name}"] = (before, value)
            world.variables.pop(name, None)
            if value is not None:
                world.variables[name] = value
    if faults:
        raise Refused(faults)
    return changed
