"""A demo that is there already: `quickstart` makes it once in a test run, and each copy that serves begins with its
files."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from tests.config.copies import PATIENCE, Copy

PLACE = "APAAS_TEST_DEMO"
"""The variable that says where it lies: the first process of a test run names the place, and those it starts inherit
it."""


def name_place() -> None:
    os.environ[PLACE] = f"/tmp/apaas-test-demo-{os.getpid()}"


def with_demo(copy: Copy) -> Copy:
    """The copy, which has never run, as its first `quickstart` would leave it."""
    folder = Path(os.environ[PLACE])
    folder.mkdir(mode=0o711, exist_ok=True)
    made = Copy(folder / "data")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            process = made.start("manage.py", "quickstart", "--no-serve")
            _told, errors = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, errors
            assert made.processes() == {}, "its database has not ended"
            (folder / "made").touch()
    # Root's PostgreSQL is another user, whose files stay theirs.
    subprocess.run(["cp", "-a", str(made.data_dir), str(copy.data_dir)], check=True)
    return copy


def forget() -> None:
    """Take away what the test run made."""
    shutil.rmtree(os.environ[PLACE], ignore_errors=True)
