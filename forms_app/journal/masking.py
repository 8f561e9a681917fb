"""What was sent, without its values: names stay, a value becomes its kind and length."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

LONGEST = 2_000
"""Characters of a masked body; the rest is cut."""
SHOWN_ITEMS = 3
"""Of a list so many items are shown; the others are alike, or no easier to read."""
NAME = re.compile(r"(?!apaas_)\w{1,64}", re.IGNORECASE)
"""A name as forms have them. A longer or another one may be a value in the wrong place, and so may a token's text."""
SECRET = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)
"""Nor is a code or a hash a name."""
CUT = "…"


def masked(sent: Any) -> str:
    """The value as a text like JSON. The work ends where the text is long enough, whatever is left of the value."""
    pieces: list[str] = []
    length = 0
    for piece in _pieces(sent, 0):
        pieces.append(piece)
        length += len(piece)
        if length > LONGEST:
            return "".join(pieces)[: LONGEST - len(CUT)] + CUT
    return "".join(pieces)


DEEPEST = 8


def _pieces(value: Any, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        yield CUT
    elif isinstance(value, Mapping):
        yield "{"
        for place, (name, item) in enumerate(value.items()):
            yield f"{', ' if place else ''}{_name(str(name))}: "
            yield from _pieces(item, depth + 1)
        yield "}"
    elif isinstance(value, list | tuple):
        yield "["
        for place, item in enumerate(value[:SHOWN_ITEMS]):
            yield ", " if place else ""
            yield from _pieces(item, depth + 1)
        yield f", {CUT} {len(value)}]" if len(value) > SHOWN_ITEMS else "]"
    else:
        yield _kind(value)


def _name(name: str) -> str:
    return name if NAME.fullmatch(name) and not SECRET.fullmatch(name) else f"name({len(name)})"


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return f"text({len(value)})"
    return "number" if isinstance(value, int | float | Decimal) else "file"
