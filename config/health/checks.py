"""What is looked at to say whether a server can serve: each check finds one thing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Literal, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from forms_app.replicas.watching import every

WORKER_SILENT = timedelta(seconds=60)
"""A worker of background jobs says every ten seconds that it lives."""
LEAST_FREE = 1_000_000_000
"""Bytes of DATA_DIR's disk below which it is worth saying."""


class Found(NamedTuple):
    """`failed`: this process can't serve. `warning`: it can, but somebody should look."""

    status: Literal["ok", "warning", "failed"]
    message: str = ""


OK = Found("ok")
_migrated = False


def database() -> Found:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


def migrations() -> Found:
    """Whether the schema is this program's. It can't become older while the program runs, so once is enough."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            return Found("failed", f"{len(waiting)} migrations are not applied: run manage.py migrate.")
        _migrated = True
    return OK


def worker() -> Found:
    alive = ProcrastinateWorker.objects.filter(last_heartbeat__gte=timezone.now() - WORKER_SILENT)
    if alive.exists():
        return OK
    return Found("warning", "No worker of background jobs runs: run manage.py work.")


def disk() -> Found:
    free = shutil.disk_usage(settings.DATA_DIR).free
    return OK if free >= LEAST_FREE else Found("warning", f"{free // 1_000_000} MB are free where files are kept.")


def replicas() -> Found:
    faults = "; ".join(f"{alias.replace('_', ' ')} {fault}" for alias, fault in every.faults().items())
    return Found("warning", f"Not read from now: {faults}. The others and the primary answer.") if faults else OK


Check = Callable[[], Found]
CHECKS: dict[str, Check] = {
    "database": database,
    "migrations": migrations,
    "worker": worker,
    "disk": disk,
    **({"replicas": replicas} if settings.REPLICA_URLS else {}),
}


def outcome(check: Check) -> Found:
    """What the check finds. One that can't be made fails, in words that tell a stranger nothing more."""
    try:
        return check()
    except DatabaseError:
        connection.close()  # the next request makes a new one
        return Found("failed", "The database is away.")
    except OSError:
        return Found("failed", "The disk can't be read.")
