"""JSON as clients send it: exact numbers, no name twice, not too deep, no text that can't be stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apaas.exceptions import MalformedBody
from forms_app.exact_json import Misread, strict
from forms_app.exceptions import Fault, Refused

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
NOT_JSON = (
    gettext_noop("Expecting value"),
    gettext_noop("Expecting property name enclosed in double quotes"),
    gettext_noop("Expecting ':' delimiter"),
    gettext_noop("Expecting ',' delimiter"),
    gettext_noop("Illegal trailing comma before end of object"),
    gettext_noop("Illegal trailing comma before end of array"),
    gettext_noop("Extra data"),
    gettext_noop("Unterminated string starting"),
    gettext_noop("Invalid control character"),
    gettext_noop("Invalid \\escape"),
    gettext_noop("Invalid \\uXXXX escape"),
)
"""What Python's JSON decoder finds, less its last word "at"."""


def parse_json(source: bytes | str, place: str = "body") -> Any:
    """JSON with exact numbers: fractions are Decimals; `place` is where it stood. Raises MalformedBody."""
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        value = strict(text)
    except UnicodeDecodeError as error:
        raise MalformedBody(str(_("The body is not UTF-8."))) from error
    except json.JSONDecodeError as error:
        message = _("Not JSON: {reason} at line {line}, column {column}.")
        reason = _(error.msg.removesuffix(" at"))
        raise MalformedBody(message.format(reason=reason, line=error.lineno, column=error.colno), place) from error
    except RecursionError as error:
        raise too_deep(place) from error
    except Misread as error:
        raise MalformedBody(str(error), place) from error
    if text.count("[") + text.count("{") > settings.MAX_JSON_DEPTH and _depth(value) > settings.MAX_JSON_DEPTH:
        raise too_deep(place)
    return value


def spelt(text: str, name: str, starts: str = "[{") -> Any:
    """The list or object that a parameter's text spells as JSON; the text itself where it begins as neither. Raises
    MalformedBody, Refused."""
    if not text or text[0] not in starts:
        return text
    value = parse_json(text, name)
    refuse_unstorable({name: value})
    return value


def too_deep(place: str) -> MalformedBody:
    message = _("At most {limit} levels of nesting are allowed.").format(limit=settings.MAX_JSON_DEPTH)
    return MalformedBody(message, place)


def _depth(value: Any) -> int:
    """Levels of nesting, found without recursion."""
    deepest, level, layer = 0, 0, [value]
    while layer:
        level += 1
        inner: list[Any] = []
        for item in layer:
            if isinstance(item, dict | list):
                deepest = level
                inner += item.values() if isinstance(item, dict) else item
        layer = inner
    return deepest


def refuse_unstorable(values: Mapping[str, Any]) -> None:
    """Raises Refused for each text with a NUL or a lone surrogate: PostgreSQL stores neither."""
    faults = []
    for path, text in _texts(values, ()):
        if UNSTORABLE.search(text):
            name, index = _place(path)
            message = _("The text holds a character that can't be stored (NUL or a lone surrogate).")
            faults.append(Fault("invalid_text", message, field=UNSTORABLE.sub("\ufffd", name), index=index))
    if faults:
        raise Refused(faults[:100])


def _texts(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key), key
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _texts(item, (*path, place))


def _place(path: tuple[Any, ...]) -> tuple[str, int | None]:
    """The field that a path leads to, and the index of its item: form_entity.text_1 is the field text_1."""
    names = [part for part in path if isinstance(part, str)]
    places = [part for part in path if isinstance(part, int)]
    field = names[1] if len(names) > 1 and names[0] == "form_entity" else names[0]
    return field, places[0] if places else None
