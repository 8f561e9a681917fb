"""Files of this server that records hold, as far as an actor may read them there."""

from __future__ import annotations

from forms_app.exact_json import reads
from forms_app.exceptions import DomainError
from forms_app.files.storing import own_files
from forms_app.models import FileUse, StoredFile, TicketAttachment
from forms_app.people.actor import Actor
from forms_app.records.query import EntityQuery
from forms_app.schema.form_schema import FormSchema


def may_hold(stored: StoredFile, actor: Actor) -> bool:
    """Whether the actor may put the file into a record: they uploaded it, or may read it where it is, or it is nowhere
    now, so that whoever knows its address was told. To a token that is limited to forms it says nothing that its member
    uploaded the file: what lies in another form would become readable in its own."""
    uploaded = stored.member_id == actor.member_id and actor.form_ids is None
    return bool(actor.system) or uploaded or held_in_sight(stored, actor) or is_loose(stored)


def is_own(stored: StoredFile, actor: Actor) -> bool:
    """Whether the actor may read the file because they uploaded it: a token that is limited to forms only until a
    record or a ticket has it, for that may be one of another form."""
    return stored.member_id == actor.member_id and (actor.form_ids is None or is_loose(stored))


def is_loose(stored: StoredFile) -> bool:
    """Whether no record holds the file now and no ticket has it."""
    if TicketAttachment.objects.filter(stored_file=stored).exists():
        return False
    return not held_in_sight(stored, Actor.acting_for(stored.organization_id, "files"))


def held_in_sight(stored: StoredFile, actor: Actor) -> bool:
    """Whether a record that the actor may read holds the file, in a field that they may read."""
    uses = FileUse.objects.filter(stored_file=stored).values_list("custom_form_id", "entity_id")
    return any(_holds(form_id, entity_id, stored.token, actor) for form_id, entity_id in uses)


def _holds(form_id: int, entity_id: int, token: str, actor: Actor) -> bool:
    try:
        schema = FormSchema.of(form_id, actor)
        row = EntityQuery(schema, actor).get(entity_id)
    except DomainError:
        return False
    if row is None:
        return False
    values = {name: value for name, value in reads(row.data).items() if name in schema.by_field}
    return token in own_files(schema, values)
