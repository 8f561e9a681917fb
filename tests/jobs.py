"""Background jobs in tests: what a transaction enqueued is run here, as the worker would."""

from __future__ import annotations

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def run_jobs(queue: str = "tickets", times: int = 1) -> None:
    """Run the jobs that wait in the queue, each `times` over: a worker that dies behind its work does it again."""
    jobs = ProcrastinateJob.objects.filter(queue_name=queue, status="todo").order_by("id")
    for name, args, pk in list(jobs.values_list("task_name", "args", "id")):
        for _time in range(times):
            app.tasks[name].func(**args)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [pk])
