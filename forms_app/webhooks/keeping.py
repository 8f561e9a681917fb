"""What is kept of deliveries, and the lease of who delivers: written by hand, some hundred rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from forms_app.database.cursor import fetch
from forms_app.models import WebhookDelivery
from forms_app.webhooks import schedule
from forms_app.webhooks.receiver import Answer
from forms_app.webhooks.sending import Sent, message_id_of

LEASE_SECONDS = 60
_COLUMNS = (
    "message_id text, event text, custom_form_id bigint, stream text, subject_id bigint, entry_id bigint, "
    "record_id bigint, status text, answer_status int, answer text, error text, milliseconds float8"
)
_NAMES = ", ".join(column.split(" ")[0] for column in _COLUMNS.split(", "))
_KEPT = ", ".join(
    f"{name} = excluded.{name}" for name in ("status", "answer_status", "answer", "error", "milliseconds", "at")
)
KEEP = (
    f"INSERT INTO forms_app_webhookdelivery AS held (webhook_id, at, attempts, {_NAMES}) "
    f"SELECT %s, %s, 1, {_NAMES} FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::bigint[], "
    "%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::text[], %s::text[], %s::float8[]) "
    f"AS rows ({_NAMES}) ON CONFLICT (webhook_id, message_id) DO UPDATE SET {_KEPT}, attempts = held.attempts + 1, "
    "again_at = NULL RETURNING id"
)
CLAIM = (
    "UPDATE forms_app_webhookstate SET lease = %s, leased_until = now() + make_interval(secs => %s) "
    "WHERE webhook_id = %s AND (leased_until IS NULL OR leased_until < now() OR lease = %s) RETURNING webhook_id"
)
RELEASE = (
    "UPDATE forms_app_webhookstate SET lease = NULL, leased_until = NULL WHERE webhook_id = %s AND lease = %s "
    "RETURNING webhook_id"
)


def leased(webhook_id: int, lease: UUID) -> bool:
    """Whether who holds this lease delivers for the webhook from now on; who holds it already holds it longer."""
    return bool(fetch(CLAIM, [lease, LEASE_SECONDS, webhook_id, lease]))


def released(webhook_id: int, lease: UUID) -> None:
    """Somebody else may deliver."""
    fetch(RELEASE, [webhook_id, lease])


def keep(webhook_id: int, form_id: int | None, sent: Sequence[Sent]) -> None:
    """One row for each message: what was sent again counts its attempts."""
    if sent:
        rows = [_row(webhook_id, form_id, each) for each in sent]
        # A record's messages are distinct; one that was asked for twice in a batch is told by its last answer.
        distinct = list({row[0]: row for row in rows}.values())
        fetch(KEEP, [webhook_id, schedule.now(), *map(list, zip(*distinct, strict=True))])


def keep_test(webhook_id: int, sent: Sent) -> None:
    """A row for a message that belongs to no form and can't be sent again."""
    answer = sent.answer
    WebhookDelivery.objects.create(
        webhook_id=webhook_id,
        message_id=message_id_of(webhook_id, 0, sent.told),
        event=sent.told.event,
        status=_status(answer),
        answer_status=answer.status,
        answer=answer.text,
        error=answer.error,
        milliseconds=answer.milliseconds,
        at=schedule.now(),
    )


def _status(answer: Answer) -> str:
    kinds = WebhookDelivery.Status
    return str(kinds.DELIVERED if answer.accepted else kinds.FAILED)


def _row(webhook_id: int, form_id: int | None, sent: Sent) -> tuple[Any, ...]:
    entry, answer = sent.told.entry, sent.answer
    return (
        message_id_of(webhook_id, form_id or 0, sent.told),
        sent.told.event,
        form_id,
        entry.stream,
        entry.subject_id,
        entry.id,
        entry.record_id,
        _status(answer),
        answer.status,
        answer.text,
        answer.error,
        answer.milliseconds,
    )
