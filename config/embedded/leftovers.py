"""What a killed server leaves behind and would stumble over."""

import re
from pathlib import Path

NOBODY = 2**31 - 1
"""A process id that no system gives."""


def forget_dead_postmaster(data: Path, socket: Path) -> None:
    """Let a server start although the process id in its lock files is taken, by a zombie or a stranger.

    PostgreSQL refuses to start while a process of that id exists. In a container a killed postmaster may stay
    a zombie for good, and after a restart of the machine its id may be another program's. Only the id is
    replaced; the files stay, for in the last lines of `postmaster.pid` PostgreSQL finds whether children of the
    dead server still use its memory.
    """
    for lock in (data / "postmaster.pid", socket.with_name(f"{socket.name}.lock")):
        try:
            first, _, rest = lock.read_text().partition("\n")
        except FileNotFoundError:
            continue
        if first.strip().isdigit() and not _may_be_postmaster(int(first), data):
            lock.write_text(f"{NOBODY}\n{rest}")


def _may_be_postmaster(pid: int, data: Path) -> bool:
    process = Path("/proc") / str(pid)
    if not Path("/proc/self/stat").exists():
        # No /proc to ask: PostgreSQL's own check decides.
        return True
    try:
        status = (process / "status").read_text()
        command = (process / "cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return False
    except OSError:
        return True
    if re.search(r"^State:\s*[ZX]", status, re.MULTILINE):
        return False
    return str(data).encode() in command
