"""What a database has for code that reads and writes it, and what of that a migration breaks for older code."""

from __future__ import annotations

from typing import Any, NamedTuple

import psycopg

_PART_OF_ANOTHER = "EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = c.oid)"
_OURS = f"c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT {_PART_OF_ANOTHER}"
COLUMNS = f"""
SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    a.atthasdef OR a.attidentity <> ''
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE {_OURS}
"""
RULES = f"""
SELECT c.relname::text, r.conname::text, pg_get_constraintdef(r.oid)
FROM pg_class c JOIN pg_constraint r ON r.conrelid = c.oid AND r.contype IN ('c', 'f', 'u', 'p', 'x') WHERE {_OURS}
"""
UNIQUE = f"""
SELECT c.relname::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisunique
WHERE {_OURS} AND NOT EXISTS (SELECT 1 FROM pg_constraint r WHERE r.conindid = i.indexrelid)
"""


class Column(NamedTuple):
    """A column: whether it may not be null, and whether it has a value of its own where none is given."""

    type: str
    required: bool
    filled: bool


class Shape(NamedTuple):
    """Columns by (table, column), and the rules of tables by (table, name)."""

    columns: dict[tuple[str, str], Column]
    rules: dict[tuple[str, str], str]

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> Shape:
        """Of the database that this connection leads to; partitions have the shape of their tables."""
        columns = {(table, name): Column(*rest) for table, name, *rest in connection.execute(COLUMNS)}
        rules = {(table, name): text for table, name, text in connection.execute(RULES)}
        rules |= {(table, name): text for table, name, text in connection.execute(UNIQUE)}
        return cls(columns, rules)


def broken(before: Shape, after: Shape) -> list[str]:
    """What code of before can't do any more: it names what is gone, writes rows without what is new, and values that
    nothing forbade."""
    tables = {table for table, _name in before.columns}
    return [
        *(f"{'.'.join(key)} is gone" for key in before.columns if key not in after.columns),
        *(
            f"{'.'.join(key)} was {column.type} and is {after.columns[key].type}"
            for key, column in before.columns.items()
            if key in after.columns and column.type != after.columns[key].type
        ),
        *(
            f"{'.'.join(key)} must be given now"
            for key, column in after.columns.items()
            if key[0] in tables and column.required and not column.filled
            if key not in before.columns or not before.columns[key].required or before.columns[key].filled
        ),
        *(
            f"{table} has a rule that it had not: {text}"
            for (table, name), text in after.rules.items()
            if table in tables and before.rules.get((table, name)) != text
            if _of_old_columns(table, text, before)
        ),
    ]


def _of_old_columns(table: str, rule: str, before: Shape) -> bool:
    """Whether a rule speaks of columns that older code writes: one of new columns alone binds only newer code."""
    names = {name for held, name in before.columns if held == table}
    words = set("".join(char if char.isalnum() or char == "_" else " " for char in rule).split())
    return bool(names & words)
