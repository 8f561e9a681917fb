"""Folders of their own for clusters of their own."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.config.copies import Copy


@pytest.fixture
def folder() -> Iterator[Path]:
    """A new folder that every user may enter; root's PostgreSQL is another user, and pytest's are closed."""
    path = Path(tempfile.mkdtemp(prefix="apaas-test-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def copy(folder: Path) -> Iterator[Copy]:
    """A copy that has never run; whatever a failed test leaves running is ended."""
    copy = Copy(folder / "data")
    yield copy
    for process in copy.processes():
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    link = copy.data_dir / "postgresql"
    if link.is_symlink():
        shutil.rmtree(link.resolve())
