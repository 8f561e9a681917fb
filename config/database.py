"""The DATABASES setting: DATABASE_URL, or the embedded server when there is none."""

from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from config.replicas import several_hosts

EMBEDDED_ENGINE = "config.embedded"


def database_settings(
    url: str, *, data_dir: Path, conn_max_age: int, embedded_fsync: bool, name: str = "DATABASE_URL"
) -> dict[str, Any]:
    """What Django needs to know of the database; nothing is opened or started here. `name` is the setting's.

    Raises ImproperlyConfigured for an address that isn't one of PostgreSQL.
    """
    if url:
        settings = _from_url(url, name)
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
    settings.setdefault("OPTIONS", {})["prepare_threshold"] = 3
    return settings


def _from_url(url: str, name: str) -> dict[str, Any]:
    if "," in url.partition("://")[2].partition("/")[0].rpartition("@")[2]:
        return several_hosts(url)
    try:
        settings = dict(dj_database_url.parse(url))
    except (ValueError, dj_database_url.ParseError) as error:
        # The address holds a password: it isn't repeated in the message.
        raise ImproperlyConfigured(f"{name} can't be read: postgresql://user:password@host/name") from error
    if settings.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{name} must name a PostgreSQL database: postgresql://user:password@host/name")
    return settings
