"""Taking a backup back: the database in one transaction, and the files; nothing is done by halves."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from django.core.files.storage import default_storage
from django.db.migrations.loader import MigrationLoader
from tqdm import tqdm

from config.backup import archive, files, tables
from config.backup.exceptions import BackupError
from config.backup.tables import Connection, Sum, Table
from config.backup.taking import BAR, fingerprint, own_connection


class Restored(NamedTuple):
    """What came back. `same_key`: SECRET_KEY is the one of the backup."""

    made_at: str
    tables: int
    rows: int
    files: int
    same_key: bool


def restore(path: Path, *, overwrite: bool = False) -> Restored:
    """Make the database what it was, and put the files back. `overwrite`: also where there is something already. Raises
    BackupError; then the database is as before."""
    with archive.opened(path) as found, own_connection() as connection:
        told = found.manifest
        refuse_newer(told["migrations"])
        if tables.is_filled(connection):
            if not overwrite:
                raise BackupError("The database is not empty. --overwrite drops what is in it.")
            _clear(connection)
        try:
            _run(connection, found.text("schema/pre-data.sql", told["schema"]["pre-data"]))
            _load(found, connection, told)
            _run(connection, found.text("schema/post-data.sql", told["schema"]["post-data"]))
            _verify(connection, told["tables"])
        except psycopg.errors.OutOfMemory as error:
            raise BackupError(f"PostgreSQL: {error} Raise max_locks_per_transaction, to 256 or more.") from error
        except psycopg.Error as error:
            raise BackupError(f"PostgreSQL refused what is in the backup: {error}") from error
        kept = told["files"] or {}
        for name, each in tqdm(kept.items(), "files", **BAR):
            files.put(default_storage, name, found.pieces(f"files/{name}", each), each)
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
    rows = sum(table["rows"] for table in told["tables"])
    return Restored(told["made_at"], len(told["tables"]), rows, len(kept), told["key"] == fingerprint())


def refuse_newer(applied: list[list[str]]) -> None:
    """Raises BackupError where the backup was made by a program that is newer than this one."""
    known = MigrationLoader(None).disk_migrations
    here = {app for app, _name in known}
    names = {*known, *(replaced for each in known.values() for replaced in each.replaces)}
    unknown = [f"{app}.{name}" for app, name in applied if app in here and (app, name) not in names]
    if unknown:
        raise BackupError(f"The backup is of a newer version of this program: it knows {', '.join(unknown)}.")


def _clear(connection: Connection) -> None:
    try:
        tables.clear(connection)
        connection.execute("SET LOCAL lock_timeout = 0")
    except psycopg.errors.LockNotAvailable as error:
        raise BackupError("Something uses the database: stop all servers and workers first.") from error


def _run(connection: Connection, statements: str) -> None:
    """All of the statements at once."""
    with psycopg.ClientCursor(connection) as cursor:
        cursor.execute(statements.encode())


def _load(found: archive.Reader, connection: Connection, told: dict[str, Any]) -> None:
    for each in tqdm(told["tables"], "loading", **BAR):
        table = _table(each)
        tables.load(connection, table, found.pieces(f"tables/{table.title}", each))
    tables.sequences_set(connection, told["sequences"])


def _verify(connection: Connection, told: list[dict[str, Any]]) -> None:
    """Read it all once more: what the database holds is what the backup says."""
    for each in tqdm(told, "verifying", **BAR):
        table = _table(each)
        held = tables.sum_of(connection, table)
        if held != Sum(each["rows"], each["checksum"]):
            raise BackupError(f"{table.title}: {held.rows} rows that are not the {each['rows']} of the backup.")


def _table(told: dict[str, Any]) -> Table:
    return Table(told["schema"], told["name"], tuple(told["columns"]))
