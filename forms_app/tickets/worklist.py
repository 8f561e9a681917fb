"""What waits for whom: the stages that a member may push, the tickets that a member opened, where tickets stand. Reads
only, each of them one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from forms_app.database.cursor import fetch
from forms_app.people.actor import Actor
from forms_app.people.directory import directory_of
from forms_app.records.labels import titles
from forms_app.schema.form_schema import FormSchema

Key = tuple[int, int]
"""(form, id) of a record or a ticket."""


class WaitingStage(NamedTuple):
    """A stage of a ticket that waits for a person."""

    form_id: int
    data_id: int
    name: str
    since: datetime
    ticket_id: int
    data_no: int
    flow: str
    entity_id: int
    opened_by: str | None
    opened_at: datetime

    @property
    def record(self) -> Key:
        return self.form_id, self.entity_id


class OpenedTicket(NamedTuple):
    """A ticket that somebody opened."""

    form_id: int
    ticket_id: int
    data_no: int
    flow: str
    entity_id: int
    state: str
    outcome: str
    opened_at: datetime
    moved_at: datetime

    @property
    def record(self) -> Key:
        return self.form_id, self.entity_id

    @property
    def key(self) -> Key:
        return self.form_id, self.ticket_id


class WaitingFlow(NamedTuple):
    """A flow and how many of its stages wait."""

    flow_id: int
    name: str
    stages: int


class Standing(NamedTuple):
    """An open place of a ticket."""

    name: str
    state: str


# `state` as a constant: only then the index of open tokens serves. A form that was disabled takes no push.
WAITING = """
FROM ticket_token AS token
JOIN ticket ON ticket.custom_form_id = token.custom_form_id AND ticket.id = token.ticket_id
JOIN forms_app_flow AS flow ON flow.id = ticket.flow_id
JOIN forms_app_customform AS form ON form.id = token.custom_form_id AND form.status = 'enable'
WHERE token.organization_id = %s AND token.state = 'waiting' AND (
    token.anyone
    OR token.member_uids @> to_jsonb(%s::bigint)
    OR EXISTS (
        SELECT 1 FROM jsonb_array_elements_text(token.department_dids) AS did WHERE did::bigint = ANY(%s::bigint[])
    )
)
"""


def waiting_flows(actor: Actor) -> list[WaitingFlow]:
    """The flows with stages that the actor may push, and how many these are."""
    sql = f"SELECT flow.id, flow.name, count(*) {WAITING} GROUP BY flow.id, flow.name ORDER BY flow.name, flow.id"
    return [WaitingFlow(*row) for row in fetch(sql, _pusher(actor))]


def waiting_stages(actor: Actor, *, flow_id: int | None = None, limit: int, offset: int = 0) -> list[WaitingStage]:
    """The stages that the actor may push, newest first: the rule of `may_push` as a condition."""
    narrowed = "AND ticket.flow_id = %s" if flow_id is not None else ""
    sql = (
        "SELECT token.custom_form_id, token.id, token.name, token.created_at, ticket.id, ticket.data_no, flow.name, "
        "ticket.entity_id, (SELECT member.name FROM forms_app_member AS member "
        "WHERE member.organization_id = ticket.organization_id AND member.uid = ticket.creator_uid), ticket.created_at "
        f"{WAITING} {narrowed} ORDER BY token.id DESC LIMIT %s OFFSET %s"
    )
    narrowing = [flow_id] if flow_id is not None else []
    return [WaitingStage(*row) for row in fetch(sql, [*_pusher(actor), *narrowing, limit, offset])]


def _pusher(actor: Actor) -> list[object]:
    """What the condition on stages asks of the actor."""
    return [actor.organization_id, actor.uid, sorted(own_departments(actor))]


def own_departments(actor: Actor) -> set[int]:
    """The departments that the actor stands in and all above them: a stage that names one means those below it too."""
    directory = directory_of(actor.organization_id)
    above = {child: parent for parent, children in directory.children.items() for child in children}
    found: set[int] = set()
    for did in directory.departments_of(actor.uid):
        place: int | None = did
        while place is not None and place not in found:
            found.add(place)
            place = above.get(place)
    return found


def opened_count(actor: Actor, *, running: bool) -> int:
    """How many tickets the actor opened that run, or that run no more."""
    sql = f"SELECT count(*) FROM ticket WHERE organization_id = %s AND creator_uid = %s AND {_state(running)}"
    return int(fetch(sql, [actor.organization_id, actor.uid])[0][0])


def opened_tickets(actor: Actor, *, running: bool, limit: int, offset: int = 0) -> list[OpenedTicket]:
    """The tickets that the actor opened and that run, or that run no more, newest first."""
    sql = (
        "SELECT ticket.custom_form_id, ticket.id, ticket.data_no, flow.name, ticket.entity_id, ticket.state, "
        "ticket.outcome, ticket.created_at, ticket.updated_at "
        "FROM ticket JOIN forms_app_flow AS flow ON flow.id = ticket.flow_id "
        f"WHERE ticket.organization_id = %s AND ticket.creator_uid = %s AND ticket.{_state(running)} "
        "ORDER BY ticket.id DESC LIMIT %s OFFSET %s"
    )
    return [OpenedTicket(*row) for row in fetch(sql, [actor.organization_id, actor.uid, limit, offset])]


def _state(running: bool) -> str:
    return "state = 'running'" if running else "state <> 'running'"


def standing(tickets: Iterable[Key]) -> dict[Key, list[Standing]]:
    """The open places of these tickets (form, ticket), in the order of arrival."""
    keys: Sequence[Key] = list(tickets)
    sql = (
        "SELECT token.custom_form_id, token.ticket_id, token.name, token.state FROM ticket_token AS token "
        "JOIN unnest(%s::bigint[], %s::bigint[]) AS wanted (form_id, ticket_id) "
        "ON token.custom_form_id = wanted.form_id AND token.ticket_id = wanted.ticket_id "
        "WHERE token.state <> 'done' ORDER BY token.id"
    )
    found: dict[Key, list[Standing]] = {}
    for form_id, ticket_id, name, state in fetch(sql, [[key[0] for key in keys], [key[1] for key in keys]]):
        found.setdefault((form_id, ticket_id), []).append(Standing(name, state))
    return found


def record_titles(records: Iterable[Key]) -> dict[Key, str]:
    """The titles of these records (form, record); one that has none is left out. One statement for each form."""
    by_form: dict[int, set[int]] = {}
    for form_id, record_id in records:
        by_form.setdefault(form_id, set()).add(record_id)
    found: dict[Key, str] = {}
    for form_id, ids in by_form.items():
        schema = FormSchema.find(form_id)
        if schema is not None:
            found.update({(form_id, pk): text for pk, text in titles(schema, ids).items() if text})
    return found
