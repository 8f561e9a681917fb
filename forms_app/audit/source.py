"""Who makes the changes of now, and by what page, call or command."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class Account(NamedTuple):
    """An account that is signed in, and its member, if it has one."""

    id: int | None = None
    name: str = ""
    member_id: int | None = None
    member: str = ""


@dataclass
class Source:
    """`account` says who is signed in and `address` from where, both asked only where something changes. A token puts
    itself in. `way` is what the change log calls it: an `api`, a `page`, or a command, whose records are a `load`."""

    call: str
    request_id: str = ""
    address: Callable[[], str] = str
    account: Callable[[], Account] = Account
    token_id: int | None = None
    way: str = "load"


_source: ContextVar[Source | None] = ContextVar("audit source", default=None)


@contextmanager
def acting(source: Source) -> Iterator[None]:
    """What changes within is told to come from this source."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def by_token(token_id: int) -> None:
    """The request of now is made with this token."""
    source = _source.get()
    if source is not None:
        source.token_id = token_id


def current() -> Source:
    """The source of now; outside of requests the command that runs."""
    return _source.get() or Source(command())


def command() -> str:
    """The program and its first argument, as `manage.py quickstart`."""
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])[:200]
