"""Where the processes of one server put down what each of them counts, so that whichever is asked tells of them all.

prometheus_client's files: one for each process and kind, mapped into memory. They lie in memory where there is such a
folder, and are the server's that is running: its main process is their name.
"""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client looks at it once, when it is first imported."""


def take_place(folder: Path) -> None:
    """Have this process put down what it counts below the folder, unless the environment names another place. Without
    a place of ours it counts for itself alone."""
    if VARIABLE in os.environ:
        return
    server = f"apaas-metrics-{os.getuid()}-"
    mine = folder / f"{server}{_name_of(os.getppid())}"
    for other in folder.glob(f"{server}*"):
        if other != mine and _name_of(_process(other)) != other.name.removeprefix(server):
            shutil.rmtree(other, ignore_errors=True)  # a server that has ended
    with suppress(FileExistsError):
        mine.mkdir(mode=0o700)
    found = mine.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
        os.environ[VARIABLE] = str(mine)


def forget_dead(folder: Path) -> None:
    """Drop what processes that have ended had in hand. What they counted stays counted."""
    for file in folder.glob("gauge_live*.db"):
        pid = file.stem.rpartition("_")[2]
        if not _runs(int(pid)):
            file.unlink(missing_ok=True)


def _process(place: Path) -> int:
    return int(place.name.split("-")[3])


def _name_of(pid: int) -> str:
    """The process, told from others that had its id before, where the machine has /proc."""
    try:
        began = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        began = "0"
    return f"{pid}-{began}"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
