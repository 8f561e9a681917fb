"""The page of scheduled jobs, and what it is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import get_commands
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from config.management.commands import procrastinate as command
from forms_app.admin.scheduled import LATE, TITLES, row
from forms_app.database import scheduled
from forms_app.database.scheduled import Job, jobs, note, noted
from forms_app.models import Member, ScheduledRun
from tests.accounts import administrator, linked
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
BEGAN = datetime(2026, 12, 1, 18, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    scheduled._noted.clear()
    yield
    scheduled._noted.clear()


def page(client: Client) -> Any:
    return client.get(reverse("admin:forms_app_scheduledrun_changelist"))


def test_an_operator_sees_every_job_and_how_it_went() -> None:
    note("records.purge_trash", timezone.now(), count=1_234)
    note("audit.purge", timezone.now(), error="RuntimeError('out of order')")
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    shown = page(client).content.decode()
    for job in jobs():
        assert job.name in shown
    assert "1234" in shown.replace(",", "") and "out of order" in shown
    assert "schedule" in shown


def test_nobody_else_does(alice: Member) -> None:
    client = linked(Client(), administrator(alice))
    assert page(client).status_code == 403
    assert reverse("admin:forms_app_scheduledrun_changelist") not in client.get("/admin/").content.decode()


def test_every_job_has_a_title_in_each_language() -> None:
    assert {job.name for job in jobs()} == set(TITLES)
    for language in ("zh-hans", "zh-hant"):
        with translation.override(language):
            assert all(ord(character) > 0x2E80 for character in (str(title)[0] for title in TITLES.values()))


def test_what_failed_is_told_beside_when_it_went_well() -> None:
    note("a", BEGAN, count=3)
    note("a", BEGAN + timedelta(days=1), error="x" * 5_000)
    note("a", BEGAN + timedelta(days=2), error="y")
    run = ScheduledRun.objects.get()
    assert (run.failures, run.error, run.count, run.began_at) == (2, "y", None, BEGAN + timedelta(days=2))
    assert run.well_at is not None and run.well_at < run.ended_at
    note("a", BEGAN + timedelta(days=3), count=0)
    run.refresh_from_db()
    assert (run.failures, run.error, run.count) == (0, "", 0)


def test_a_job_that_comes_often_is_noted_once_a_minute_and_when_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [1_000.0]
    monkeypatch.setattr(scheduled.time, "monotonic", lambda: moment[0])

    def runs(seconds: float, **how: Any) -> datetime:
        moment[0] += seconds
        note("a", BEGAN + timedelta(seconds=moment[0]), **how)
        return ScheduledRun.objects.get().began_at - timedelta(seconds=1_000)

    assert runs(0) == BEGAN
    assert runs(59) == BEGAN
    assert runs(1) == BEGAN + timedelta(seconds=60)
    assert runs(2, error="x") == BEGAN + timedelta(seconds=62)
    assert runs(2) == BEGAN + timedelta(seconds=64)


def test_a_database_that_is_away_fails_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", refuse)
    monkeypatch.setattr(connection, "close", lambda: None)
    note("a", BEGAN)


@pytest.mark.parametrize(("name", "count"), [("records.purge_trash", 7), ("tickets.open_called", None)])
def test_the_worker_notes_what_comes_by_the_clock_alone(
    monkeypatch: pytest.MonkeyPatch, name: str, count: int | None
) -> None:
    found: list[Any] = []
    monkeypatch.setattr(scheduled, "note", lambda *args, **how: found.append((args[0], how)))
    jobs()
    context = SimpleNamespace(job=SimpleNamespace(task_name=name))

    async def done() -> int:
        return 7

    async def broken() -> int:
        raise ValueError("x")

    assert asyncio.run(noted(done, context, None)) == 7
    with pytest.raises(ValueError, match="x"):
        asyncio.run(noted(broken, context, None))
    expected = [(name, {"count": count}), (name, {"error": "ValueError('x')"})]
    assert found == (expected if count is not None else [])
    assert get_commands()["procrastinate"] == "config" and command.noted is noted


@pytest.mark.parametrize(
    ("ago", "error", "colour"),
    [(timedelta(), "", "good"), (timedelta(), "x", "bad"), (timedelta(minutes=5), "", "good"), (None, "", "")],
)
def test_a_run_that_is_missed_is_told(ago: timedelta | None, error: str, colour: str) -> None:
    job = Job("a", "0 * * * *")
    run = None
    if ago is not None:
        began = timezone.now() - ago
        run = ScheduledRun(name="a", began_at=began, ended_at=began, error=error)
    shown = row(job, run)
    assert shown["colour"] == colour
    assert timezone.now() < shown["next"] <= timezone.now() + timedelta(hours=1)


def test_a_run_is_overdue_some_minutes_after_its_time() -> None:
    began = timezone.now() - LATE - timedelta(minutes=3)
    run = ScheduledRun(name="a", began_at=began, ended_at=began)
    assert row(Job("a", "* * * * *"), run)["colour"] == "warn"
