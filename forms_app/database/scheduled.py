"""Jobs that the worker does by the clock: each run is noted, so that somebody can see that it was done.

The table is that of `forms_app.models.ScheduledRun`. Its rows are written by hand: models stand above this, and the
worker notes runs of jobs that it knows by name alone.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import structlog
from asgiref.sync import sync_to_async
from croniter import croniter
from django.db import DatabaseError, connection
from procrastinate.contrib.django import app

log = structlog.get_logger(__name__)
NOTED_EVERY = 60.0
"""Seconds: of a job that goes well every two seconds, not every run is worth a row."""
LONGEST_ERROR = 500
_NOTE = """
INSERT INTO scheduled_run AS held (name, began_at, ended_at, count, error, failures, well_at)
VALUES (%(name)s, %(began)s, clock_timestamp(), %(count)s, %(error)s, %(failed)s,
        CASE WHEN %(failed)s = 0 THEN clock_timestamp() END)
ON CONFLICT (name) DO UPDATE SET began_at = excluded.began_at, ended_at = excluded.ended_at, count = excluded.count,
    error = excluded.error, failures = CASE WHEN excluded.failures = 0 THEN 0 ELSE held.failures + 1 END,
    well_at = coalesce(excluded.well_at, held.well_at)
"""
_noted: dict[str, float] = {}


class Job(NamedTuple):
    """A job, and when it comes (cron, in UTC)."""

    name: str
    cron: str

    def next(self, after: datetime) -> datetime:
        """The first time after this one."""
        found: datetime = croniter(self.cron, after.astimezone(UTC)).get_next(datetime)
        return found


def jobs() -> list[Job]:
    """Everything that is done by the clock, as the modules of jobs say it."""
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    return sorted(Job(each.task.name, each.cron) for each in app.periodic_registry.periodic_tasks.values())


async def noted(run: Callable[[], Awaitable[Any]], context: Any, worker: Any) -> Any:
    """A middleware of the worker: note the run of a job that came by the clock. Raises what the job raises."""
    name = context.job.task_name
    if all(name != task for task, _id in app.periodic_registry.periodic_tasks):
        return await run()
    began = datetime.now(UTC)
    try:
        result = await run()
    except Exception as error:
        await sync_to_async(note, thread_sensitive=False)(name, began, error=repr(error))
        raise
    await sync_to_async(note, thread_sensitive=False)(name, began, count=result if type(result) is int else None)
    return result


def note(name: str, began: datetime, *, count: int | None = None, error: str = "") -> None:
    """Note how a run ended. A database that is away keeps nothing of it, and no job fails by that."""
    now = time.monotonic()
    if not error and now - _noted.get(name, -NOTED_EVERY) < NOTED_EVERY:
        return
    values: dict[str, Any] = {"name": name, "began": began, "count": count, "error": error[:LONGEST_ERROR]}
    values["failed"] = int(bool(error))
    try:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, values)
    except DatabaseError as lost:
        log.warning("run not noted", job=name, error=str(lost)[:300])
        connection.close()
    else:
        _noted[name] = -NOTED_EVERY if error else now
