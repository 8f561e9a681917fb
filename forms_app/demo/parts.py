"""The parts of the demo: each is made once in the life of a database."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from forms_app.models import DemoPart


def is_made(name: str) -> bool:
    """Whether the part was made, even if nothing of it is left."""
    return DemoPart.objects.filter(pk=name).exists()


def make_once(name: str, make: Callable[[], None]) -> None:
    """Run `make` unless it ran before; it and its mark are one transaction. Of two processes the second waits."""
    if is_made(name):
        return
    with transaction.atomic():
        _part, new = DemoPart.objects.get_or_create(name=name)
        if new:
            make()
