"""Addresses of several servers of one database: hosts of which one is the primary, and replicas to read from."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

SECONDS = 2
"""So long a host is tried before the next one, and a replica before it is left."""
LOST = {"keepalives_idle": 1, "keepalives_interval": 1, "keepalives_count": 2, "tcp_user_timeout": 2000}
"""A machine that vanished says nothing: its connections are given up after two seconds."""


def several_hosts(url: str) -> dict[str, Any]:
    """Django's settings for an address that names hosts after each other, read as libpq does: `h1:5432,h2:5432`.

    Raises ImproperlyConfigured. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS
    """
    scheme = url.partition("://")[0]
    try:
        given = conninfo_to_dict(url)
    except ProgrammingError as error:
        # The address holds a password: it isn't repeated in the message.
        raise ImproperlyConfigured("DATABASE_URL can't be read: postgresql://user:password@h1,h2/name") from error
    if scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            "DATABASE_URL must name a PostgreSQL database: postgresql://user:password@h1,h2/name"
        )
    named = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    settings = {name: str(given.pop(key, None) or "") for name, key in named.items()}
    return {"ENGINE": "django.db.backends.postgresql", **settings, "OPTIONS": {"connect_timeout": SECONDS, **given}}


def replica_settings(replica: dict[str, Any]) -> dict[str, Any]:
    """The settings of a replica's connection, which is given up soon."""
    replica["OPTIONS"] = {"connect_timeout": SECONDS, **LOST, **replica["OPTIONS"]}
    replica["TEST"] = {"MIRROR": "default"}
    return replica
