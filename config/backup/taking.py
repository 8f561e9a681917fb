"""Making a backup: what the database held at one moment, and the files that it named then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.utils.crypto import salted_hmac
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo
from tqdm import tqdm

from config.backup import archive, files, tables
from config.backup.exceptions import BackupError
from config.backup.programs import SECTIONS, pg_dump_for, schema_of
from config.backup.tables import Connection, Table

BATCH = 1 << 18
"""Bytes of rows that are written at once."""
_APPLIED = "SELECT app, name FROM django_migrations ORDER BY id"
_NAMED = "SELECT content FROM forms_app_storedfile WHERE content <> ''"
_SIZE = "SELECT pg_database_size(current_database())"
LEFT_OUT = {"password", "options", "client_encoding"}
BAR: dict[str, Any] = {"disable": None, "leave": False}
"""A bar on a terminal, and nothing elsewhere."""


class Taken(NamedTuple):
    """What a backup holds. `missing`: files that the database names and the storage has not."""

    tables: int
    rows: int
    files: int
    bytes: int
    missing: list[str]


@contextmanager
def own_connection() -> Iterator[Connection]:
    """A connection to the database beside Django's, in a transaction that nothing ends but the block. Raises
    BackupError where the database is away."""
    wrapper = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        wrapper.connect()
        wrapper.connection.autocommit = False
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
            wrapper.connection.execute(f"SET {limit} = 0")
        wrapper.connection.commit()
        yield wrapper.connection
    except (psycopg.OperationalError, OperationalError) as error:
        raise BackupError(f"The database does not answer: {error}") from error
    finally:
        if wrapper.connection is not None:
            wrapper.connection.close()


def backup(path: Path, *, with_files: bool = True) -> Taken:
    """Write the archive. Raises BackupError; then there is no archive."""
    with own_connection() as connection, archive.written(path) as out:
        program = pg_dump_for(connection.info.server_version // 10_000)
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        ((snapshot,),) = connection.execute("SELECT pg_export_snapshot()").fetchall()
        found = tables.tables_of(connection)
        if not found:
            raise BackupError("The database is empty: there is nothing to back up.")
        tables.hold(connection, found)
        told: dict[str, Any] = {
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "postgresql": connection.info.server_version,
            "pg_dump": program.major,
            "key": fingerprint(),
            "migrations": [list(row) for row in connection.execute(_APPLIED)],
            "schema": {},
            "tables": [],
        }
        for section in SECTIONS:
            dumped = schema_of(program, section, **_reached_by(connection), snapshot=snapshot)
            told["schema"][section] = out.put(f"schema/{section}.sql", [dumped.encode()])
        for table in tqdm(found, "tables", **BAR):
            told["tables"].append(_put(out, connection, table))
        told["sequences"] = tables.sequences_of(connection)
        named = {name for (name,) in connection.execute(_NAMED)} if with_files else set()
        told["files"] = dict(_put_files(out)) if with_files else None
        out.end(told)
        kept = told["files"] or {}
        rows = sum(table["rows"] for table in told["tables"])
    return Taken(len(found), rows, len(kept), path.stat().st_size, sorted(named - set(kept)))


def _put(out: archive.Writer, connection: Connection, table: Table) -> dict[str, Any]:
    adding = tables.Adding()

    def batches() -> Iterator[bytes]:
        gathered: list[bytes] = []
        length = 0
        for row in tables.rows_of(connection, table):
            adding.add(row)
            gathered.append(row)
            length += len(row)
            if length >= BATCH:
                yield b"".join(gathered)
                gathered, length = [], 0
        yield b"".join(gathered)

    written = out.put(f"tables/{table.title}", batches())
    return {**table._asdict(), **written, **adding.sum._asdict()}


def _put_files(out: archive.Writer) -> Iterator[tuple[str, dict[str, Any]]]:
    """Files are never changed. One that is removed meanwhile was to go; whether the database still names it is told."""
    for name in tqdm(files.names_in(default_storage), "files", **BAR):
        try:
            first = _begun(files.pieces_of(default_storage, name))
        except FileNotFoundError:
            continue
        yield name, out.put(f"files/{name}", first)


def _begun(pieces: Iterator[bytes]) -> Iterable[bytes]:
    """The same pieces; the first is read already, so a file that is not there is known before its part is begun."""
    first = next(pieces, b"")

    def again() -> Iterator[bytes]:
        yield first
        yield from pieces

    return again()


def _reached_by(connection: Connection) -> dict[str, Any]:
    """How another program reaches the same server: as the settings say it, for an older program does not know all that
    this one's library does. A password is not for the list of processes."""
    given = connections[DEFAULT_DB_ALIAS].get_connection_params()
    known = {option.keyword.decode() for option in Conninfo.get_defaults()} - LEFT_OUT
    place = {"host": connection.info.host, "port": connection.info.port, "dbname": connection.info.dbname}
    named = {name: value for name, value in given.items() if name in known}
    password = connection.info.password
    environment = {"PGPASSWORD": password} if password else {}
    return {"conninfo": make_conninfo(**{**named, **place}), "environment": environment}


def fingerprint() -> str:
    """Tells one SECRET_KEY from another, and nothing of it; "" where there is none yet."""
    try:
        return salted_hmac("config.backup", "").hexdigest()[:16]
    except ImproperlyConfigured:
        return ""
