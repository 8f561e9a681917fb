"""The work log of a ticket: what people wrote down beside it. Its entries are steps of its history."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, NotFound, Refused
from forms_app.field_types._text import is_blank_text
from forms_app.field_types._values import storable
from forms_app.models import Flow, Member, Ticket, TicketStep, TicketToken
from forms_app.people.actor import Actor
from forms_app.people.permission import may_write
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.listing import moment
from forms_app.tickets.sight import ticket_in_sight

COMMENT = "comment"
"""What the history calls an entry."""
LONGEST = 10_000


def worklog_add(*, flow: Flow, data_no: int, data_id: int, content: str, actor: Actor) -> None:
    """Write an entry at a stage, open or done, of a ticket. Raises NotFound where they do not exist for the actor,
    Forbidden for a token that may only read, Refused."""
    may_write(actor)
    token = _stage(flow, data_no, data_id, actor)
    faults = []
    if is_blank_text(content):
        faults.append(Fault("required", _("This field must not be empty."), field="content"))
    if len(content) > LONGEST:
        faults.append(Fault("too_long", _("At most {limit} characters.").format(limit=LONGEST), field="content"))
    if not storable(content):
        message = _("The text holds a character that can't be stored (NUL or a lone surrogate).")
        faults.append(Fault("invalid_text", message, field="content"))
    if faults:
        raise Refused(faults)
    steps = TicketStep.objects.of_ticket(token.custom_form_id, token.ticket_id).order_by("-id")
    version = steps.values_list("entity_version", flat=True).first() or 0
    entry = TicketStep(
        custom_form_id=token.custom_form_id,
        ticket_id=token.ticket_id,
        action=COMMENT,
        component=token.component,
        name=token.name,
        uid=actor.uid,
        entity_version=version,
        message=content,
        created_at=timezone.now(),
    )
    TicketStep.objects.bulk_create([entry])


def worklog(*, flow: Flow, data_no: int, data_id: int, actor: Actor) -> list[dict[str, Any]]:
    """The entries of a ticket in their order, as the original's clients read them. Raises NotFound."""
    token = _stage(flow, data_no, data_id, actor)
    writer = Member.objects.filter(organization_id=actor.organization_id, uid=OuterRef("uid"))
    steps = TicketStep.objects.of_ticket(token.custom_form_id, token.ticket_id).filter(action=COMMENT).order_by("id")
    rows = steps.annotate(writer=Subquery(writer.values("name")[:1])).values_list(
        "id", "writer", "message", "created_at"
    )
    return [
        {
            "id": pk,
            "flow_uuid": flow.api_path,
            "create_user_id__nick_name": name,
            "content": content,
            "createtime": moment(at),
            "substitute_id__nick_name": None,
        }
        for pk, name, content, at in rows
    ]


def _stage(flow: Flow, data_no: int, data_id: int, actor: Actor) -> TicketToken:
    """The stage, open or done, of the ticket of that number. Raises NotFound."""
    schema = FormSchema.of(flow.custom_form_id, actor.at_stage(flow.custom_form_id)).whole
    ticket = Ticket.objects.of_form(schema.id).filter(flow=flow, data_no=data_no).first()
    if ticket is not None and ticket_in_sight(ticket, schema, actor):
        token = TicketToken.objects.of_ticket(schema.id, ticket.pk).filter(pk=data_id).first()
        if token is not None:
            return token
    raise NotFound([Fault("unknown_data_id", _("There is no such stage in this flow."), field="data_id", got=data_id)])
