"""`makemigrations`, which compares with the database's history only when there is a database to ask."""

import warnings
from typing import Any

from django.core.management.commands import makemigrations
from django.db import connections

from config.embedded.base import DatabaseWrapper


class Command(makemigrations.Command):
    """Works on a fresh clone: it never makes or starts the embedded server."""

    def handle(self, *app_labels: str, **options: Any) -> None:
        connection = connections["default"]
        if not isinstance(connection, DatabaseWrapper):
            super().handle(*app_labels, **options)
            return
        connection.starts_server = False
        try:
            with warnings.catch_warnings():
                # A server that isn't running is the ordinary case here, not something to warn of.
                warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
                super().handle(*app_labels, **options)
        finally:
            connection.starts_server = True
