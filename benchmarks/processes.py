"""What the kernel says of processes: their children, CPU time and memory (Linux: /proc)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
GONE = (FileNotFoundError, ProcessLookupError, PermissionError)


def descendants(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for parent in found:
        with suppress(*GONE):
            for task in list(Path(f"/proc/{parent}/task").iterdir()):
                with suppress(*GONE):
                    found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """The CPU time that these processes have used."""
    return sum(sum(_times(pid)[:2]) for pid in pids) / TICKS


def cpu_seconds_of_ended(pid: int) -> float:
    """The CPU time of those children of a process that have ended."""
    return sum(_times(pid)[2:]) / TICKS


def _times(pid: int) -> list[int]:
    """utime, stime, cutime, cstime."""
    with suppress(*GONE):
        # The name in brackets may hold blanks.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return [int(value) for value in fields[11:15]]
    return [0, 0, 0, 0]


def pss_mb(pids: Iterable[int]) -> float:
    """The memory of these processes in MB, pages that they share counted once (proportional set size)."""
    total = 0
    for pid in pids:
        with suppress(*GONE):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def machine_busy_seconds() -> float:
    """The CPU time that anything on this machine has used."""
    fields = [int(value) for value in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    user, nice, system, _idle, _iowait, irq, softirq = fields[:7]
    return (user + nice + system + irq + softirq) / TICKS
