"""Passwords are hashed where other callers come first."""

from __future__ import annotations

import os
import threading

from django.contrib.auth import hashers

from apaas.password_hasher import NICENESS, PBKDF2PasswordHasher, threads
from config import settings as production


def priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_a_hash_is_djangos() -> None:
    ours, theirs = PBKDF2PasswordHasher(), hashers.PBKDF2PasswordHasher()
    assert ours.encode("horse", "salt", 7) == theirs.encode("horse", "salt", 7)
    assert ours.verify("horse", theirs.encode("horse", "salt", 7))
    assert not ours.verify("cow", theirs.encode("horse", "salt", 7))


def test_the_thread_that_hashes_gives_way_and_no_other_does() -> None:
    before = priority()
    assert threads.submit(priority).result() == max(before, NICENESS)
    assert priority() == before


def test_production_hashes_so_and_reads_what_django_made_before() -> None:
    assert production.PASSWORD_HASHERS[0] == f"{PBKDF2PasswordHasher.__module__}.{PBKDF2PasswordHasher.__name__}"
    assert PBKDF2PasswordHasher.algorithm == hashers.PBKDF2PasswordHasher.algorithm
