"""`/livez` and `/readyz`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from config.health import checks as health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)


def heard(ago: timedelta) -> None:
    """A worker said so long ago that it lives."""
    table = ProcrastinateWorker._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} (last_heartbeat) VALUES (%s)", [timezone.now() - ago])


def ready() -> tuple[int, dict[str, Any]]:
    response = Client().get("/readyz")
    assert response.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = response.json()
    return response.status_code, found


def test_a_process_that_answers_lives() -> None:
    response = Client().get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert Client().head("/livez").status_code == 200
    assert Client().post("/livez").status_code == 405


def test_it_is_ready_where_all_is_well() -> None:
    heard(timedelta(seconds=59))
    assert ready() == (200, {"status": "ok", "checks": {name: {"status": "ok"} for name in health.CHECKS}})


@pytest.mark.parametrize("silent", [True, False])
def test_a_worker_that_is_gone_is_worth_a_warning(silent: bool) -> None:
    if silent:
        heard(timedelta(seconds=61))
    status, found = ready()
    assert (status, found["status"], found["checks"]["worker"]["status"]) == (200, "warning", "warning")
    assert "manage.py work" in found["checks"]["worker"]["message"]


def test_a_disk_that_is_soon_full_is_worth_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    heard(timedelta(0))
    for free, status in ((health.LEAST_FREE, "ok"), (health.LEAST_FREE - 1, "warning")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _path, free=free: SimpleNamespace(free=free))
        assert ready()[1]["status"] == status


def test_a_disk_that_is_gone_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_path: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(shutil, "disk_usage", gone)
    status, found = ready()
    assert (status, found["checks"]["disk"]) == (503, {"status": "failed", "message": "The disk can't be read."})


def test_a_migration_that_waits_fails_and_is_seen_once_it_is_applied() -> None:
    heard(timedelta(0))
    MigrationRecorder(connection).migration_qs.filter(app="forms_app").order_by("-pk").first().delete()
    status, found = ready()
    assert (status, found["status"], found["checks"]["migrations"]["status"]) == (503, "failed", "failed")
    assert found["checks"]["migrations"]["message"].startswith("1 migrations")


def test_what_was_applied_is_not_asked_for_again() -> None:
    assert ready()[0] == 200
    MigrationRecorder(connection).migration_qs.filter(app="forms_app").delete()
    assert ready()[1]["checks"]["migrations"] == {"status": "ok"}


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_args: object) -> None:
        raise OperationalError("password authentication failed for user x")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", refuse)
        patched.setattr(connection, "close", lambda: None)
        yield


def test_a_database_that_is_away_fails_without_telling_why(away: None) -> None:
    status, found = ready()
    assert (status, found["status"]) == (503, "failed")
    assert found["checks"]["database"] == {"status": "failed", "message": "The database is away."}
    assert found["checks"]["disk"] == {"status": "ok"}
    assert Client().get("/livez").status_code == 200


def test_a_replica_that_is_not_read_from_is_worth_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, str] = {}
    monkeypatch.setattr(health, "every", SimpleNamespace(faults=lambda: found))
    assert health.replicas() == health.OK
    found["replica_2"] = "is away"
    told = health.replicas()
    assert (told.status, "replica 2 is away" in told.message) == ("warning", True)


def test_without_replicas_nothing_is_said_of_them() -> None:
    assert "replicas" not in health.CHECKS
