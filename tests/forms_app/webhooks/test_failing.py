"""A receiver that fails: nothing is lost, the order of each record is kept, others go on, and at last it is told."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail

from forms_app.models import AuditEntry, CustomForm, FormEntity, Member, Webhook, WebhookState
from forms_app.webhooks import delivering, keeping, schedule, sending
from forms_app.webhooks.delivering import deliver
from forms_app.webhooks.due import due, waiting
from tests.factories import UserFactory, make_entity
from tests.forms_app.webhooks.conftest import Clock, Hook, changed
from tests.forms_app.webhooks.receivers import OK, LocalReceiver, Message, Reply

BAD: Reply = (500, {}, b"broken")


def in_order(receiver: LocalReceiver) -> dict[int, list[int]]:
    """The versions of each record as they were accepted."""
    versions: dict[int, list[int]] = defaultdict(list)
    for message in receiver.accepted:
        versions[message.data["id"]].append(message.data["version"])
    return versions


def left(webhook: Webhook) -> tuple[int, int]:
    """What waits, as it stands now."""
    return waiting(Webhook.objects.get(pk=webhook.pk))


def settle(webhook: Webhook, clock: Clock) -> None:
    """Deliver as the worker would, whenever there is something to do, until nothing waits or it is switched off."""
    while left(webhook) != (0, 0):
        deliver(webhook.pk)
        webhook.refresh_from_db()
        times = [webhook.state.next_at, *webhook.stuck.values_list("next_at", flat=True)]
        if not webhook.enabled or not any(times):
            return
        clock.now = max(clock.now, min(time for time in times if time is not None))


def test_all_arrive_in_order_at_a_receiver_that_fails_a_third_of_the_time(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock
) -> None:
    chance = Random(7)
    webhook = hook()
    records = [make_entity(form, designer, amount=0) for _ in range(12)]
    for number in range(1, 7):
        for record in chance.sample(records, 8):
            changed(form, designer, record, amount=number)
    versions = {record: [1 + n for n in range(_version(form, record))] for record in records}
    receiver.reply = lambda message: BAD if chance.random() < 0.3 else OK
    settle(webhook, clock)
    assert in_order(receiver) == versions
    assert not webhook.stuck.exists()
    rows = webhook.deliveries.all()
    assert len(rows) == sum(map(len, versions.values())) and {row.status for row in rows} == {"delivered"}
    assert sum(row.attempts for row in rows) == len(receiver.seen)


def _version(form: CustomForm, record: int) -> int:
    return FormEntity.objects.of_form(form.pk).get(id=record).version


def test_one_record_that_is_refused_holds_up_no_other(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock
) -> None:
    webhook = hook()
    bad, good = make_entity(form, designer, title="bad"), make_entity(form, designer, title="good")
    receiver.reply = lambda message: BAD if message.data["id"] == bad else OK
    deliver(webhook.pk)
    for number in (1, 2):
        changed(form, designer, bad, amount=number)
        changed(form, designer, good, amount=number)
    deliver(webhook.pk)
    assert in_order(receiver) == {good: [1, 2, 3]}
    assert left(webhook) == (0, 1)
    tries = len([message for message in receiver.seen if message.data["id"] == bad])
    assert tries == 1  # its later events wait behind the first
    receiver.reply = lambda message: OK
    clock.pass_(4)
    assert due() == []
    clock.pass_(1)
    assert due() == [webhook.pk]
    deliver(webhook.pk)
    assert in_order(receiver)[bad] == [1, 2, 3]
    assert left(webhook) == (0, 0)


def test_a_receiver_that_is_down_is_asked_seldom_and_caught_up_at_once(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock
) -> None:
    webhook = hook()
    records = [make_entity(form, designer, amount=number) for number in range(30)]
    receiver.reply = lambda message: BAD
    deliver(webhook.pk)
    first = len(receiver.seen)
    assert sending.PROBES <= first <= sending.CONNECTIONS
    webhook.refresh_from_db()
    assert (webhook.state.failures, webhook.state.error, due()) == (1, "500", [])
    for _time in range(10):
        clock.pass_(3_600)
        deliver(webhook.pk)
    assert len(receiver.seen) == first + 10 * sending.PROBES  # a few each time
    assert left(webhook)[0] == 30
    receiver.reply = lambda message: OK
    clock.pass_(600)
    deliver(webhook.pk)
    assert in_order(receiver) == {record: [1] for record in records}
    state = Webhook.objects.get(pk=webhook.pk).state
    assert (state.failures, state.failing_since, state.next_at, state.error) == (0, None, None, "")


def test_records_that_wait_are_not_all_tried_at_a_receiver_that_is_down(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock
) -> None:
    webhook = hook()
    good, *bad = [make_entity(form, designer, amount=number) for number in range(31)]
    receiver.reply = lambda message: OK if message.data["id"] == good else BAD
    deliver(webhook.pk)
    assert left(webhook) == (0, 30)
    receiver.seen.clear()
    clock.pass_(5)
    deliver(webhook.pk)
    assert sending.PROBES <= len(receiver.seen) <= sending.CONNECTIONS
    receiver.reply = lambda message: OK
    settle(webhook, clock)
    assert in_order(receiver) == {record: [1] for record in (good, *bad)}


def test_what_nobody_accepts_for_three_days_is_switched_off_and_told(
    hook: Hook,
    form: CustomForm,
    designer: Member,
    receiver: LocalReceiver,
    clock: Clock,
    settings: Any,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr(schedule, "PAUSES", (5, 36_000))
    settings.EMAIL_HOST = "mail.example.com"
    designer.user = UserFactory(email="alice@example.com")
    designer.save()
    webhook = hook()
    make_entity(form, designer, title="甲")
    receiver.close()
    settle(webhook, clock)
    webhook.refresh_from_db()
    assert (webhook.enabled, webhook.state.stopped, webhook.state.error) == (False, "undelivered", "no_connection")
    failing = webhook.state.failing_since
    assert failing is not None and webhook.state.stopped_at is not None
    assert webhook.state.stopped_at - failing >= schedule.LONGEST
    (sent,) = mail.outbox
    assert sent.to == ["alice@example.com"] and webhook.url in sent.body
    assert AuditEntry.objects.filter(kind="webhook", object_id=webhook.pk, action="changed").exists()
    assert due() == []


def test_one_record_that_is_never_accepted_switches_it_off_after_the_last_try(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock
) -> None:
    webhook = hook()
    bad = make_entity(form, designer, title="bad")
    make_entity(form, designer, title="good")
    receiver.reply = lambda message: BAD if message.data["id"] == bad else OK
    deliver(webhook.pk)
    waits = []
    while (row := webhook.stuck.first()) is not None and webhook.enabled:
        waits.append((row.next_at - clock.now).total_seconds())
        clock.now = row.next_at
        deliver(webhook.pk)
        webhook.refresh_from_db()
    assert waits == list(schedule.RETRIES)
    assert webhook.state.stopped == "undelivered"
    assert sum(waits) > 72 * 3_600


def test_gone_switches_off_at_once(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock
) -> None:
    webhook = hook()
    make_entity(form, designer, title="甲")
    receiver.reply = lambda message: (410, {}, b"")
    deliver(webhook.pk)
    webhook.refresh_from_db()
    assert (webhook.enabled, webhook.state.stopped) == (False, "gone")
    assert webhook.deliveries.get().answer_status == 410


def test_a_run_whose_time_is_up_loses_and_doubles_nothing(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock, monkeypatch: Any
) -> None:
    """The clock of the run jumps over its end in the middle of a batch."""
    webhook = hook()
    records = [make_entity(form, designer, amount=0) for _ in range(40)]
    for record in records:
        changed(form, designer, record, amount=1)
    monkeypatch.setattr(sending, "CONNECTIONS", 3)
    times = 0

    def reply(message: Message) -> Reply:
        if len(receiver.seen) % 25 == 0:
            monkeypatch.setattr(sending.time, "monotonic", lambda: 10.0**9)
        return OK

    receiver.reply = reply
    real = sending.time.monotonic
    more = True
    while more:
        monkeypatch.setattr(sending.time, "monotonic", real)
        more = deliver(webhook.pk)
        times += 1
        assert times < 20
    assert times > 2
    assert in_order(receiver) == {record: [1, 2] for record in records}
    assert len(receiver.accepted) == 80


def test_with_too_many_records_that_wait_all_wait(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock, monkeypatch: Any
) -> None:
    monkeypatch.setattr(delivering, "MOST_STUCK", 2)
    webhook = hook()
    good, *bad = [make_entity(form, designer, title=title) for title in ("good", "bad", "bad")]
    receiver.reply = lambda message: OK if message.data["id"] == good else BAD
    deliver(webhook.pk)
    assert left(webhook) == (0, 2)
    changed(form, designer, good, amount=1)
    deliver(webhook.pk)
    assert in_order(receiver) == {good: [1]}
    receiver.reply = lambda message: OK
    clock.pass_(5)
    deliver(webhook.pk)
    assert in_order(receiver) == {good: [1, 2], bad[0]: [1], bad[1]: [1]}


@pytest.mark.parametrize("held", ["by another run", "switched off", "before its time"])
def test_it_is_left_alone(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock, held: str
) -> None:
    webhook = hook(enabled=held != "switched off")
    make_entity(form, designer, title="甲")
    if held == "by another run":
        keeping.leased(webhook.pk, uuid4())
    if held == "before its time":
        webhook.state.next_at = clock.now + (schedule.LONGEST / 2)
        webhook.state.save()
    assert deliver(webhook.pk) is False
    assert receiver.seen == []


def test_a_message_that_can_not_be_made_is_no_reason_to_try_without_end(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock, monkeypatch: Any
) -> None:
    webhook = hook()
    make_entity(form, designer, title="甲")

    def broken(*args: Any) -> Any:
        raise KeyError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "told", broken)
        assert deliver(webhook.pk) is False
    webhook.refresh_from_db()
    assert (webhook.state.error, webhook.state.failures, due()) == ("server_fault", 1, [])
    clock.pass_(5)
    deliver(webhook.pk)
    assert len(receiver.accepted) == 1


def test_who_asks_to_be_left_alone_is_for_an_hour_at_most(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock
) -> None:
    webhook = hook()
    bad, good = make_entity(form, designer, title="bad"), make_entity(form, designer, title="good")
    receiver.reply = lambda message: (429, {"Retry-After": "120"}, b"")
    deliver(webhook.pk)
    assert WebhookState.objects.get().next_at == clock.now + timedelta(seconds=120)
    clock.pass_(120)
    receiver.reply = lambda message: OK if message.data["id"] == good else (503, {"Retry-After": "99999"}, b"")
    deliver(webhook.pk)
    row = webhook.stuck.get()
    assert (row.subject_id, row.next_at) == (bad, clock.now + timedelta(hours=1))
