"""What a server asks for before it serves: an address of the database, a key, and settings without fault."""

import gc
import os

import django
from django.conf import settings
from django.core import checks
from django.core.cache import close_caches
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_finished, request_started
from django.db import reset_queries

from config.checks import SETTINGS_TAG

REQUIRED = {
    "DATABASE_URL": "the database, as postgresql://user:password@host/name",
    "SECRET_KEY": "a long random text, the same for all servers",
}


def set_up() -> None:
    """Ready Django for config.wsgi and config.asgi.

    Raises ImproperlyConfigured, saying what is missing or wrong.

    A server of its own accord never uses the embedded database or makes a key: several machines, or one whose
    disk is wiped, would each quietly have another. `manage.py quickstart` gives its own servers both.
    """
    missing = [f"{name} ({meaning})" for name, meaning in REQUIRED.items() if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(
            f"Set in the environment: {'; '.join(missing)}. To try the product without either, run: python "
            "manage.py quickstart"
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup(set_prefix=False)
    faults = [fault for fault in checks.run_checks(tags=[SETTINGS_TAG]) if fault.is_serious()]
    if faults:
        raise ImproperlyConfigured("\n".join(str(fault) for fault in faults))


def settle() -> None:
    """Spare the garbage collector what was loaded: it lives as long as the process. What requests leave behind in
    cycles is little, so it is looked for seldom: a tenth of the time that a request takes. Django asks at every
    request for logs of statements to empty and connections to caches to close: there are none."""
    if not settings.DEBUG:
        request_started.disconnect(reset_queries)
    request_finished.disconnect(close_caches)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
