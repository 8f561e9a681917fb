"""Trying a write again when PostgreSQL broke a deadlock."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected

P = ParamSpec("P")
R = TypeVar("R")
ATTEMPTS = 5


def retried(write: Callable[P, R]) -> Callable[P, R]:
    """Run a write again when PostgreSQL broke a deadlock by ending its transaction; nothing of it was written. Inside
    a caller's transaction the caller must do it."""

    @wraps(write)
    def attempt(*args: P.args, **kwargs: P.kwargs) -> R:
        for _attempt in range(ATTEMPTS - 1):
            try:
                return write(*args, **kwargs)
            except OperationalError as error:
                if connection.in_atomic_block or not isinstance(error.__cause__, DeadlockDetected):
                    raise
        return write(*args, **kwargs)

    return attempt
