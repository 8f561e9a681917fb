"""The rows of a database, table by table, by COPY: out of a snapshot, back in, and what they add up to.

Statements go by psycopg itself: they are about whole tables, whichever they are, and no model knows them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]
_OURS = """
n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = {0}.oid AND d.deptype = 'e')
"""
# What is computed from other columns is computed again.
_TABLES = f"""
SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relkind = 'r' AND {_OURS.format("c")}
GROUP BY 1, 2 ORDER BY 1, 2
"""
_SEQUENCES = f"""
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND {_OURS.format("c")} ORDER BY 1, 2
"""
_RELATIONS = f"""
SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
    n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT c.relispartition AND {_OURS.format("c")} ORDER BY 1 DESC, 2, 3
"""
_ROUTINES = f"""
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND {_OURS.format("p")}
"""
_TYPES = f"""
SELECT n.nspname, t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype IN ('e', 'd', 'c') AND t.typrelid = 0 AND {_OURS.format("t")}
UNION ALL
SELECT n.nspname, t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' WHERE {_OURS.format("t")}
"""
_SCHEMAS = f"SELECT n.nspname FROM pg_namespace n WHERE n.nspname <> 'public' AND {_OURS.format('n')}"
WHOLE = 1 << 64
LOCK_SECONDS = 10


class Table(NamedTuple):
    """A table and its columns, those that are computed left out."""

    schema: str
    name: str
    columns: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def copied(self) -> sql.Composed:
        """The table as COPY names it."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        return sql.SQL("{} ({})").format(sql.Identifier(self.schema, self.name), columns)


class Sum(NamedTuple):
    """What rows add up to, in whatever order they come."""

    rows: int
    checksum: str


class Adding:
    """Adds rows up, each as COPY writes it."""

    def __init__(self) -> None:
        self._rows = 0
        self._sum = 0

    def add(self, row: bytes) -> None:
        self._rows += 1
        self._sum += int.from_bytes(hashlib.blake2b(row, digest_size=8).digest())

    @property
    def sum(self) -> Sum:
        return Sum(self._rows, f"{self._sum % WHOLE:016x}")


def tables_of(connection: Connection) -> list[Table]:
    """The tables that hold rows; of those of partitions each partition."""
    return [Table(schema, name, tuple(columns)) for schema, name, columns in connection.execute(_TABLES, [])]


def hold(connection: Connection, tables: Iterable[Table]) -> None:
    """Keep the tables from being dropped or changed until the transaction ends; who reads and writes goes on."""
    names = sql.SQL(", ").join(sql.Identifier(table.schema, table.name) for table in tables)
    connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))


def rows_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """The table's rows, as COPY writes them."""
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} TO STDOUT").format(table.copied)) as copy:
        for row in copy:
            yield bytes(row)


def sum_of(connection: Connection, table: Table) -> Sum:
    """What the table's rows add up to."""
    adding = Adding()
    for row in rows_of(connection, table):
        adding.add(row)
    return adding.sum


def load(connection: Connection, table: Table, pieces: Iterable[bytes]) -> None:
    """Put rows into an empty table."""
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table.copied)) as copy:
        for piece in pieces:
            copy.write(piece)


def sequences_of(connection: Connection) -> dict[str, tuple[int, bool]]:
    """How far each sequence is, and whether its last number was given out. Later than the snapshot: no harm."""
    found = {}
    for schema, name in connection.execute(_SEQUENCES, []).fetchall():
        at = sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(schema, name))
        found[sql.Identifier(schema, name).as_string(connection)] = connection.execute(at).fetchone()
    return {name: (row[0], row[1]) for name, row in found.items() if row is not None}


def sequences_set(connection: Connection, sequences: dict[str, Any]) -> None:
    """Let each go on where it was."""
    for name, (last, called) in sequences.items():
        connection.execute("SELECT setval(%s::regclass, %s, %s)", [name, last, called])


def is_filled(connection: Connection) -> bool:
    """Whether there is anything of somebody's in the database."""
    return connection.execute(_RELATIONS, []).fetchone() is not None


def clear(connection: Connection) -> None:
    """Drop all that is somebody's. Raises psycopg.errors.LockNotAvailable while others use it."""
    connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
    for (schema,) in connection.execute(_SCHEMAS, []).fetchall():
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
    for kind, schema, name in connection.execute(_RELATIONS, []).fetchall():
        drop = sql.SQL("DROP {} IF EXISTS {} CASCADE")
        connection.execute(drop.format(sql.SQL(kind), sql.Identifier(schema, name)))
    for (routine,) in connection.execute(_ROUTINES, []).fetchall():
        connection.execute(sql.SQL("DROP ROUTINE IF EXISTS {} CASCADE").format(sql.SQL(routine)))
    for schema, name in connection.execute(_TYPES, []).fetchall():
        connection.execute(sql.SQL("DROP TYPE IF EXISTS {} CASCADE").format(sql.Identifier(schema, name)))
