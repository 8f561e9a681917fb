"""Records on their way with a ticket: while it is running they are not destroyed, their values change only through it,
or each change is noted in its history (docs/decisions/050-records-under-approval.md).

A ticket and its record begin in one transaction, and a ticket that is over never runs again. So a statement that finds
no running ticket for a record that it sees is right, whatever happens beside it; one that finds one asks again under
the record's lock, which every move of the ticket holds to its commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from forms_app.database.cursor import fetch
from forms_app.exceptions import Conflict, Fault
from forms_app.operators.lookups import Condition


class RunningTicket(NamedTuple):
    """The running ticket of a record. `locks`: its flow lets the record's values change only through it. `stopped`: an
    error has stopped it somewhere."""

    id: int
    data_no: int
    locks: bool
    stopped: bool

    def closed_to(self, *, designs: bool) -> bool:
        """Whether the record's values change only through the ticket. Who may design the form (`designs`) may change
        what a stopped ticket needs to go on."""
        return self.locks and not (designs and self.stopped)

    @property
    def refusal(self) -> str:
        """What is said to who would change them elsewhere."""
        message = _("The record's ticket {number} is running: its values change only through the ticket.")
        return message.format(number=self.data_no)


def running_tickets(form_id: int, entity_ids: Sequence[int]) -> dict[int, RunningTicket]:
    """The running tickets of a form's records, by the record. By hand: every call that changes or destroys such records
    asks, and a QuerySet takes several times as long (docs/decisions/027-querysets.md)."""
    form = int(form_id)
    sql = (
        "SELECT ticket.entity_id, ticket.id, ticket.data_no, flow.locks_record, EXISTS (SELECT 1 FROM ticket_token "
        f"WHERE ticket_token.custom_form_id = {form} AND ticket_token.ticket_id = ticket.id "
        "AND ticket_token.state = 'stopped') FROM ticket JOIN forms_app_flow AS flow ON flow.id = ticket.flow_id "
        f"WHERE ticket.custom_form_id = {form} AND ticket.entity_id = ANY(%s::bigint[]) AND ticket.state = 'running'"
    )
    return {entity_id: RunningTicket(*row) for entity_id, *row in fetch(sql, [list(entity_ids)])}


def running_entities(form_id: int, entity_ids: Sequence[int]) -> set[int]:
    """The ids of those of a form's records whose ticket is running."""
    sql = (
        f"SELECT entity_id FROM ticket WHERE custom_form_id = {int(form_id)} "
        "AND entity_id = ANY(%s::bigint[]) AND state = 'running'"
    )
    return {entity_id for (entity_id,) in fetch(sql, [list(entity_ids)])}


def unheld(form_id: int, record_id: int, within: Condition) -> Condition:
    """The condition, and that no running ticket has the record."""
    beginning = f"{within[0]} AND " if within[0] else ""
    free = (
        "NOT EXISTS (SELECT 1 FROM ticket WHERE ticket.custom_form_id = %s AND ticket.entity_id = %s "
        "AND ticket.state = 'running')"
    )
    return f"{beginning}{free}", [*within[1], form_id, record_id]


def is_traced(form_id: int, record_id: int, *, designs: bool) -> bool:
    """Whether a running ticket is to be told of a change of the locked record's values; False where there is none.
    Raises Conflict where they change only through the ticket."""
    ticket = running_tickets(form_id, [record_id]).get(record_id)
    if ticket is None:
        return False
    if ticket.closed_to(designs=designs):
        raise Conflict([Fault("ticket_running", ticket.refusal, field="id", got=record_id)])
    return True


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Each field that changed: (stored value before, after)."""
    names = [*after, *(name for name in before if name not in after)]
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}
