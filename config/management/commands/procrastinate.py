"""`manage.py procrastinate`: its own, whose worker does not go through a pooler."""

from contextlib import suppress
from typing import Any

from django.db import OperationalError
from procrastinate.contrib.django.management.commands.procrastinate import Command as Procrastinate

from forms_app.database.pooler import refuse_pooler


class Command(Procrastinate):
    """The worker listens for new jobs and builds indexes."""

    def handle(self, *args: Any, **options: Any) -> Any:
        if options.get("command") == "worker":
            with suppress(OperationalError):  # it is away: the worker says so itself
                refuse_pooler("the worker's notifications and builds of indexes")
        return super().handle(*args, **options)
