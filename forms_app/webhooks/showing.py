"""Deliveries as a page shows them: the body is made again, as who looks at it may read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from forms_app.models import WebhookDelivery
from forms_app.people.actor import Actor
from forms_app.records.query.terms import Terms
from forms_app.schema.form_schema import FormSchema
from forms_app.webhooks import source
from forms_app.webhooks.payloads import told
from forms_app.webhooks.standing import suffices


def bodies_of(deliveries: Iterable[WebhookDelivery], actor: Actor) -> Mapping[int, bytes]:
    """The bodies by the deliveries' keys, as far as the log still has their entries and the actor may read all of the
    form's records."""
    found: dict[int, bytes] = {}
    rows = [row for row in deliveries if row.custom_form_id is not None and row.entry_id is not None]
    for form_id, stream in dict.fromkeys((row.custom_form_id or 0, row.stream) for row in rows):
        schema = FormSchema.find(form_id)
        if schema is None or not suffices(schema.rights(actor)):
            continue
        own = {row.entry_id: row for row in rows if (row.custom_form_id, row.stream) == (form_id, stream)}
        keys = [(row.subject_id or 0, row.entry_id or 0) for row in own.values()]
        for message in told(schema, actor, source.by_ids(stream, form_id, keys), Terms()):
            if message.body is not None:
                found[own[message.entry.id].pk] = message.body
    return found
