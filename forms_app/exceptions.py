"""Domain errors: one small class each. They know no HTTP; `apaas.errors` gives each its code and status."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with what the caller sent.

    `code` is a stable slug (docs/errors.md lists them all); `field` and `label` name the parameter or field, `index`
    the item of a list, `row` that of a mass call, `message` is a sentence in the caller's language, `allowed` what
    would be right, `got` what was sent.
    """

    code: str
    message: str
    field: str = ""
    label: str = ""
    index: int | None = None
    allowed: Any = None
    got: Any = None
    row: int | None = None

    def named(self, field: str, label: str = "") -> Fault:
        """The same fault, said of this field. Labels of system columns are translated late: here it is late enough."""
        return replace(self, field=field, label=str(label))


class DomainError(Exception):
    """Base of all errors that the domain raises on purpose."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.faults: Sequence[Fault] = tuple(faults)
        super().__init__("; ".join(f"{fault.field}: {fault.code}" for fault in self.faults) or type(self).__name__)


class Refused(DomainError):
    """What the caller sent is wrong; nothing was written. `faults` lists everything that is wrong with it."""


class TooExpensive(Refused):
    """A query that would take, or took, longer than a statement may."""


class NotFound(DomainError):
    """No such thing for this caller. Never tells "absent" from "not yours"."""


class Forbidden(DomainError):
    """The caller may see it but not do this."""


class Conflict(DomainError):
    """Right in itself, but it collides with what is stored, e.g. a unique value that is taken."""


class StaleVersion(DomainError):
    """The record has another version than its caller says; nothing was written."""


class TooLarge(DomainError):
    """A body, list or file over its limit."""


class DiskFull(DomainError):
    """There is no room left for what should be kept; nothing of it was."""


def is_disk_full(error: BaseException) -> bool:
    """Whether the system says so: the disk has no room, or the account's share of it has none."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
