"""A pooler in transaction mode is noticed by itself; what PostgreSQL keeps for a connection is not used behind one."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import psycopg
import pytest
from django.core.management.base import CommandError
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg.errors import QueryCanceled
from pytest_django import Settings

from config.database import database_settings
from config.embedded.cluster import Cluster
from forms_app.database import pooler, running
from forms_app.database.cursor import fetch
from tests.config.poolers import Pooler, pooler_before, program

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LIMITS = ("statement_timeout", "lock_timeout", pooler.PARALLEL)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A database server of these tests' own."""
    place = Path(tempfile.mkdtemp(prefix="apaas-test-", dir="/tmp"))
    place.chmod(0o711)  # root's PostgreSQL is another user
    found = Cluster(place / "postgresql", durable=False)
    found.join()
    yield found
    found.leave()
    shutil.rmtree(place)


@pytest.fixture
def before(cluster: Cluster) -> Iterator[Pooler]:
    """A pooler before it, with one connection."""
    place = cluster.home.parents[1] / "pooler"
    with pooler_before(cluster, place, pool=1) as found:
        yield found
    shutil.rmtree(place)


def connected(url: str, seconds: float = 0) -> BaseDatabaseWrapper:
    """A new connection as a server makes one."""
    made = wrapper(url, seconds)
    made.ensure_connection()
    return made


def wrapper(url: str, seconds: float = 0) -> BaseDatabaseWrapper:
    told = deepcopy(connections.settings["default"])
    told.update(database_settings(url, data_dir=Path("/nowhere"), conn_max_age=60, embedded_fsync=False))
    if seconds:
        pooler.limit_statements(told, seconds)
    return DatabaseWrapper(told, "default")


def shown(database: BaseDatabaseWrapper, name: str) -> str:
    with database.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


def keeps_statements() -> bool:
    """Whether the PgBouncer of this machine does so by its own settings, as it does from 1.24 on."""
    told = subprocess.run([program() or "", "--version"], capture_output=True, text=True).stdout
    major, minor = told.split()[1].split(".")[:2]
    return (int(major), int(minor)) >= (1, 24)


def test_a_connection_of_one_s_own_keeps_the_limits_and_its_statements(cluster: Cluster) -> None:
    own = connected(cluster.url, 1.5)
    assert own.settings_dict[pooler.POOLED] is False
    assert [shown(own, name) for name in LIMITS] == ["1500ms", "1350ms", "0"]
    assert own.connection.prepare_threshold == 3 and not own.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
    own.close()
    free = connected(cluster.url)
    assert [shown(free, name) for name in LIMITS[:2]] == ["0", "0"]
    free.close()


def test_what_the_address_says_of_parallel_workers_holds(cluster: Cluster) -> None:
    own = connected(cluster.url + "?options=-c%20max_parallel_workers_per_gather%3D1", 1)
    assert [shown(own, name) for name in LIMITS] == ["1s", "900ms", "1"]
    own.close()


def test_a_shorter_limit_for_some_statements_gives_way_to_that_of_all(cluster: Cluster) -> None:
    own = connected(cluster.url, 7)
    kept = connections["default"]
    connections["default"] = own
    try:
        with transaction.atomic():
            with running.limited(2):
                assert fetch("SHOW statement_timeout", []) == [("2s",)]
            assert fetch("SHOW statement_timeout", []) == [("7s",)]
    finally:
        connections["default"] = kept
        own.close()


def test_a_pooler_is_noticed_and_nothing_is_left_with_it(before: Pooler) -> None:
    one, other = (connected(before.url, 1.5) for _client in "12")
    for database in (one, other):
        assert database.settings_dict[pooler.POOLED] is True
        assert (database.connection.prepare_threshold is None) is not keeps_statements()
        assert database.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] is True
    for turn in range(12):  # each of them would be prepared by now, in the one process that serves both
        for database in (one, other):
            # Upon a rollback psycopg gives up what it prepared.
            with (
                database.connection.transaction(force_rollback=turn == 6),
                psycopg.Cursor(database.connection) as cursor,
            ):
                cursor.execute("SELECT name FROM pg_prepared_statements WHERE name NOT LIKE 'PGBOUNCER%'")
                assert cursor.fetchall() == []
    with psycopg.Cursor(one.connection) as cursor:
        cursor.execute("SELECT count(*) > 0 FROM pg_prepared_statements")
        assert cursor.fetchone() == (keeps_statements(),)
    assert [shown(one, name) for name in LIMITS[:2]] == ["0", "0"]
    for database in (one, other):
        database.close()


def test_behind_a_pooler_the_process_cancels_what_is_over_the_limit(
    before: Pooler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_watching", None)
    pooled = connected(before.url, 0.5)
    running._note(pooled)
    began = time.monotonic()
    with pytest.raises(OperationalError) as caught, pooled.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")
    assert isinstance(caught.value.__cause__, QueryCanceled) and time.monotonic() - began < 30
    assert shown(pooled, "server_version")
    assert running._watching is not None
    pooled.close()


@pytest.mark.parametrize(("said", "pooled"), [(True, True), (False, False)])
def test_what_the_setting_says_is_not_asked(before: Pooler, settings: Settings, said: bool, pooled: bool) -> None:
    settings.DB_POOLER = said
    for url in (before.cluster.url, before.url):
        database = connected(url)
        assert database.settings_dict[pooler.POOLED] is pooled
        prepares = not pooled or (url == before.url and keeps_statements())
        assert (database.connection.prepare_threshold is not None) is prepares
        database.close()


def test_a_connection_that_can_t_be_asked_is_closed(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooler, "session_settings", lambda database: {"no_such_setting_here": "1"})
    database = wrapper(cluster.url)
    with pytest.raises(DatabaseError, match="no_such_setting_here"):
        database.ensure_connection()
    assert database.connection is None


def test_what_needs_postgresql_itself_is_refused_behind_a_pooler(settings: Settings) -> None:
    pooler.refuse_pooler("builds")
    connection.settings_dict[pooler.POOLED] = True
    try:
        with pytest.raises(CommandError, match="DATABASE_URL leads to a pooler in transaction mode, and builds need"):
            pooler.refuse_pooler("builds")
        settings.DIRECT_DATABASE_URL = "postgresql://u:secret@h/n"
        with pytest.raises(CommandError, match="DIRECT_DATABASE_URL leads to a pooler") as caught:
            pooler.refuse_pooler("builds")
        assert "secret" not in str(caught.value)
    finally:
        connection.settings_dict[pooler.POOLED] = False
