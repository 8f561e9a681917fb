"""The programs that serve: granian, with what the product needs of it, and the worker of background jobs."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.startup import demand

RELOAD_SECONDS = 15
"""At a reload, from when a new server process begins until the old one in its place stops. On a busy machine the
product takes seconds to load; an old one that stops before the new one listens leaves a port that refuses."""


def server(host: str, port: int, workers: int, *, log_level: str = "warning") -> list[str]:
    """The command of the server."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "rsgi", "--no-ws", "--log-level", log_level),
        *("--host", host, "--port", str(port), "--workers", str(workers)),
        # "Backpressure" bounds a worker's open connections, idle ones included; each costs a file and some memory
        # (docs/decisions/032-reading-requests.md). An idle one is closed after the time that a request's head may take.
        *("--backlog", "1024", "--backpressure", "8192", "--http1-header-read-timeout", "15000"),
        *("--respawn-failed-workers", "--respawn-interval", str(RELOAD_SECONDS), "--workers-kill-timeout", "10"),
        "config.rsgi:application",
    ]


def worker(*more: str) -> list[str]:
    """The command of the worker of background jobs, with `more` of procrastinate's options."""
    return [sys.executable, "manage.py", "procrastinate", "worker", "--shutdown-graceful-timeout", "10", *more]


def become(command: list[str]) -> NoReturn:
    """Become this program. Where a setting is missing or wrong: say so, and end with EX_CONFIG, upon which
    deploy/systemd/ does not start it again. granian alone would start its processes again, and each would fail."""
    try:
        demand()
    except ImproperlyConfigured as fault:
        sys.stderr.write(f"{fault}\n")
        sys.exit(os.EX_CONFIG)
    os.chdir(settings.BASE_DIR)
    sys.stdout.flush()
    os.execv(command[0], command)
