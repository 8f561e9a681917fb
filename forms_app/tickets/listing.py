"""Tickets as the original's clients list them: what waits for a member, and the tickets of a flow. Rows are made of the
newest MOST; who asks chooses among these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Subquery
from django.utils import timezone

from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.flows.compiled import compiled_flow
from forms_app.flows.language import STOPPED, HumanInput
from forms_app.models import Flow, FlowVersion, Ticket, TicketAttachment, TicketStep, TicketToken, Verb
from forms_app.operators.in_ import OneOf
from forms_app.people.actor import Actor
from forms_app.records.labels import titles
from forms_app.records.presentation import Projection, present
from forms_app.records.query import EntityQuery, Filter, Terms
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.sight import ticket_in_sight
from forms_app.tickets.worklist import own_departments, record_titles

MOST = 2_000

Row = dict[str, Any]
MISSION_COLUMNS = (
    "id", "flow_uuid", "flow_name", "status", "level", "title", "data_no", "data_id", "history", "stop_uuid",
    "stop_chart_text", "create_user_id", "update_user_id", "ticket_createtime", "createtime", "updatetime",
    "assignee_id", "assign_group_id", "action", "attachment", "closed", "api_path",
)  # fmt: skip
TICKET_COLUMNS = (
    "id", "flow_uuid", "dataid_header", "data_no", "history", "status", "title", "level", "group", "closed",
    "stop_uuid", "stop_chart_type", "stop_chart_text", "running", "error", "createtime", "updatetime", "stoptime",
    "create_user_id", "update_user_id", "data_param", "error_message", "init_data_id", "is_child",
)  # fmt: skip
FIELD = "formitm_"
"""Before a field's number, in the names of the columns that hold the record's values."""


def missions(actor: Actor) -> list[Row]:
    """The stages that the actor may push by the API, newest first: a row of MISSION_COLUMNS each."""
    attached = TicketAttachment.objects.filter(
        custom_form_id=OuterRef("custom_form_id"), ticket_id=OuterRef("ticket_id")
    )
    stages = TicketToken.objects.pushable_by(actor.organization_id, actor.uid, own_departments(actor))
    stages = stages.filter(ticket__flow__api_enabled=True)
    if actor.form_ids is not None:
        stages = stages.filter(custom_form_id__in=actor.form_ids)
    found = stages.annotate(
        attached=Exists(attached),
        data_no=F("ticket__data_no"),
        entity_id=F("ticket__entity_id"),
        opener=F("ticket__creator_uid"),
        opened_at=F("ticket__created_at"),
        moved_at=F("ticket__updated_at"),
        version_id=F("ticket__flow_version_id"),
        flow_name=F("ticket__flow__name"),
        api_path=F("ticket__flow__api_path"),
    ).order_by("-id")[:MOST]
    tokens: Sequence[Any] = list(found)
    names = record_titles([(token.custom_form_id, token.entity_id) for token in tokens], actor, at_stages=True)
    buttons = _buttons({token.version_id for token in tokens})
    return [
        {
            "id": token.pk,
            "flow_uuid": token.api_path,
            "flow_name": token.flow_name,
            "status": "",
            "level": "",
            "title": names.get((token.custom_form_id, token.entity_id), ""),
            "data_no": token.data_no,
            "data_id": token.pk,
            "history": False,
            "stop_uuid": token.component,
            "stop_chart_text": token.name,
            "create_user_id": str(token.opener),
            "update_user_id": None,
            "ticket_createtime": moment(token.opened_at),
            "createtime": moment(token.created_at),
            "updatetime": moment(token.moved_at),
            "assignee_id": _only(token.member_uids),
            "assign_group_id": _only(token.department_dids),
            "action": buttons.get((token.version_id, token.component), ","),
            "attachment": token.attached,
            "closed": False,
            "api_path": token.api_path,
        }
        for token in tokens
    ]


def moment(at: datetime | None) -> str | None:
    """A time as the original writes it: local, to the millisecond, without an offset."""
    if at is None:
        return None
    return timezone.localtime(at).replace(tzinfo=None).isoformat(timespec="milliseconds")


def _only(numbers: Sequence[int]) -> int | None:
    return numbers[0] if len(numbers) == 1 else None


def _buttons(version_ids: Iterable[int]) -> dict[tuple[int, str], str]:
    """The names of the two quick actions of each stage, by version and component."""
    versions = FlowVersion.objects.filter(pk__in=set(version_ids)).select_related("flow")
    found = {}
    for version in versions:
        schema = FormSchema.find(version.flow.custom_form_id)
        if schema is None:
            continue
        for stage in compiled_flow(version.pk, version.definition, schema).definition.of_type(HumanInput):
            names = [*(action.name for action in stage.actions), "", ""][:2]
            found[version.pk, stage.id] = ",".join(names)
    return found


def flow_tickets(flow: Flow, schema: FormSchema, actor: Actor) -> list[Row]:
    """Where the flow's tickets stand that exist for the actor, and those that are over, newest first: a row of
    TICKET_COLUMNS each, and under "" the record's id."""
    last = TicketStep.objects.filter(
        custom_form_id=OuterRef("custom_form_id"), ticket_id=OuterRef("pk"), uid__isnull=False
    ).order_by("-id")
    tickets = Ticket.objects.of_form(schema.id).filter(flow=flow).defer("variables").order_by("-id")
    seen: list[Any] = [
        ticket
        for ticket in tickets.annotate(last_uid=Subquery(last.values("uid")[:1]))[:MOST]
        if ticket_in_sight(ticket, schema, actor)
    ]
    places: dict[int, list[TicketToken]] = {}
    for token in TicketToken.objects.of_tickets((schema.id, ticket.pk) for ticket in seen).open():
        places.setdefault(token.ticket_id, []).append(token)
    names = _titles(schema, {ticket.entity_id for ticket in seen}, actor)
    rows = []
    for ticket in seen:
        row = _ticket_row(flow, ticket, names.get(ticket.entity_id) or "")
        standing = places.get(ticket.pk, [])
        rows += [{**row, **_place(token)} for token in reversed(standing)] if standing else [row]
    return rows


