"""Doing a write of many records again when others wrote the same values meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError
from django.utils.translation import gettext as _

from forms_app.database.retry import ATTEMPTS
from forms_app.exceptions import Conflict, Fault

T = TypeVar("T")


class Moved(Exception):
    """A record was given another key, or made with one, since we looked."""


def until_still(write: Callable[[], T]) -> T:
    """What the write gives. Somebody may write one of the unique values between its look and its write: then the whole
    is done again, and finds it. Raises Conflict where they never stand still."""
    for _attempt in range(ATTEMPTS - 1):
        try:
            return write()
        except (IntegrityError, Moved):
            continue
    try:
        return write()
    except Moved as error:
        raise Conflict([Fault("busy", _("Others change these records at this moment. Send it again."))]) from error
