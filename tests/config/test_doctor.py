"""`manage.py doctor`: each thing that it knows is found where it is planted, and named with what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from pytest_django import Settings

from config.health import checks, examinations
from forms_app.database import engine
from forms_app.database.cursor import fetch
from forms_app.models import CustomApp, CustomField, FieldIndex, FieldUse, FormCounter, Member
from forms_app.operators.index_kinds import TOGETHER
from forms_app.records.changes.partitions import Month
from tests.factories import make_entity, make_form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def well(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that lives, and no migration known as applied."""
    monkeypatch.setattr(checks, "_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {ProcrastinateWorker._meta.db_table} (last_heartbeat) VALUES (now())")


def doctor() -> tuple[int, list[str]]:
    out, code = StringIO(), 0
    try:
        call_command("doctor", stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, out.getvalue().splitlines()


def job(status: str, event: str, ago: timedelta, scheduled_at: object = None) -> None:
    """A job of this status, to which that happened so long ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at) "
            "VALUES ('default', 'planted', %s, %s) RETURNING id",
            [status, scheduled_at],
        )
        (job_id,) = cursor.fetchone() or (None,)
        cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [job_id])
        at = timezone.now() - ago
        cursor.execute("INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, %s, %s)", [job_id, event, at])


def test_a_sound_installation_is_told_so() -> None:
    assert ProcrastinateJob.objects.count() == 0
    total = len(examinations.EXAMINATIONS)
    assert doctor() == (0, [f"{total} of {total} examinations found nothing."])


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (
            lambda: job("failed", "failed", timedelta(hours=23)),
            "WARNING  jobs that failed: Jobs failed in the last day: planted.",
        ),
        (lambda: job("todo", "deferred", timedelta(minutes=11)), "WARNING  jobs that wait: 1 jobs have waited"),
    ],
)
def test_jobs_that_failed_or_wait_are_told(plant: Callable[[], None], found: str) -> None:
    plant()
    code, lines = doctor()
    assert code == 0
    assert lines[0].startswith(found), lines


@pytest.mark.parametrize(
    "plant",
    [
        lambda: job("failed", "failed", timedelta(hours=25)),
        lambda: job("todo", "deferred", timedelta(minutes=9)),
        lambda: job("todo", "deferred", timedelta(hours=5), timezone.now() + timedelta(hours=1)),
        lambda: job("succeeded", "deferred", timedelta(hours=5)),
        lambda: job("doing", "deferred", timedelta(hours=5)),
    ],
)
def test_jobs_of_long_ago_of_soon_and_of_now_are_none(plant: Callable[[], None]) -> None:
    plant()
    assert len(doctor()[1]) == 1


def test_an_index_that_failed_is_told_with_its_form(custom_app: CustomApp) -> None:
    form = make_form(custom_app, {"text": "text_field"})
    field = CustomField.objects.get(custom_form=form)
    for kind, state in (("order", FieldIndex.State.FAILED), ("grams", FieldIndex.State.VALID)):
        FieldIndex.objects.create(custom_form_id=form.pk, field_id=field.pk, kind=kind, state=state)
    (line, _summary) = doctor()[1]
    assert line.startswith(f"WARNING  field indexes: Indexes of fields failed: order of form {form.pk} {form.name}.")


def test_an_index_that_is_missing_is_told_with_its_form(
    custom_app: CustomApp, alice: Member, settings: Settings
) -> None:
    settings.INDEX_THRESHOLD = 1
    form = make_form(custom_app, {"amount": "integer_field"})
    make_entity(form, alice, amount=1)
    name = CustomField.objects.get(custom_form=form).name
    (line, _summary) = doctor()[1]
    assert line.startswith("WARNING  missing indexes: Forms lack indexes: ")
    assert f"{name} of form {form.pk} (missing)" in line


def test_that_fields_filtered_by_together_have_as_many_indexes_as_they_may_is_no_fault(
    custom_app: CustomApp, settings: Settings
) -> None:
    settings.INDEX_THRESHOLD, settings.MAX_INDEXES_TOGETHER = 1, 0
    form = make_form(custom_app, {"amount": "integer_field"})
    key = {"custom_form_id": form.pk, "field_id": -7, "kind": TOGETHER}
    FormCounter.objects.filter(custom_form_id=form.pk, slot=0).update(live=1)
    FieldUse.objects.create(**key, names="user amount", times=40, seconds=2)
    (line, _summary) = doctor()[1]
    assert "amount of form" in line
    assert "user + amount" not in line
    settings.MAX_INDEXES_TOGETHER = 1
    assert "user + amount of form" in doctor()[1][0]


@pytest.mark.parametrize(("cores", "pooler", "told"), [(2, False, False), (64, False, True), (64, True, False)])
def test_too_few_connections_for_the_cores_are_told(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, cores: int, pooler: bool, told: bool
) -> None:
    settings.DIRECT_DATABASE_URL = "postgresql://u:p@own/n" if pooler else ""
    monkeypatch.setattr(examinations, "cores", lambda: cores)
    assert any("room for servers: A server with a process for each of 64 cores" in line for line in doctor()[1]) is told


@pytest.mark.parametrize(("seconds", "told"), [(1, False), (-1, False), (5, True), (-5, True)])
def test_clocks_that_differ_are_told(monkeypatch: pytest.MonkeyPatch, seconds: int, told: bool) -> None:
    now = timezone.now
    monkeypatch.setattr(examinations.timezone, "now", lambda: now() + timedelta(seconds=seconds))
    assert any("clock: This machine's clock" in line for line in doctor()[1]) is told


@pytest.mark.parametrize(("used", "told"), [(90, False), (91, True), (100, True)])
def test_few_free_connections_are_told(monkeypatch: pytest.MonkeyPatch, used: int, told: bool) -> None:
    monkeypatch.setattr(examinations, "USED", f"SELECT {used}, 100")
    assert any(f"connections: {used} of 100" in line for line in doctor()[1]) is told


def test_a_month_without_a_partition_fails() -> None:
    coming = Month.of(timezone.now()).next
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {coming.name}")
    code, lines = doctor()
    assert code == 1
    assert lines[0] == "FAILED   change log: The change log has no room for next month: run manage.py migrate."


def test_what_is_many_is_not_all_named() -> None:
    assert examinations._named(list("abcdefg")) == "a, b, c, d, e and 2 more"
    assert examinations._named(list("abcde")) == "a, b, c, d, e"


def test_it_asks_the_database_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    used, most = fetch(examinations.USED, [])[0]
    assert 1 <= used <= most


def test_a_node_of_citus_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.Known, "citus", True)
    silent: list[tuple[str, int]] = []
    monkeypatch.setattr(examinations, "fetch", lambda sql, params: silent)
    assert examinations.nodes() == checks.OK
    silent.append(("10.0.0.3", 5432))
    found = examinations.nodes()
    assert found.status == "warning"
    assert found.message.startswith("Nodes of the database do not answer: 10.0.0.3:5432.")
