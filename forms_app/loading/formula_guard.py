"""Texts that a spreadsheet would take for a formula, made harmless, and read back as they were.

The rule: a text that begins with = + - @, a tab or a carriage return, or with apostrophes before one of these, gets one
apostrophe more in front; reading takes one away. So no two texts are written alike, and all others stay as they are.
"""

from __future__ import annotations

import re

_RUN = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """The text as it may stand in a cell that people open in a spreadsheet."""
    return f"'{text}" if _RUN.match(text) else text


def unguarded(text: str) -> str:
    """The text of which `guarded` made this one."""
    return text[1:] if _GUARDED.match(text) else text
