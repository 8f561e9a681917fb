"""Passwords are hashed in threads of a lower priority: a hash takes a core for half a second, and who guesses has one
made after the other. Other callers come before that (docs/decisions/035-wrong-passwords.md).
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.conf import settings
from django.contrib.auth import hashers

NICENESS = 10


def _give_way() -> None:
    """Lower the priority of this thread alone, which Linux lets one do. It can't be raised again, so the thread does
    nothing else: what holds Python's lock meanwhile would hold up all."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


threads = ThreadPoolExecutor(settings.PASSWORD_THREADS, "passwords", initializer=_give_way)


class PBKDF2PasswordHasher(hashers.PBKDF2PasswordHasher):
    """Django's; what it makes is the same."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        return threads.submit(super().encode, password, salt, iterations).result()
