"""The worker's part: what waits gets a job, once for each webhook; a job goes on; old deliveries go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from forms_app.database.queue import defer_once
from forms_app.models import CustomForm, Member
from forms_app.webhooks import delivering
from tests.factories import make_entity
from tests.forms_app.webhooks.conftest import Clock, Hook
from tests.forms_app.webhooks.receivers import LocalReceiver
from tests.jobs import run_jobs


def waiting() -> list[int]:
    jobs = ProcrastinateJob.objects.filter(task_name="webhooks.deliver", status="todo").order_by("id")
    return [job.args["webhook_id"] for job in jobs]


def look() -> None:
    app.tasks["webhooks.look"].func(timestamp=0)


def test_what_waits_gets_one_job_for_each_webhook(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver
) -> None:
    first, second, off = hook(), hook(), hook(enabled=False)
    look()
    assert waiting() == []
    make_entity(form, designer, title="甲")
    look()
    look()
    assert sorted(waiting()) == [first.pk, second.pk]
    run_jobs("webhooks")
    assert len(receiver.accepted) == 2 and not off.deliveries.exists()
    look()
    assert waiting() == []


def test_a_run_with_more_to_do_comes_again_behind_others(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = hook()
    make_entity(form, designer, title="甲")
    look()
    with connection.cursor() as cursor:  # as the worker does before it works
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'webhooks.deliver'")
    monkeypatch.setattr(delivering, "deliver", lambda webhook_id: True)
    app.tasks["webhooks.deliver"].func(webhook_id=webhook.pk)
    assert waiting() == [webhook.pk]


def test_a_failing_webhook_is_not_looked_at_before_its_time(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock
) -> None:
    webhook = hook()
    make_entity(form, designer, title="甲")
    receiver.reply = lambda message: (503, {}, b"")
    look()
    run_jobs("webhooks")
    look()
    assert waiting() == []
    clock.pass_(5)
    look()
    assert waiting() == [webhook.pk]


def test_deliveries_are_kept_for_some_days(hook: Hook, clock: Clock) -> None:
    webhook = hook()
    for days in (1, 13, 15, 400):
        at = clock.now - timedelta(days=days)
        webhook.deliveries.create(message_id=str(days), event="x", status="failed", milliseconds=1, at=at)
    app.tasks["webhooks.purge"].func(timestamp=0)
    assert sorted(webhook.deliveries.values_list("message_id", flat=True)) == ["1", "13"]


def test_a_lock_lets_one_job_wait(db: None) -> None:
    for webhook_id in (1, 1, 2):
        defer_once("webhooks.deliver", f"test {webhook_id}", webhook_id=webhook_id)
    assert waiting() == [1, 2]
