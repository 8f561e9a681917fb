"""Child processes of a command that stays their parent: started, watched, started again, stopped."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

STOP_SECONDS = 15
"""How long a child may finish what it has begun."""

LOOK_SECONDS = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60
"""A child that ran for so long is started again without a pause."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class ChildDied(Exception):
    """A child ended before it ever did its work."""


class Child:
    """One program in a process group of its own, so that Ctrl-C reaches its parent alone."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], directory: Path) -> None:
        self.name = name
        self._command = [sys.executable, "-m", "config.tied_child", *command]
        self._environment = {**environment, "TIED_TO": str(os.getpid())}
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._pause = 0.0
        self._not_before = 0.0

    def start(self) -> None:
        """Start the program."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            self._command,
            cwd=self._directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def exit_code(self) -> int | None:
        """None while it runs; a signal's number, negative, when one ended it."""
        return None if self._process is None else self._process.poll()

    def start_again_if_dead(self) -> None:
        """Start a program that ended, after a pause that grows while it keeps ending soon."""
        now = time.monotonic()
        if self._process is not None:
            if self._process.poll() is None:
                return
            logger.warning("%s ended with %s and is started again.", self.name, self._process.returncode)
            # What a dead leader leaves in its group may still hold the port.
            self._signal(signal.SIGKILL)
            self._process = None
            steady = now - self._started > STEADY_SECONDS
            self._pause = 0.0 if steady else min(max(1.0, self._pause * 2), LONGEST_PAUSE)
            self._not_before = now + self._pause
        if now >= self._not_before:
            self.start()

    def ask_to_stop(self) -> None:
        """Send SIGTERM, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_stopped(self, deadline: float) -> None:
        """Wait until it has ended; at the deadline end it, and all that it started, by force."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


def start_all(children: Sequence[Child], *, works: Callable[[], bool], stopping: threading.Event) -> None:
    """Start the children and wait until they work, or until `stopping` is set.

    Raises ChildDied when one ends before that.
    """
    for child in children:
        child.start()
    while not stopping.is_set():
        for child in children:
            if child.exit_code is not None:
                raise ChildDied(f"{child.name} ended at once, with exit code {child.exit_code}.")
        if works():
            return
        stopping.wait(0.1)


def watch(children: Sequence[Child], *, tend: Callable[[], None], stopping: threading.Event) -> None:
    """Until `stopping` is set, start again what dies; `tend` looks after what they all need, and comes first."""
    while not stopping.wait(LOOK_SECONDS):
        tend()
        for child in children:
            child.start_again_if_dead()


def stop_all(children: Sequence[Child]) -> None:
    """Stop the children at the same time; returns when nothing of them is left."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.wait_stopped(deadline)
