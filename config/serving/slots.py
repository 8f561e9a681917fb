"""How many requests of a token all processes of this machine have at a time: each holds a lock on a byte of one file.

The kernel gives up the locks of a process that dies, so nothing is to be cleaned up. A lock costs some microseconds.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections import defaultdict
from pathlib import Path

import structlog
from django.conf import settings

from config.shared_memory import shared_folder

log = structlog.get_logger(__name__)
MOST = 4_096
"""Bytes of each token in the file, which stays empty: what lies behind its end can be locked too."""


def path() -> Path:
    """One file for all processes of a server."""
    server = hashlib.sha256(settings.SECRET_KEY.encode()).hexdigest()[:16]
    return shared_folder() / f"apaas-{os.getuid()}-{server}"


class Slots:
    """The slots that this process holds. A lock is the process's, so those of its own threads are kept apart here."""

    def __init__(self, file: Path | None = None) -> None:
        self._path = file
        self._descriptor: int | None = None
        self._held: defaultdict[int, set[int]] = defaultdict(set)
        self._lock = threading.Lock()

    def take(self, token: int, most: int) -> int | None:
        """A free slot of the token, which may have so many; None where there is none. Without the file there is always
        one: then each process counts for itself (config.serving.lines)."""
        with self._lock:
            held = self._held[token]
            for slot in range(min(most, MOST)):
                if slot not in held and self._locked(token, slot):
                    held.add(slot)
                    return slot
            if not held:
                del self._held[token]
            return None

    def give(self, token: int, slot: int) -> None:
        """The slot is free again."""
        with self._lock:
            self._held[token].discard(slot)
            if not self._held[token]:
                del self._held[token]
            if self._file() >= 0:
                fcntl.lockf(self._file(), fcntl.LOCK_UN, 1, token * MOST + slot)

    def _locked(self, token: int, slot: int) -> bool:
        if self._file() < 0:
            return True
        try:
            fcntl.lockf(self._file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, token * MOST + slot)
        except OSError:
            return False
        return True

    def _file(self) -> int:
        """Opened by the process that uses it, and once: to close any descriptor of it would give up all locks. −1 where
        it can't be had."""
        if self._descriptor is None:
            self._descriptor = self._opened(self._path or path())
        return self._descriptor

    @staticmethod
    def _opened(file: Path) -> int:
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            log.warning("requests of a token are counted in each process", error=str(error))
            return -1
        return descriptor
