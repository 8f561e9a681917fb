"""A pooler in transaction mode (PgBouncer) between us and PostgreSQL: noticed at each new connection, so that nobody
has to say that there is one, and what follows from it.

PgBouncer greets with a process id of its own making; PostgreSQL, asked by a statement, says which process answers.
Behind a pooler the next statement may meet another one, which knows neither the settings nor the prepared statements
nor the cursors of the one before. The same statement sets, where there is no pooler, what holds for a connection. A
pooler that keeps prepared statements itself is noticed too (`max_prepared_statements` of PgBouncer).
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection as default
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from forms_app.database import running

LIMIT = "STATEMENT_SECONDS"
"""How long a statement of a database's connections may run, in its settings."""
POOLED = "POOLED"
"""Whether a pooler was noticed when a database was last connected to, in its settings."""
KEEPS_STATEMENTS = "KEEPS_STATEMENTS"
"""Whether a pooler was seen that keeps prepared statements and is told when they are given up, in its settings."""
PARALLEL = "max_parallel_workers_per_gather"
RENAMED = r"SELECT coalesce(bool_and(name LIKE 'PGBOUNCER\_%'), false) FROM pg_prepared_statements"
"""Asked by a prepared statement, which is among them: whether all are the pooler's, that gives each its own name."""


def session_settings(database: dict[str, Any]) -> dict[str, str]:
    """What holds for each connection of a database that has a limit: its statements, and a little sooner their waiting
    for a lock, which says what it was. Each is worked for by one process of PostgreSQL, unless DATABASE_URL's own
    options say otherwise: only then is a caller's share of the threads a share of the cores."""
    seconds = database.get(LIMIT)
    if not seconds:
        return {}
    milliseconds = max(1, int(seconds * 1000))
    found = {"statement_timeout": str(milliseconds), "lock_timeout": str(max(1, milliseconds * 9 // 10))}
    if PARALLEL not in str(database.get("OPTIONS", {}).get("options", "")):
        found[PARALLEL] = "0"
    return found


def limit_statements(database: dict[str, Any], seconds: float) -> None:
    """Have each statement of the connections that are opened from now on cancelled after so many seconds: by
    PostgreSQL, or where a pooler lies between by this process.

    Only servers ask for it: commands, migrations and the worker of background jobs take as long as they take.
    """
    database[LIMIT] = seconds


def look(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Notice a pooler before a new connection, and ready the connection for what there is. One that can't be asked is
    closed."""
    if connection.vendor != "postgresql":
        return
    try:
        pooled = connection.settings_dict[POOLED] = _is_pooled(connection)
        if pooled and not _keeps_statements(connection):
            connection.connection.prepare_threshold = None
    except BaseException:
        connection.close()
        raise
    if pooled:
        connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] = True
        if seconds := connection.settings_dict.get(LIMIT):
            running.watch_from_now_on(seconds)


def _is_pooled(connection: BaseDatabaseWrapper) -> bool:
    """Whether there is a pooler, as DB_POOLER says or PostgreSQL; where there is none, the settings of the connection
    are set by the same statement."""
    if settings.DB_POOLER is True:
        return True
    wanted = session_settings(connection.settings_dict)
    ours = (
        "true" if settings.DB_POOLER is False else f"pg_backend_pid() = {int(connection.connection.info.backend_pid)}"
    )
    sets = [f"CASE WHEN {ours} THEN set_config('{name}', %s, false) END" for name in wanted]
    row = connection.connection.execute(f"SELECT {', '.join([ours, *sets])}", list(wanted.values())).fetchone()
    return not row[0]


def _keeps_statements(connection: BaseDatabaseWrapper) -> bool:
    """Whether the pooler has each process of PostgreSQL know what a client prepared. Tried in a transaction, which
    meets one process, and leaves nothing there: what psycopg may not keep it closes at once.

    After a rollback psycopg says that it gives up all (DEALLOCATE ALL). PgBouncer 1.21 does not hear that, and fails at
    the next statement: so a process tries that too, until it has seen it succeed.
    """
    driver = connection.connection
    cursor = psycopg.Cursor(driver)  # Django's own prepares nothing
    most, driver.prepared_max = driver.prepared_max, 0
    try:
        with driver.transaction():
            cursor.execute(RENAMED, prepare=True)
            if cursor.fetchone() != (True,):
                return False
            if not connection.settings_dict.get(KEEPS_STATEMENTS):
                cursor.execute("DEALLOCATE ALL")
                cursor.execute(RENAMED, prepare=True)
    except (psycopg.errors.InvalidSqlStatementName, psycopg.errors.DuplicatePreparedStatement):
        return False
    finally:
        driver.prepared_max = most
    connection.settings_dict[KEEPS_STATEMENTS] = True
    return True


def refuse_pooler(what: str) -> None:
    """Raises CommandError where the database is reached through a pooler: `what` needs PostgreSQL itself. Raises
    OperationalError where it can't be reached."""
    default.ensure_connection()
    if not default.settings_dict.get(POOLED):
        return
    direct = "DIRECT_DATABASE_URL leads to" if settings.DIRECT_DATABASE_URL else "DATABASE_URL leads to"
    raise CommandError(
        f"{direct} a pooler in transaction mode, and {what} need PostgreSQL itself: set DIRECT_DATABASE_URL to "
        "its own address, as postgresql://user:password@host/name."
    )


def connect() -> None:
    """Look at connections as they are opened; called once, when the project is ready."""
    connection_created.connect(look, dispatch_uid="forms_app.database.pooler")
