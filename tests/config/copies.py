"""A copy of the product in a DATA_DIR of its own, whose commands are real processes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from config.embedded.cluster import Cluster

PROJECT = Path(__file__).resolve().parents[2]

OWN = (
    "DATABASE_URL",
    "SECRET_KEY",
    "DJANGO_SETTINGS_MODULE",
    "DATA_DIR",
    "EMBEDDED_FSYNC",
    "PYTEST_XDIST_WORKER",
)
"""What the test run's own environment holds and a copy must not inherit."""


PATIENCE = 1_800
"""Seconds after which what does not go on is broken, at full scale too. A server that starts again needs minutes where
others take all of the machine, and a wait that ends well costs none."""


class Copy:
    """What a user has who set DATA_DIR and nothing else."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    @property
    def cluster(self) -> Cluster:
        """A look at the copy's server from outside; a new one each time, so that it holds no lock."""
        return Cluster(self.data_dir / "postgresql", durable=False)

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of the copy's processes: fast, for no test asks what a power cut leaves."""
        inherited = {name: value for name, value in os.environ.items() if name not in OWN}
        return {**inherited, "DATA_DIR": str(self.data_dir), "EMBEDDED_FSYNC": "0", **more}

    def start(self, *command: str, **more: str) -> "subprocess.Popen[str]":
        """Start Python with these arguments; its standard input and output are pipes."""
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=PROJECT,
            env=self.environment(**more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run Python with these arguments to its end."""
        process = self.start(*command, **more)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def manage(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run one command of manage.py to its end."""
        return self.run("manage.py", *arguments, **more)

    def postmaster(self) -> int:
        """The process id of the copy's server."""
        return int((self.cluster.data / "postmaster.pid").read_text().splitlines()[0])

    def processes(self, word: str = "") -> dict[int, str]:
        """What runs for this copy now, zombies left out: process ids and command lines that hold the word."""
        own = str(self.data_dir).encode()
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                command = (entry / "cmdline").read_bytes()
                belongs = own in command or b"DATA_DIR=" + own in (entry / "environ").read_bytes()
            except OSError:
                continue
            text = command.replace(b"\0", b" ").decode(errors="replace")
            if command and belongs and word in text:
                found[int(entry.name)] = text
        return found


def wait_until(holds: Callable[[], object], *, what: str, seconds: float = 20) -> None:
    """Wait for something that other processes bring about."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"After {seconds} seconds still not: {what}"
        time.sleep(0.05)
