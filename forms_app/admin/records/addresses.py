"""The addresses of the records page: which parameters it has, and the page with some of them changed.

| parameter | says |
|---|---|
| `tab` | whose records: `mine`, `department`, or a tab of the form; all where it is absent |
| `q`, `in` | a text, and the field that it is searched in |
| `f1`, `f1.op`, `f1.v`, `f1.to` | a condition: field, operator, value or values, end of a range; `f2` … further ones |
| `match` | `any` where one condition is enough; all must hold where it is absent |
| `o` | the column that sorts, with `-` before it for descending |
| `p` | the page |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import QueryDict

CONDITION = re.compile(r"f([1-9]\d?)", re.ASCII)
_KEPT = re.compile(r"q|in|tab|o|match|f[1-9]\d?(\.op|\.v|\.to)?", re.ASCII)


def parameters(given: QueryDict, *, without: str = "") -> Iterator[tuple[str, str]]:
    """What the page was asked for, page number aside: for links, and for the hidden inputs of a form. `without` is a
    pattern of names that are left out."""
    for name, values in given.lists():
        if _KEPT.fullmatch(name) and not re.fullmatch(without, name, re.ASCII):
            yield from ((name, str(value)) for value in values if value != "")


def address(given: QueryDict, *, without: str = "", **changes: Any) -> str:
    """The page's own address with these parameters changed, "" leaving one out; it begins at the first page."""
    asked = QueryDict(mutable=True)
    for name, value in parameters(given, without=without):
        if name not in changes:
            asked.appendlist(name, value)
    for name, value in changes.items():
        if value != "":
            asked[name] = str(value)
    return f"?{asked.urlencode()}"


def page_number(text: str | None) -> int:
    """The page that was asked for: the first for what is no number."""
    return max(1, int(text)) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 1


def numbers(texts: Iterable[str]) -> list[int]:
    """The ids among these texts, each once, in their order."""
    return [int(text) for text in dict.fromkeys(texts) if text.isascii() and text.isdecimal() and len(text) < 19]
