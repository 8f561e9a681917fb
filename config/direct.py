"""Commands go to PostgreSQL itself, by DIRECT_DATABASE_URL where it is set; servers go by DATABASE_URL and a pooler.

Migrations, builds of indexes and the worker, which listens for new jobs, need a process of PostgreSQL of their own. The
others get one too: there are few of them.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connections

from config.database import database_settings

_wanted = False


def want() -> None:
    """This process runs a command. Called by manage.py, before Django is set up."""
    global _wanted
    _wanted = True


def take() -> None:
    """Have a command's connections opened directly. Called once the settings are there, before there is a connection.
    Raises ImproperlyConfigured for an address that is none."""
    if _wanted and settings.DIRECT_DATABASE_URL:
        found = database_settings(
            settings.DIRECT_DATABASE_URL,
            data_dir=settings.DATA_DIR,
            conn_max_age=settings.CONN_MAX_AGE,
            embedded_fsync=settings.EMBEDDED_FSYNC,
            name="DIRECT_DATABASE_URL",
        )
        connections.databases["default"].update(found)
