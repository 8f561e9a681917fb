"""A served copy whose servers reach PostgreSQL through PgBouncer, in transaction mode and with four connections."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import psycopg
import pytest

from apaas.requests.parameters import CALLS
from config.embedded.cluster import Cluster
from tests.config.copies import PROJECT, Copy, wait_until
from tests.config.made import with_demo
from tests.config.poolers import Pooler, pooled, pooler_of_sample
from tests.config.test_quickstart import start
from tests.config.tours import NUMBERED, TICKET_CALLS, Tour
from tests.scale import scaled, seen

pytestmark = pytest.mark.slow
POOL, SERVERS, CLIENTS = 4, 4, 16
MIXED_CALLS = scaled(1_200, 20_000)
NUMBERS = scaled(320, 4_000)
BUILT = 6_000
"""Records of a form that is to get all indexes."""


class Served(NamedTuple):
    copy: Copy
    pooler: Pooler
    facts: dict[str, Any]
    form_id: int

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What PostgreSQL itself answers."""
        with psycopg.connect(self.pooler.cluster.url, autocommit=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def served(copy: Copy, folder: Path) -> Iterator[Served]:
    with_demo(copy)
    with pooled(copy, folder / "pooler", POOL) as pooler:
        more = {"TOKEN_CONCURRENCY": "64", "CALL_LOG": "1", "WEBHOOK_NETWORKS": "127.0.0.0/8", **pooler.environment}
        process, facts = start(copy, workers=SERVERS, **more)
        reading = threading.Thread(target=process.communicate, daemon=True)  # a full pipe would hold it up
        reading.start()
        try:
            made = copy.manage("shell", "-v", "0", "-c", NUMBERED, **pooler.environment)
            assert made.returncode == 0, made.stderr
            yield Served(copy, pooler, facts, int(made.stdout))
        finally:
            process.terminate()
            reading.join(60)


def at_once(jobs: list[Any]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(1200)
    assert not any(thread.is_alive() for thread in threads)


def test_all_goes_through_a_pool_of_four(served: Served) -> None:
    one = Tour(served.facts, served.form_id)
    one.round()
    assert one.failed == []
    assert set(one.called) == {*CALLS, *TICKET_CALLS}
    tours = [Tour(served.facts, served.form_id) for _client in range(CLIENTS)]

    def go_round(tour: Tour) -> None:
        while sum(tour.called.values()) < MIXED_CALLS / CLIENTS:
            tour.round()

    at_once([lambda tour=tour: go_round(tour) for tour in tours])
    called = sum((tour.called for tour in tours), Counter[str]())
    assert [failed for tour in tours for failed in tour.failed] == []
    assert called.total() >= MIXED_CALLS
    numbers_are_right(served)
    nothing_is_left_behind(served)
    indexes_are_built(served)
    seen("behind a pooler", calls=called.total(), pool=POOL, servers=SERVERS, clients=CLIENTS)


def test_writers_of_both_kinds_of_numbers_do_not_wait_for_one_another_for_ever(served: Served) -> None:
    tours = [Tour(served.facts, served.form_id) for _writer in range(CLIENTS)]

    def write(tour: Tour) -> None:
        for number in range(NUMBERS // CLIENTS):
            key = {"Idempotency-Key": f"{id(tour)} {number}".replace(" ", "-")} if number % 3 == 0 else None
            tour.records("create", "POST", headers=key, form_entity={"amount": number})
            if number % 10 == 0:
                rows = [{"amount": 1}] * 3 + [{"amount": "wrong"}]
                tour.records("mass_create", "POST", "/mass_create", form_entities=rows, partial=True)

    at_once([lambda tour=tour: write(tour) for tour in tours])
    assert [failed for tour in tours for failed in tour.failed] == []
    numbers_are_right(served)
    nothing_is_left_behind(served)


def numbers_are_right(served: Served) -> None:
    """The gap-free ones have no gap, of the fast ones none is there twice; records in the trash have theirs."""
    numbers = "data->>'gapless', data->>'fast'"
    form = f"WHERE custom_form_id = {served.form_id}"
    sql = f"SELECT {numbers} FROM form_entity {form} UNION ALL SELECT {numbers} FROM form_entity_trash {form}"
    rows = served.rows(sql)
    assert sorted(int(gapless) for gapless, _fast in rows) == list(range(1, len(rows) + 1))
    assert len({fast for _gapless, fast in rows}) == len(rows)


def nothing_is_left_behind(served: Served) -> None:
    """No session that others use after us has a lock, a prepared statement, a setting or an open transaction of
    ours."""
    assert served.rows("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]
    assert served.rows("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'") == [(0,)]
    with psycopg.connect(served.pooler.url, autocommit=True) as connection:
        connection.prepare_threshold = None
        for name in ("statement_timeout", "lock_timeout"):
            assert connection.execute(f"SHOW {name}").fetchone() == ("0",)
        ours = "SELECT count(*) FROM pg_prepared_statements WHERE name NOT LIKE 'PGBOUNCER%'"
        assert connection.execute(ours).fetchone() == (0,)


def indexes_are_built(served: Served) -> None:
    """The worker, which goes to PostgreSQL itself, builds what a form that grew should have."""
    for_it = ("generate_entities", str(served.form_id), str(BUILT))
    done = served.copy.manage(*for_it, **served.pooler.environment)
    assert done.returncode == 0, done.stderr
    wanted = f"SELECT count(*) FROM form_field_index WHERE custom_form_id = {served.form_id}"
    wait_until(
        lambda: (
            served.rows(wanted)[0][0] >= 3
            and served.rows("SELECT count(*) FROM form_field_index WHERE state <> 'valid'") == [(0,)]
        ),
        what="all indexes are valid",
        seconds=180,
    )
    assert served.rows("SELECT count(*) FROM form_index_lease") == [(0,)]


def test_what_needs_postgresql_itself_says_so_and_the_rest_goes_through(copy: Copy, folder: Path) -> None:
    with_demo(copy)
    with pooled(copy, folder / "pooler", POOL) as pooler:
        for command in (
            ("migrate",),
            ("procrastinate", "worker", "--one-shot"),
            ("field_indexes", "--build"),
            ("quickstart", "--no-serve"),
        ):
            for told in (
                {"DATABASE_URL": pooler.url},
                {"DATABASE_URL": pooler.url, "DIRECT_DATABASE_URL": pooler.url},
            ):
                done = copy.manage(*command, **told)
                assert done.returncode == 1, (command, done.stderr)
                assert "CommandError" in done.stderr and "Traceback" not in done.stderr
                assert list(told)[-1] + " leads to a pooler" in done.stderr
                assert "set DIRECT_DATABASE_URL to its own address" in done.stderr
        done = copy.manage("procrastinate", "worker", "--one-shot", **pooler.environment)
        assert done.returncode == 0, done.stderr
        assert copy.manage("migrate", **pooler.environment).returncode == 0
        assert copy.manage("field_indexes", DATABASE_URL=pooler.url).returncode == 0


def test_the_sample_of_the_documentation_serves(copy: Copy, folder: Path) -> None:
    """As it stands there but for places: PostgreSQL's, PgBouncer's port, and the file of passwords."""
    page = (PROJECT / "docs" / "operations.md").read_text()
    sample = page.partition("### Behind PgBouncer")[2].partition("```ini\n")[2].partition("```")[0]
    cluster = Cluster(copy.data_dir / "postgresql", durable=False)
    cluster.join()
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE apaas LOGIN PASSWORD 'password'")
        connection.execute("CREATE DATABASE apaas OWNER apaas ENCODING 'UTF8' TEMPLATE template0")
    with pooler_of_sample(cluster, folder / "pooler", sample) as pooler:
        direct = f"postgresql://apaas@{quote(str(cluster.socket_folder), safe='')}:5432/apaas"
        told = {
            "DATABASE_URL": f"postgresql://apaas:password@127.0.0.1:{pooler.port}/apaas",
            "DIRECT_DATABASE_URL": direct,
        }
        done = copy.manage("migrate", "--plan", **told)
        assert "Create model IndexLease" in done.stdout, done.stderr
        ask = "import django; django.setup();"
        ask += "from django.db import connection as c; c.ensure_connection(); print(c.settings_dict['POOLED'])"
        done = copy.run("-c", ask, DJANGO_SETTINGS_MODULE="config.settings", **told)
        assert done.stdout == "True\n", done.stderr
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            psycopg.connect(told["DATABASE_URL"].replace("password", "another"))
    cluster.leave()
