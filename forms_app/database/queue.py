"""The queue of background work, kept in PostgreSQL by procrastinate.

A job is named `<package>.<function>` after the function in that package's `jobs.py` that does it. Whoever needs work
done says its name, so nobody imports jobs. The settings name the modules (PROCRASTINATE_IMPORT_PATHS).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued


def defer(name: str, /, **arguments: Any) -> None:
    """Enqueue a job in the caller's transaction. Raises procrastinate's TaskNotFound for a name that no job has."""
    app.configure_task(name, allow_unknown=False).defer(**arguments)


def defer_once(name: str, lock: str, /, **arguments: Any) -> None:
    """The same, unless a job with this lock waits already; one that is being done does not count."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(name, allow_unknown=False, queueing_lock=lock).defer(**arguments)


def is_waiting(name: str, /, **arguments: Any) -> bool:
    """Whether a job of that name with these arguments has not been done yet, or has failed."""
    jobs = ProcrastinateJob.objects.filter(task_name=name, status__in=("todo", "doing", "failed"))
    return jobs.filter(args__contains=arguments).exists()


FAILED_KEPT_HOURS = 24 * 30
"""For how long a failed job is kept, and why it failed in the log."""


@app.periodic(cron="49 18 * * *")
@app.task(name="database.purge_jobs", queue="purge", queueing_lock="database.purge_jobs", pass_context=True)
async def purge_jobs(context: Any, timestamp: int) -> None:
    """Each day at 18:49 UTC: jobs that ended long ago, failed ones too."""
    ended = {"include_failed": True, "include_cancelled": True, "include_aborted": True}
    await context.app.job_manager.delete_old_jobs(nb_hours=FAILED_KEPT_HOURS, **ended)


@app.periodic(cron="* * * * *")
@app.task(name="database.retry_stalled", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: Any, timestamp: int) -> None:
    """Every minute: do again what a worker was killed in the middle of; nobody else would ever touch those jobs."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)
