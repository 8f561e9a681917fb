"""What a server asks for before it serves: an address of the database, a key, and settings without fault."""

import gc
import os
import sys

import django
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from config.checks import SETTINGS_TAG
from config.metrics.place import take_place
from config.shared_memory import shared_folder
from forms_app.database import running
from forms_app.database.pooler import limit_statements

REQUIRED = {
    "DATABASE_URL": "the database, as postgresql://user:password@host/name",
    "SECRET_KEY": "a long random text, the same for all servers",
}

SWITCH_SECONDS = 0.0005
"""Python's own is ten times as long."""


def set_up() -> None:
    """Ready Django for config.wsgi and config.asgi.

    Raises ImproperlyConfigured, saying what is missing or wrong.

    A server of its own accord never uses the embedded database or makes a key: several machines, or one whose
    disk is wiped, would each quietly have another. `manage.py quickstart` gives its own servers both.
    """
    demand_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    take_place(shared_folder())
    django.setup(set_prefix=False)
    demand()
    limit()


def demand_environment() -> None:
    """Raise ImproperlyConfigured where a server has not been told what nobody can guess."""
    missing = [f"{name} ({meaning})" for name, meaning in REQUIRED.items() if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(
            f"Set in the environment: {'; '.join(missing)}. To try the product without either, run: "
            ".venv/bin/python manage.py quickstart"
        )


def demand() -> None:
    """Raise ImproperlyConfigured where a setting is missing, or can't work."""
    demand_environment()
    faults = [fault for fault in checks.run_checks(tags=[SETTINGS_TAG]) if fault.is_serious()]
    if faults:
        raise ImproperlyConfigured("\n".join(str(fault) for fault in faults))


def limit() -> None:
    """Hold the statements of this process to STATEMENT_SECONDS; 0: to none."""
    if seconds := settings.STATEMENT_SECONDS:
        for database in connections.databases.values():
            limit_statements(database, seconds)
    running.connect()


def settle() -> None:
    """Have the garbage collector look seldom: requests leave nothing to it, and a page of 1,000 records would have it
    look ten times, for a fifth of the time that the page takes. Have a thread that computes give way soon: who waits
    for PostgreSQL some times in a request waits for that each time (docs/decisions/031-shares.md)."""
    gc.set_threshold(50_000, 10, 10)
    sys.setswitchinterval(SWITCH_SECONDS)
