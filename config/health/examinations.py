"""What `manage.py doctor` looks at beside the checks of each server: what goes wrong slowly, or behind the scenes."""

from __future__ import annotations

import os
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from config.health.checks import CHECKS, OK, Check, Found
from forms_app.database.cursor import fetch
from forms_app.database.engine import is_citus
from forms_app.indexes.choosing import Standing, survey
from forms_app.models import CustomForm, FieldIndex
from forms_app.operators.index_kinds import TOGETHER
from forms_app.records.changes.partitions import Month, partitions

CLOCK_SECONDS = 2
"""So far apart the clocks of this machine and of PostgreSQL may be."""
USED = "SELECT sum(numbackends)::int, current_setting('max_connections')::int FROM pg_stat_database"
ALLOWED = "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
OF_WORKER = 10
"""Connections of a worker of background jobs: its pool, the one that listens, and one for each job."""
FREE_CONNECTIONS = 0.1
"""A part of PostgreSQL's connections that should be free."""
LATE = timedelta(minutes=10)
"""A job that could have begun so long ago waits for nobody."""
LOOKED_BACK = timedelta(days=1)
MOST_NAMED = 5
SILENT = (
    "SELECT nodename, nodeport FROM run_command_on_all_nodes('SELECT 1', give_warning_for_connection_errors => true) "
    "JOIN pg_dist_node USING (nodeid) WHERE NOT success ORDER BY 1, 2"
)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def clock() -> Found:
    """Times that are given by two machines must be of one clock."""
    ((theirs,),) = fetch("SELECT clock_timestamp()", [])
    apart = abs((timezone.now() - theirs).total_seconds())
    if apart <= CLOCK_SECONDS:
        return OK
    return Found("warning", f"This machine's clock and the database's are {apart:.0f} seconds apart: set them by NTP.")


def connections() -> Found:
    used, most = fetch(USED, [])[0]
    if most - used >= most * FREE_CONNECTIONS:
        return OK
    return Found("warning", f"{used} of {most} connections are in use: raise max_connections, or use a pooler.")


def jobs_that_failed() -> Found:
    """Jobs that were given up lately."""
    failed = ProcrastinateJob.objects.filter(
        status="failed", procrastinateevent__type="failed", procrastinateevent__at__gte=timezone.now() - LOOKED_BACK
    )
    names = sorted(set(failed.values_list("task_name", flat=True)))
    return (
        Found("warning", f"Jobs failed in the last day: {_named(names)}. The worker's log says why.") if names else OK
    )


def jobs_that_wait() -> Found:
    """Jobs that nobody takes."""
    late = ProcrastinateJob.objects.filter(status="todo", procrastinateevent__type="deferred").filter(
        procrastinateevent__at__lt=timezone.now() - LATE
    )
    waiting = late.exclude(scheduled_at__gt=timezone.now() - LATE).distinct().count()
    if not waiting:
        return OK
    return Found("warning", f"{waiting} jobs have waited for more than ten minutes: start more workers.")


def field_indexes() -> Found:
    """Indexes that could not be built, and what is searched without them."""
    every = FieldIndex.objects.values_list("custom_form_id", "kind", "state")
    found = sorted((form_id, kind) for form_id, kind, state in every if state == FieldIndex.State.FAILED)
    if not found:
        return OK
    forms = dict(CustomForm.objects.filter(pk__in={form_id for form_id, _kind in found}).values_list("pk", "name"))
    names = [f"{kind} of form {form_id} {forms.get(form_id, '')}".strip() for form_id, kind in found]
    return Found("warning", f"Indexes of fields failed: {_named(names)}. manage.py field_indexes says why.")


def missing_indexes() -> Found:
    """Indexes that forms should have and have not; what only waits for its turn too."""
    wanting = (Standing.MISSING, Standing.BROKEN, Standing.CAPPED)
    # That of several fields has a limit that shall be reached: each field has its own index beside.
    entries = [e for e in survey() if e.standing in wanting and (e.standing, e.key.kind) != (Standing.CAPPED, TOGETHER)]
    if not entries:
        return OK
    names = [f"{entry.field_name} of form {entry.key.form_id} ({entry.standing})" for entry in entries]
    return Found(
        "warning",
        f"Forms lack indexes: {_named(names)}. The worker builds what is missing within minutes; "
        "manage.py field_indexes --build does it now. What is capped waits for MAX_FIELD_INDEXES.",
    )


def room_for_servers() -> Found:
    """Whether PostgreSQL allows as many connections as a server with a process for each core may open."""
    if settings.DIRECT_DATABASE_URL or settings.DB_POOLER:
        return OK  # servers go through a pooler, and this command does not
    ((allowed,),) = fetch(ALLOWED, [])
    needed = cores() * (2 * settings.SERVER_THREADS + 1) + OF_WORKER
    if needed <= allowed:
        return OK
    return Found(
        "warning",
        f"A server with a process for each of {cores()} cores may open {needed} connections, and PostgreSQL allows "
        f"{allowed}: raise max_connections, lower SERVER_THREADS, or use a pooler.",
    )


def change_log() -> Found:
    """A month without a partition would refuse writes."""
    coming = Month.of(timezone.now()).next
    if coming.name in {month.name for month in partitions()}:
        return OK
    return Found("failed", "The change log has no room for next month: run manage.py migrate.")


def nodes() -> Found:
    """Whether each node that the tables are spread over answers the coordinator (Citus)."""
    if not is_citus():
        return OK
    silent = [f"{host}:{port}" for host, port in fetch(SILENT, [])]
    if not silent:
        return OK
    return Found(
        "warning",
        f"Nodes of the database do not answer: {_named(silent)}. Forms that lie there, and changes of definitions, "
        "people and tokens, are answered 503 until they do.",
    )


EXAMINATIONS: dict[str, Check] = {
    **CHECKS,
    "clock": clock,
    "connections": connections,
    "jobs that failed": jobs_that_failed,
    "jobs that wait": jobs_that_wait,
    "field indexes": field_indexes,
    "missing indexes": missing_indexes,
    "room for servers": room_for_servers,
    "change log": change_log,
    "nodes": nodes,
}


def _named(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
