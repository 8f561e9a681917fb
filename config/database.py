"""The DATABASES setting: DATABASE_URL, or the embedded server when there is none."""

from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from config.replicas import several_hosts

EMBEDDED_ENGINE = "config.embedded"
ONE_PROCESS = "-c max_parallel_workers_per_gather=0"


def database_settings(
    url: str, *, data_dir: Path, pooler: bool, conn_max_age: int, embedded_fsync: bool
) -> dict[str, Any]:
    """What Django needs to know of the database; nothing is opened or started here.

    Raises ImproperlyConfigured for an address that isn't one of PostgreSQL.
    """
    if url:
        settings = _from_url(url)
    else:
        settings = {
            "ENGINE": EMBEDDED_ENGINE,
            # The database that initdb makes: one that we'd make ourselves would be one more step to fail.
            "NAME": "postgres",
            "USER": "postgres",
            "EMBEDDED": {"FOLDER": str(data_dir / "postgresql"), "DURABLE": embedded_fsync},
        }
    settings["CONN_MAX_AGE"] = conn_max_age
    settings["CONN_HEALTH_CHECKS"] = True
    # Behind a pooler in transaction mode the next statement may meet another server process, which knows
    # neither the cursors nor the prepared statements of the one before.
    settings["DISABLE_SERVER_SIDE_CURSORS"] = pooler
    options = settings.setdefault("OPTIONS", {})
    options["prepare_threshold"] = None if pooler else 3
    return settings


def _from_url(url: str) -> dict[str, Any]:
    if "," in url.partition("://")[2].partition("/")[0].rpartition("@")[2]:
        return several_hosts(url)
    try:
        settings = dict(dj_database_url.parse(url))
    except (ValueError, dj_database_url.ParseError) as error:
        # The address holds a password: it isn't repeated in the message.
        raise ImproperlyConfigured("DATABASE_URL can't be read: postgresql://user:password@host/name") from error
    if settings.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: postgresql://user:password@host/name")
    return settings


def limit_statements(database: dict[str, Any], seconds: float) -> None:
    """Have PostgreSQL cancel each statement of the connections that are opened from now on after so many seconds, and
    give up waiting for a lock a little sooner: that says what it was.

    Each is worked for by one process of PostgreSQL, unless DATABASE_URL's own options say otherwise: only then is a
    caller's share of the threads a share of the cores (docs/decisions/031-shares.md).

    It is said when the connection is made, and costs nothing more. Only servers ask for it: commands, migrations and
    the worker of background jobs take as long as they take.
    """
    options = database.setdefault("OPTIONS", {})
    milliseconds = max(1, int(seconds * 1000))
    limits = f"-c statement_timeout={milliseconds} -c lock_timeout={max(1, milliseconds * 9 // 10)}"
    options["options"] = " ".join(filter(None, [ONE_PROCESS, options.get("options"), limits]))
