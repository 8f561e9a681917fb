"""Giving tickets up, with those that they called: each in a transaction of its own, since none holds the tickets of two
flows."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.database.queue import defer
from forms_app.database.retry import retried
from forms_app.exceptions import Conflict, Fault
from forms_app.flows.language import CALLING
from forms_app.models import Ticket
from forms_app.tickets.locked import LockedTicket


@retried
def ticket_close(*, form_id: int, ticket_id: int, reason: str = "", uid: int | None) -> None:
    """Give a running ticket up: nobody can push it any more, its record stays. The tickets that it called and waits for
    are closed too, by a job. Raises Conflict where it has ended, NotFound."""
    with transaction.atomic():
        locked = LockedTicket.find(form_id, ticket_id)
        if not locked.running:
            raise Conflict([Fault("ticket_ended", _("The ticket has ended."))])
        world = locked.world()
        move = locked.move(world)
        move.close(reason)
        calling = [token.id for token in locked.tokens.values() if token.state == CALLING]
        locked.write(move, world, uid, closed=True)
        if calling:
            ticket = locked.ticket
            message = _("Closed with ticket {number} of “{flow}”, which had called it.")
            message = message.format(number=ticket.data_no, flow=ticket.flow.name)
            defer(
                "tickets.close_called",
                form_id=form_id,
                token_ids=calling,
                reason=f"{message} {reason}".strip(),
                uid=uid,
            )


def called_tickets_close(*, form_id: int, token_ids: Sequence[int], reason: str, uid: int | None) -> None:
    """Close those that were opened for these tokens and are running. Done again, it does what is left."""
    for ticket in Ticket.objects.called_by(form_id, token_ids).running():
        try:
            ticket_close(form_id=ticket.custom_form_id, ticket_id=ticket.pk, reason=reason, uid=uid)
        except Conflict:
            continue  # it has ended meanwhile, or its record is gone
