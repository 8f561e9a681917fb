"""Which tickets, and which of their files, exist for an actor."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, NotFound
from forms_app.models import Flow, StoredFile, Ticket, TicketAttachment, TicketStep, TicketToken, Verb
from forms_app.people.actor import Actor
from forms_app.people.directory import directory_of
from forms_app.records.held_files import held_in_sight, is_own
from forms_app.records.query import EntityQuery
from forms_app.schema.form_schema import FormSchema


def ticket_in_sight(ticket: Ticket, schema: FormSchema, actor: Actor) -> bool:
    """Whether the ticket exists for the actor: they opened it, are or were put to one of its stages, or may read its
    record."""
    if not actor.reaches(schema.id, schema.organization_id):
        return False
    if schema.rights(actor).all_rows or ticket.creator_uid == actor.uid or was_put_to(ticket, actor):
        return True
    readable = schema.rights(actor).may(Verb.READ)
    return readable and EntityQuery(schema, actor).get(ticket.entity_id) is not None


def may_push(stage: TicketToken, actor: Actor) -> bool:
    """Whether the actor is among those who may push: named, or in a named department or below it."""
    if stage.anyone or actor.uid in stage.member_uids:
        return True
    directory = directory_of(actor.organization_id)
    below = set(directory.departments_below(stage.department_dids))
    return not below.isdisjoint(directory.departments_of(actor.uid))


def form_at_stage(flow: Flow, data_id: int, actor: Actor) -> FormSchema:
    """The flow's form as it is shown at a stage: whole to whom the flow put there, to all others (and for 0) as they
    see it. Raises NotFound where it does not exist for the actor."""
    form_id = flow.custom_form_id
    whole = FormSchema.of(form_id, actor.at_stage(form_id)).whole if data_id else None
    if whole is None or (whole.rights(actor).verbs and whole.seen_by(actor) is whole):
        return FormSchema.of(form_id, actor)
    stage = TicketToken.objects.of_form(form_id).filter(pk=data_id).first()
    return whole if stage is not None and may_push(stage, actor) else FormSchema.of(form_id, actor)


def was_put_to(ticket: Ticket, actor: Actor) -> bool:
    """Whether the actor is or was among those who may push a stage of the ticket, or did something to it."""
    dids = directory_of(actor.organization_id)
    named = Q(member_uids__contains=actor.uid) | Q(anyone=True)
    for did in dids.departments_above(dids.departments_of(actor.uid)):
        named |= Q(department_dids__contains=did)
    form_id, ticket_id = ticket.custom_form_id, ticket.pk
    if TicketToken.objects.of_ticket(form_id, ticket_id).filter(named).exists():
        return True
    return TicketStep.objects.of_form(form_id).filter(ticket_id=ticket_id, uid=actor.uid).exists()


def file_for(*, token: str, actor: Actor) -> StoredFile:
    """The file, if it is the actor's own, or they may read a record that holds it now or the ticket that it was
    attached to. Raises NotFound."""
    stored = StoredFile.objects.filter(token=token, organization_id=actor.organization_id).first()
    if stored is None or not (
        is_own(stored, actor) or held_in_sight(stored, actor) or _attached_in_sight(stored, actor)
    ):
        raise NotFound([Fault("unknown_file", _("There is no such file."), field="file")])
    return stored


def _attached_in_sight(stored: StoredFile, actor: Actor) -> bool:
    attached = TicketAttachment.objects.filter(stored_file=stored).values_list("custom_form_id", "ticket_id")
    for form_id, ticket_id in set(attached):
        schema = FormSchema.find(form_id)
        ticket = Ticket.objects.of_form(form_id).filter(pk=ticket_id).first()
        if schema and ticket and schema.enabled and ticket_in_sight(ticket, schema, actor):
            return True
    return False
