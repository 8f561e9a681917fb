"""`manage.py procrastinate`: procrastinate's own commands, of which `worker` outlives a database that is away."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from typing import Any

import structlog
from django.db import Error, OperationalError, connection
from procrastinate.contrib.django.management.commands.procrastinate import Command as ProcrastinateCommand

from forms_app.database.pooler import refuse_pooler
from forms_app.database.scheduled import noted

log = structlog.get_logger(__name__)
LOOK_SECONDS = 1.0
SAY_SECONDS = 60.0
LONGEST_PAUSE = 30.0
WHAT = "the worker's notifications and builds of indexes"
STEADY_SECONDS = 60.0
"""A worker that worked for so long begins again without a pause."""


class Command(ProcrastinateCommand):
    """procrastinate's worker ends when its connection breaks: at once where it listens, after 30 seconds where it asks.
    Here it waits for the database, however long, and begins again; only a signal ends it. What it was doing the other
    workers, or itself, do again (`database.retry_stalled`)."""

    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("command") != "worker":
            super().handle(*args, **options)
            return
        if options.get("wait") is False:
            with suppress(OperationalError):  # it is away: procrastinate says so itself
                refuse_pooler(WHAT)
            super().handle(*args, **options)
            return
        self.stopping = False
        self.run, options["func"] = options["func"], self.work
        pause = 0.0
        while not self.stopping:
            wait_for_database()
            began = time.monotonic()
            with suppress(SystemExit):  # procrastinate has said why
                super().handle(*args, **options)
            if not self.stopping:
                pause = 0.0 if time.monotonic() - began > STEADY_SECONDS else min(max(1.0, pause * 2), LONGEST_PAUSE)
                log.warning("worker ended", begins_again_in=pause)
                time.sleep(pause)

    async def work(self, **options: Any) -> None:
        """The worker, which ends when it is told to, with what it has begun. A second signal ends it at once."""
        loop = asyncio.get_running_loop()
        options |= {"install_signal_handlers": False, "worker_middleware": [noted]}
        working = loop.create_task(self.run(**options))

        def stop() -> None:
            self.stopping = True
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
            working.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        await asyncio.wait([working])
        if not working.cancelled():
            working.result()


def wait_for_database() -> None:
    """Return once the database answers. Raises CommandError where that is through a pooler."""
    said = -SAY_SECONDS
    while True:
        try:
            connection.ensure_connection()
            refuse_pooler(WHAT)
            return
        except Error as error:
            if time.monotonic() - said >= SAY_SECONDS:
                said = time.monotonic()
                log.warning("database away, waiting", error=str(error).strip()[:300])
        finally:
            connection.close()
        time.sleep(LOOK_SECONDS)
