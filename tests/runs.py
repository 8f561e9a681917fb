"""Test runs in one folder at the same time: each has databases of its own.

By one name the second run would drop the first one's database under its feet, or find it there: a test, any test, fails
that fails never again.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

MOST = 20
_held: list[int] = []


def database_name(folder: Path) -> str:
    """The name for this run's test databases: the first that no run in `folder` has now. It is this process's until it
    ends; the processes that it starts find it in their environment."""
    if "TEST_DATABASE" not in os.environ:
        os.environ["TEST_DATABASE"] = _free(folder)
    return os.environ["TEST_DATABASE"]


def _free(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    for place in range(1, MOST + 1):
        descriptor = os.open(folder / f"run_{place}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            _held.append(descriptor)
            return f"test_run_{place}"
    raise RuntimeError(f"{MOST} test runs are under way in {folder}.")