def _titles(schema: FormSchema, ids: set[int], actor: Actor) -> Mapping[int, str | None]:
    return titles(schema, ids, actor) if ids and schema.rights(actor).may(Verb.READ) else {}


def _ticket_row(flow: Flow, ticket: Any, title: str) -> Row:
    return {
        "id": ticket.pk,
        "flow_uuid": flow.api_path,
        "dataid_header": "",
        "data_no": ticket.data_no,
        "history": False,
        "status": "",
        "title": title,
        "level": "",
        "group": "",
        "closed": ticket.state != Ticket.State.RUNNING,
        "stop_uuid": "",
        "stop_chart_type": None,
        "stop_chart_text": ticket.outcome,
        "running": False,
        "error": False,
        "createtime": moment(ticket.created_at),
        "updatetime": moment(ticket.updated_at),
        "stoptime": moment(ticket.ended_at),
        "create_user_id": str(ticket.creator_uid),
        "update_user_id": None if ticket.last_uid is None else str(ticket.last_uid),
        "data_param": "",
        "error_message": None,
        "init_data_id": ticket.pk,
        "is_child": ticket.caller_token_id is not None,
        "": ticket.entity_id,
    }


def _place(token: TicketToken) -> Row:
    """What a row says of a place where the ticket stands. Why it was stopped is told on the ticket's page, to who sees
    all that the reason may name."""
    return {
        "id": token.pk,
        "stop_uuid": token.component,
        "stop_chart_text": token.name,
        "running": token.state not in (TicketToken.State.WAITING, TicketToken.State.STOPPED),
        "error": token.state == STOPPED,
        "stoptime": moment(token.created_at),
    }


def with_fields(rows: Sequence[Mapping[str, Any]], schema: FormSchema, actor: Actor) -> list[Mapping[str, Any]]:
    """The rows with the values of their records as the actor reads them, None for one that they may not read."""
    seen = schema.seen_by(actor)
    ids = tuple({row[""] for row in rows})
    names = {column.name: f"{FIELD}{column.number}" for column in seen.fields}
    records: dict[int, Mapping[str, Any]] = {}
    if ids and schema.rights(actor).may(Verb.READ):
        terms = Terms((Filter(SYSTEM_COLUMNS["id"], OneOf.name, ids),))
        found = EntityQuery(seen, actor, terms).page(len(ids))
        shown = present(Projection.of(seen, list(names)), found, actor)
        records = {row.id: record for row, record in zip(found, shown, strict=True)}
    return [{**row, **{key: records.get(row[""], {}).get(name) for name, key in names.items()}} for row in rows]
