"""The headers that calls take and answer, as the OpenAPI document says them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apaas.read_after import HEADER
from apaas.requests.headers import IDEMPOTENCY_KEY, IF_MATCH, KEPT

Described = dict[str, Any]
_POSITION: Described = {"schema": {"type": "string"}, "example": "zJ1m0Q2dVb7f9rXkq4TnYw3sLhUeGcAp"}
HEADERS: dict[str, tuple[Any, Described]] = {
    IF_MATCH: (gettext_lazy("The versions that the record may have, as ETag answered: else 412."), {"type": "string"}),
    IDEMPOTENCY_KEY: (
        gettext_lazy("A name of your own for this request: sent again, it is answered the same and written once."),
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    ),
}


def header_parameters(name: str) -> list[Described]:
    """The conditions that a call keeps."""
    return [
        {
            "name": header,
            "in": "header",
            "required": False,
            "description": str(explains),
            "schema": dict(schema),
            # Whoever sends the examples as they are sends no key twice for two requests.
            "example": "*" if header == IF_MATCH else f"example-{name}",
        }
        for header, (explains, schema) in HEADERS.items()
        if header in KEPT.get(name, ())
    ]


def read_after() -> Described:
    """The header of a read that is to find what somebody else wrote."""
    explains = _(
        "What the answer to a write, of whomever, had in this header: that write is found. Where there are no replicas "
        "every write is found anyway."
    )
    return {"name": HEADER, "in": "header", "required": False, "description": explains, **_POSITION}


def answered() -> Described:
    """The header of an answer to a write, for others."""
    explains = _(
        "Only where there are replicas: for others, who send it with a read and find this write. The caller finds it "
        "anyway."
    )
    return {HEADER: {"description": explains, **_POSITION}}
