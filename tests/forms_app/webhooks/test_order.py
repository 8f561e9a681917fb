"""The order within a record is that of its writes, also where commits overtake each other; nothing that is not final is
told. Real transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections, transaction

from forms_app.models import CustomForm, Member, Webhook
from forms_app.webhooks import delivering, source
from forms_app.webhooks.cursors import Cursor, cursor_of, stored
from forms_app.webhooks.delivering import deliver
from forms_app.webhooks.due import due
from forms_app.webhooks.restoring import cursors_turn_back
from forms_app.webhooks.source import Entry, Position
from tests.factories import make_entity, make_webhook
from tests.forms_app.webhooks.conftest import changed
from tests.forms_app.webhooks.receivers import OK, LocalReceiver, Message, Reply


@pytest.fixture
def webhook(transactional_db: None, form: CustomForm, designer: Member, receiver: LocalReceiver) -> Webhook:
    return make_webhook(form, designer, url=receiver.url, enabled=True)


def versions(receiver: LocalReceiver, record: int) -> list[int]:
    return [message.data["version"] for message in receiver.accepted if message.data["id"] == record]


class Early:
    """A transaction that begins, and has its place in the order of commits, before it writes what it is told to."""

    def __init__(self, write: Any) -> None:
        self.begun, self.go, self.write = threading.Event(), threading.Event(), write
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        assert self.begun.wait(10)

    def run(self) -> None:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_current_xact_id()")
                self.begun.set()
                assert self.go.wait(10)
                self.write()
        finally:
            connections.close_all()

    def end(self) -> None:
        self.go.set()
        self.thread.join(10)


def test_nothing_is_told_before_what_may_still_come_before_it(
    webhook: Webhook, form: CustomForm, designer: Member, receiver: LocalReceiver
) -> None:
    early = Early(lambda: make_entity(form, designer, title="early"))
    try:
        late = make_entity(form, designer, title="late")
        deliver(webhook.pk)
        assert receiver.seen == [] and due() == []
    finally:
        early.end()
    assert due() == [webhook.pk]
    deliver(webhook.pk)
    assert {message.data["record"]["title"] for message in receiver.accepted} == {"early", "late"}
    assert versions(receiver, late) == [1]


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_a_write_that_waited_for_another_is_told_after_it(
    webhook: Webhook, form: CustomForm, designer: Member, receiver: LocalReceiver, batch: int, monkeypatch: Any
) -> None:
    """The transaction that began first writes last: by the order of commits alone its change would come first."""
    monkeypatch.setattr(delivering, "BATCH", batch)
    record = make_entity(form, designer, amount=1)
    early = Early(lambda: changed(form, designer, record, amount=3))
    try:
        changed(form, designer, record, amount=2)
    finally:
        early.end()
    entries = source.after("record", form.pk, Position(0, 0), 10)
    assert [entry.version for entry in entries] == [1, 3, 2], "the test does not show what it should"
    deliver(webhook.pk)
    assert versions(receiver, record) == [1, 2, 3]
    assert [message.data["record"]["amount"] for message in receiver.accepted] == [1, 2, 3]
    assert len(receiver.seen) == 3


def entry(pk: int, tx: int, subject: int = 1) -> Entry:
    return Entry("record", pk, tx, subject, subject, "updated", "", 1, 0, "{}")


def cuts() -> Iterator[set[int]]:
    yield from ({1}, {2}, {1, 3}, {1, 2, 3, 4}, {4}, set())


@pytest.mark.parametrize("settled", list(cuts()), ids=str)
def test_a_cursor_passes_what_is_settled_and_remembers_what_is_beyond(settled: set[int]) -> None:
    entries = [entry(1, 10), entry(2, 11), entry(3, 12), entry(4, 13)]
    cursor = Cursor(Position(9, 0)).moved(entries, settled)
    held = stored(cursor)
    cursor = cursor_of({"5/record": held}, 5, "record", 0)
    left = [e.id for e in cursor.left([e for e in entries if e.position > cursor.position])]
    assert left == [pk for pk in (1, 2, 3, 4) if pk not in settled]
    cursor = cursor.moved([e for e in entries if e.position > cursor.position], set(left))
    assert (cursor.position, cursor.ahead) == (Position(13, 4), {})


def test_after_a_database_was_restored_nothing_is_passed_over(
    webhook: Webhook, form: CustomForm, designer: Member, receiver: LocalReceiver
) -> None:
    """Its transactions are counted from the beginning again: a cursor of before would stand behind all that comes."""
    far = source.now() + 1_000_000
    webhook.state.began, webhook.state.cursors = far, {f"{form.pk}/record": {"tx": far, "id": 5, "ahead": {"6": far}}}
    webhook.state.save()
    assert cursors_turn_back() == 1
    make_entity(form, designer, title="甲")
    deliver(webhook.pk)
    assert len(receiver.accepted) == 1
    assert cursors_turn_back() == 0


def test_one_that_answers_slowly_holds_up_no_other(
    webhook: Webhook, form: CustomForm, designer: Member, receiver: LocalReceiver
) -> None:
    quick = make_webhook(form, designer, url=receiver.url + "&quick=1", enabled=True)
    record = make_entity(form, designer, title="甲")
    asked, answer = threading.Event(), threading.Event()

    def reply(message: Message) -> Reply:
        if "quick" not in message.path:
            asked.set()
            assert answer.wait(10)
        return OK

    receiver.reply = reply

    def slow() -> None:
        deliver(webhook.pk)
        connections.close_all()

    running = threading.Thread(target=slow)
    running.start()
    try:
        assert asked.wait(10)
        assert deliver(webhook.pk) is False  # somebody works for it
        deliver(quick.pk)
        assert versions(receiver, record) == [1]
    finally:
        answer.set()
        running.join(10)
    assert versions(receiver, record) == [1, 1]
