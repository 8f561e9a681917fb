"""The PostgreSQL of the benchmarks: the embedded binaries, in a folder of its own, tuned and durable."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from benchmarks.processes import cpu_seconds, cpu_seconds_of_ended, descendants
from config.embedded import binaries, cluster

SHOWN = (
    "server_version",
    "shared_buffers",
    "effective_cache_size",
    "work_mem",
    "maintenance_work_mem",
    "max_wal_size",
    "random_page_cost",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "jit",
    "max_parallel_workers_per_gather",
    "autovacuum",
)
"""The settings that results name."""


def tuned(shared_buffers: str = "") -> dict[str, str]:
    """Settings for a machine that this PostgreSQL has mostly to itself: a quarter of its memory for shared buffers,
    8 GB at most, half of it assumed to be cache. The same server, hence the same settings, serves all that is
    compared."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "shared_buffers": shared_buffers or f"{min(memory // 4, 8192)}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": "512MB",
        "max_wal_size": "8GB",
        "max_connections": "200",
    }


class PostgreSQL:
    """The running server and its databases. Raises ClusterError when it does not start."""

    def __init__(self, folder: Path, shared_buffers: str = "", *, durable: bool = True) -> None:
        self.cluster = cluster.Cluster(folder, durable=durable)
        self._tuned = tuned(shared_buffers)

    def start(self) -> None:
        """Start it with our settings in the place of those for a copy to try."""
        usual = dict(cluster.SERVER_SETTINGS)
        cluster.SERVER_SETTINGS.update(self._tuned)
        try:
            self.cluster.join()
        finally:
            cluster.SERVER_SETTINGS.clear()
            cluster.SERVER_SETTINGS.update(usual)

    def stop(self) -> None:
        """Stop it, unless another process uses it."""
        self.cluster.leave()

    def url(self, database: str) -> str:
        """The DATABASE_URL of a database."""
        return f"postgresql://postgres@{quote(str(self.cluster.socket_folder), safe='')}:5432/{database}"

    def connect(self, database: str) -> psycopg.Connection[Any]:
        """A connection in autocommit."""
        return psycopg.connect(self.url(database), autocommit=True)

    def fetch(self, database: str, query: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of one statement on a connection of its own; an empty list for one without rows."""
        with self.connect(database) as connection:
            cursor = connection.execute(query.encode(), list(values) or None)
            return cursor.fetchall() if cursor.description else []

    def settings(self) -> dict[str, str]:
        """What the server says of its settings."""
        rows = self.fetch("postgres", "SELECT name, current_setting(name) FROM pg_settings")
        return {name: value for name, value in rows if name in SHOWN}

    def program(self, name: str) -> str:
        """The path of one of the embedded programs, e.g. pgbench."""
        return str(binaries.programs(None).folder / name)

    def cpu(self) -> float:
        """The CPU seconds of the server so far, those of its processes that ended included."""
        postmaster = int((self.cluster.data / "postmaster.pid").read_text().splitlines()[0])
        running = descendants(postmaster)
        return cpu_seconds(running) + cpu_seconds_of_ended(postmaster)

    # --- databases ---------------------------------------------------------------------------------------

    def note(self, database: str) -> str | None:
        """What was noted on a database; None where there is no such database."""
        rows = self.fetch(
            "postgres",
            "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = %s",
            [database],
        )
        return str(rows[0][0]) if rows else None

    def make(self, database: str) -> None:
        """An empty database of that name, whatever was there before."""
        self.drop(database)
        self._run("CREATE DATABASE {} TEMPLATE template0", database)

    def copy(self, database: str, to: str) -> None:
        """A copy of a database, as files: as fast as the disk."""
        self.drop(to)
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", to, database)

    def keep(self, draft: str, database: str, note: str) -> None:
        """Give a finished draft its name and its note."""
        self.drop(database)
        self._run("ALTER DATABASE {} RENAME TO {}", draft, database)
        with self.connect("postgres") as connection:
            statement = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), sql.Literal(note))
            connection.execute(statement)

    def drop(self, database: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    @contextmanager
    def copied(self, database: str) -> Iterator[str]:
        """The name of a copy that may be written to; it is dropped behind."""
        name = f"{database}_run"
        self.copy(database, name)
        try:
            yield name
        finally:
            self.drop(name)

    def settle(self, database: str, seconds: float = 60) -> None:
        """End what clients that went away had asked of a database: it would be measured with what comes next. A
        server has them in a queue, so each that ends may be followed by another."""
        cancel = (
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        quiet, until = 0, time.monotonic() + seconds
        with self.connect("postgres") as connection:
            while quiet < 3 and time.monotonic() < until:
                quiet = 0 if connection.execute(cancel, [database]).fetchall() else quiet + 1
                time.sleep(0.1)

    def warm(self, database: str) -> None:
        """Read tables and indexes of a database into the shared buffers, as a server that runs for a while has them;
        not of one that is larger than those."""
        with self.connect(database) as connection:
            fits = "SELECT pg_database_size(current_database()) < pg_size_bytes(current_setting('shared_buffers'))"
            if connection.execute(fits).fetchall() != [(True,)]:
                return
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
            connection.execute(
                "SELECT sum(pg_prewarm(oid)) FROM pg_class WHERE relkind IN ('r', 'i') "
                "AND relnamespace = 'public'::regnamespace"
            )

    def _run(self, statement: str, *names: str) -> None:
        with self.connect("postgres") as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
