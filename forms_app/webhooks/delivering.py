"""One run for one webhook: what waits is read, sent and settled, batch by batch, until nothing waits or its time is up
(docs/decisions/061-webhooks.md)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import structlog
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from forms_app.exceptions import Refused
from forms_app.models import Webhook, WebhookDelivery, WebhookState, WebhookStuck
from forms_app.webhooks import keeping, schedule, source
from forms_app.webhooks.addresses import Unreachable
from forms_app.webhooks.cursors import Cursor, cursor_of, stored
from forms_app.webhooks.events import STREAMS, actions_of
from forms_app.webhooks.payloads import Told, told
from forms_app.webhooks.receiver import Receiver
from forms_app.webhooks.sending import Outcome, Sender, Sent
from forms_app.webhooks.signing import signer_of
from forms_app.webhooks.source import Entry
from forms_app.webhooks.standing import Stopped, actor_of, forms_of, terms_of
from forms_app.webhooks.stopping import stop

log = structlog.get_logger(__name__)
RUN_SECONDS = 10.0
"""Then others have their turn."""
BATCH = 500
MOST_STUCK = 1_000
"""So many records may wait beside the others; with more, all wait."""
RETRIED_AT_ONCE = 100


def deliver(webhook_id: int, seconds: float = RUN_SECONDS) -> bool:
    """Deliver what waits, for so long at most. Whether there is more to do at once."""
    lease = uuid4()
    if not keeping.leased(webhook_id, lease):
        return False
    try:
        webhook = Webhook.objects.select_related("member", "state").filter(pk=webhook_id, enabled=True).first()
        if webhook is None:
            return False
        try:
            run = Run(webhook, time.monotonic() + seconds)
            try:
                return run.work(lambda: keeping.leased(webhook_id, lease))
            finally:
                run.close()
        except Stopped as stopped:
            stop(webhook, stopped.reason)
        except _Paused:
            pass
        except DatabaseError:
            raise
        except Exception as error:
            # What can't be made for one webhook is no reason to try it every two seconds.
            log.error("webhook failed", webhook_id=webhook_id, exc_info=error)
            pause(webhook.state, "server_fault")
        return False
    finally:
        keeping.released(webhook_id, lease)


def pause(state: WebhookState, error: str, wait: int = 0) -> bool:
    """Have the webhook tried again later; False where it was tried for long enough."""
    now = schedule.now()
    since = state.failing_since or now
    if now - since >= schedule.LONGEST:
        return False
    failures = state.failures + 1
    WebhookState.objects.filter(pk=state.pk).update(
        failures=failures, failing_since=since, next_at=schedule.pause_until(failures, wait), error=error
    )
    return True


class _Paused(Exception):
    """Nothing was accepted: the webhook is tried again later."""


class Run:
    """A run of one webhook. Raises Stopped where it may not go on."""

    def __init__(self, webhook: Webhook, deadline: float) -> None:
        self.webhook = webhook
        self.state: WebhookState = webhook.state
        self.deadline = deadline
        self.actor = actor_of(webhook)
        self.schemas = {schema.id: schema for schema in forms_of(webhook)}
        self.terms = {form_id: terms_of(webhook, schema) for form_id, schema in self.schemas.items()}
        try:
            receiver = Receiver(webhook.url)
        except Refused:
            raise Stopped("address") from None
        except Unreachable as unreachable:
            self._pause(unreachable.error)
            raise _Paused from unreachable
        self.sender = Sender(webhook.pk, signer_of(webhook.salt), receiver, deadline)

    def close(self) -> None:
        self.sender.close()

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.deadline

    def work(self, still_mine: Any) -> bool:
        """Retry what is due, send again what is asked for, then what is new, until nothing waits or the time is up.
        Whether there is more."""
        if self.state.next_at is not None and self.state.next_at > schedule.now():
            return False
        while True:
            found = self._retry()
            found = self._again() or found
            if self._stuck().count() < MOST_STUCK:
                for form_id in self.schemas:
                    for stream in STREAMS:
                        found = self._new(form_id, stream) or found
            if not found:
                return False
            if self.over:
                return True
            if not still_mine():
                return False

    def _new(self, form_id: int, stream: str) -> bool:
        """The next batch of one form and stream; whether there was anything."""
        cursor = cursor_of(self.state.cursors, form_id, stream, self.state.began)
        entries = source.after(stream, form_id, cursor.position, BATCH)
        if not entries or self.over:
            return bool(entries)
        pulled = source.overtaken(stream, form_id, entries)
        waiting = self._waiting(form_id, stream)
        left = cursor.left([*entries, *pulled])
        chosen = [entry for entry in left if self._wanted(entry) and entry.subject_id not in waiting]
        outcome = self._send(form_id, chosen)
        self._unless_gone(form_id, outcome)
        if outcome.dead:  # nothing is settled, and the same is sent later
            keeping.keep(self.webhook.pk, form_id, outcome.sent)
            answer = outcome.sent[0].answer
            self._pause(answer.error or str(answer.status), max(sent.answer.wait for sent in outcome.sent))
            raise _Paused
        settled = {entry.id for entry in left} - {entry.id for entry in chosen} | outcome.passed
        broken = {sent.told.entry.subject_id: sent.told.entry.id for sent in outcome.refused}
        settled |= {e.id for e in chosen if e.subject_id in broken and e.id >= broken[e.subject_id]}
        with transaction.atomic():
            self._settle(form_id, stream, outcome, cursor.moved(entries, settled, pulled))
            for sent in outcome.refused:
                self._hold(form_id, sent)
        return True

    def _wanted(self, entry: Entry) -> bool:
        return entry.action in actions_of(entry.stream, self.webhook.events)

    def _send(self, form_id: int, entries: Sequence[Entry]) -> Outcome:
        """Send the entries, those of one record or ticket in their order."""
        messages = told(self.schemas[form_id], self.actor, list(entries), self.terms[form_id])
        chains: dict[int, list[Told]] = {}
        for message in messages:
            chains.setdefault(message.entry.subject_id, []).append(message)
        in_order = [sorted(chain, key=lambda each: each.entry.id) for chain in chains.values()]
        return self.sender.send(form_id, in_order, careful=self.state.failures > 0)

    def _retry(self) -> bool:
        """Records whose event was refused and is due again; whether there was any."""
        ready = self._stuck().filter(next_at__lte=schedule.now(), custom_form_id__in=self.schemas)
        due = list(ready.order_by("next_at")[:RETRIED_AT_ONCE])
        for form_id, stream in dict.fromkeys((row.custom_form_id, row.stream) for row in due):
            rows = [row for row in due if (row.custom_form_id, row.stream) == (form_id, stream)]
            if not self.over:
                self._retry_in(form_id, stream, rows)
        return bool(due)

    def _retry_in(self, form_id: int, stream: str, rows: Sequence[WebhookStuck]) -> None:
        cursor = cursor_of(self.state.cursors, form_id, stream, self.state.began)
        held = {row.subject_id: self._held(row, cursor) for row in rows}
        chosen = [entry for entries in held.values() for entry in entries if self._wanted(entry)]
        outcome = self._send(form_id, chosen)
        self._unless_gone(form_id, outcome)
        refused = {sent.told.entry.subject_id: sent for sent in outcome.refused}
        with transaction.atomic():
            self._settle(form_id, stream, outcome, cursor)
            for row in rows:
                wanted = [entry.id for entry in held[row.subject_id] if self._wanted(entry)]
                left = [pk for pk in wanted if pk not in outcome.passed]
                if row.subject_id in refused:
                    self._refused_again(row, refused[row.subject_id])
                elif left:  # the time was up, or nobody is there: then at once again would be again and again
                    at = schedule.retry_at(1) if outcome.dead else row.next_at
                    self._stuck().filter(pk=row.pk).update(entry_id=left[0], next_at=at)
                elif len(held[row.subject_id]) == BATCH:
                    self._stuck().filter(pk=row.pk).update(entry_id=held[row.subject_id][-1].id + 1)
                else:
                    row.delete()

    def _held(self, row: WebhookStuck, cursor: Cursor) -> list[Entry]:
        return source.of_subject(
            row.stream, row.custom_form_id, row.subject_id, row.entry_id, cursor.position, cursor.ahead, BATCH
        )

    def _refused_again(self, row: WebhookStuck, sent: Sent) -> None:
        entry_id = sent.told.entry.id
        attempts = row.attempts + 1 if entry_id == row.entry_id else 1
        at = schedule.retry_at(attempts, sent.answer.wait)
        if at is None:
            raise Stopped("undelivered")
        since = row.since if attempts > 1 else schedule.now()
        self._stuck().filter(pk=row.pk).update(entry_id=entry_id, attempts=attempts, next_at=at, since=since)

    def _hold(self, form_id: int, sent: Sent) -> None:
        """Let the record's events wait from this one on."""
        entry, at = sent.told.entry, schedule.retry_at(1, sent.answer.wait)
        key = {"custom_form_id": form_id, "stream": entry.stream, "subject_id": entry.subject_id}
        values = {"entry_id": entry.id, "attempts": 1, "since": schedule.now(), "next_at": at}
        WebhookStuck.objects.get_or_create(webhook=self.webhook, **key, defaults=values)

    def _again(self) -> bool:
        """What somebody asked to be sent again; what is refused is told, and not tried any more."""
        rows = list(self.webhook.deliveries.filter(again_at__isnull=False).order_by("id")[:BATCH])
        for form_id, stream in dict.fromkeys((row.custom_form_id, row.stream) for row in rows):
            if form_id in self.schemas and not self.over:
                own = [row for row in rows if (row.custom_form_id, row.stream) == (form_id, stream)]
                keys = [(row.subject_id or 0, row.entry_id or 0) for row in own]
                outcome = self._send(form_id, source.by_ids(stream, form_id, keys))
                keeping.keep(self.webhook.pk, form_id, outcome.sent)
                if outcome.dead and len(outcome.sent) < len(own):
                    raise _Paused
                tried = {sent.told.entry.id for sent in outcome.sent}
                # Of a record whose first one is refused the others are not sent; nor what the log no longer has.
                done = [row.pk for row in own if row.entry_id not in tried]
                if not self.over:
                    WebhookDelivery.objects.filter(pk__in=done).update(again_at=None)
        rest = [row.pk for row in rows if row.custom_form_id not in self.schemas]
        WebhookDelivery.objects.filter(pk__in=rest).update(again_at=None)
        return bool(rows)

    def _settle(self, form_id: int, stream: str, outcome: Outcome, cursor: Cursor) -> None:
        """Write down what was sent, and how far the webhook has come."""
        keeping.keep(self.webhook.pk, form_id, outcome.sent)
        self.state.cursors[f"{form_id}/{stream}"] = stored(cursor)
        changed: dict[str, Any] = {"cursors": self.state.cursors}
        if outcome.alive:
            changed["delivered_at"] = schedule.now()
            if self.state.failures:  # it is back: nothing waits any longer
                changed |= {"failures": 0, "failing_since": None, "next_at": None, "error": ""}
                self._stuck().update(next_at=schedule.now())
                self.state.failures, self.state.failing_since = 0, None
        WebhookState.objects.filter(pk=self.webhook.pk).update(**changed)

    def _unless_gone(self, form_id: int, outcome: Outcome) -> None:
        """Raises Stopped where nothing is wanted at this address any more."""
        if any(sent.answer.gone for sent in outcome.refused):
            keeping.keep(self.webhook.pk, form_id, outcome.sent)
            raise Stopped("gone")

    def _pause(self, error: str, wait: int = 0) -> None:
        """Have the webhook tried again later. Raises Stopped after three days."""
        if not pause(self.state, error, wait):
            raise Stopped("undelivered")

    def _stuck(self) -> QuerySet[WebhookStuck]:
        return WebhookStuck.objects.filter(webhook=self.webhook)

    def _waiting(self, form_id: int, stream: str) -> set[int]:
        rows = self._stuck().filter(custom_form_id=form_id, stream=stream)
        return set(rows.values_list("subject_id", flat=True))
