"""The API path that is proposed for a flow: one that people can say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from django.utils.text import slugify

from forms_app.models import Flow

MOST = 60


def proposed_api_path(*, form_id: int, name: str, flow_id: int = 0) -> str:
    """From the Latin letters and digits of the flow's name, as `leave-request`; else by its form, as `form-12`. A
    number follows where another flow has it."""
    base = slugify(name).replace("_", "-").strip("-")[:MOST].strip("-")
    if not any(letter.isalpha() for letter in base):
        base = "-".join(filter(None, (f"form-{form_id}", base)))
    near = Flow.objects.exclude(pk=flow_id).filter(api_path__startswith=base)
    taken = set(near.values_list("api_path", flat=True))
    return next(path for path in _numbered(base) if path not in taken)


def _numbered(base: str) -> Iterator[str]:
    yield base
    for number in count(2):
        yield f"{base}-{number}"
