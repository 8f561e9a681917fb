"""How a rate is spelt. Read at start as well, before there are any models: so it imports none."""

from __future__ import annotations

import re

_SECONDS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
}
_RATE = re.compile(rf"([1-9][0-9]{{0,8}})/([1-9][0-9]{{0,4}})?({'|'.join(_SECONDS)})")


def rate(text: str) -> tuple[int, int] | None:
    """(calls, seconds) of a rate such as `10/10s`, `100/min`; None where it is none."""
    match = _RATE.fullmatch(text)
    return (int(match[1]), int(match[2] or 1) * _SECONDS[match[3]]) if match else None
