"""Where the processes of one machine share what need not outlive it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def shared_folder() -> Path:
    """A folder in memory where there is one. Not DATA_DIR, which machines may share over a network."""
    folder = Path("/dev/shm")
    return folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir())
