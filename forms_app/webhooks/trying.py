"""A test of a webhook: one message that means nothing, sent while somebody waits for the answer."""

from __future__ import annotations

import secrets

from forms_app.exact_json import dumps
from forms_app.exceptions import Refused
from forms_app.field_types._times import shown
from forms_app.models import Webhook
from forms_app.people.actor import Actor
from forms_app.webhooks import keeping, schedule
from forms_app.webhooks.addresses import Unreachable
from forms_app.webhooks.events import TEST
from forms_app.webhooks.payloads import Told
from forms_app.webhooks.receiver import Answer, Receiver
from forms_app.webhooks.sending import Sent, message_id_of
from forms_app.webhooks.signing import signed, signer_of
from forms_app.webhooks.source import Entry
from forms_app.webhooks.writes import webhook_of


def webhook_try(*, webhook: Webhook, actor: Actor) -> Answer:
    """Send `webhook.test`, also while the webhook is off, and keep it among its deliveries. Raises NotFound."""
    webhook = webhook_of(actor, webhook.pk)
    at = f"{schedule.now():%Y-%m-%dT%H:%M:%S.000Z}"
    body = dumps({"type": TEST, "timestamp": shown(at), "data": {"webhook_id": webhook.pk}})
    # No entry of the log: a number of its own, which nothing else has.
    entry = Entry("", secrets.randbits(62), 0, 0, 0, TEST, at, 0, 0, "{}")
    told = Told(entry, TEST, body)
    answer = _posted(webhook, told, body)
    keeping.keep_test(webhook.pk, Sent(told, answer))
    return answer


def _posted(webhook: Webhook, told: Told, body: bytes) -> Answer:
    try:
        receiver = Receiver(webhook.url)
    except Refused:
        return Answer(None, "", "private_address", 0.0)
    except Unreachable as unreachable:
        return Answer(None, "", unreachable.error, 0.0)
    try:
        return receiver.post(body, signed(signer_of(webhook.salt), message_id_of(webhook.pk, 0, told), body))
    finally:
        receiver.close()
