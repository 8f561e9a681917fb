"""One dictionary of parameters from the query string and the body of a request, whatever its method (contract §1)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apaas.exceptions import MalformedBody, UnsupportedMediaType
from forms_app.exceptions import Fault, Refused, TooLarge
from forms_app.field_types import Text

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
JSON_IN_QUERY = ("filters", "sort", "only_field_names")
"""Parameters that the query string may also hold as a JSON text."""
EMPTIES: tuple[Any, ...] = ("", [], None)
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


def read(request: HttpRequest) -> dict[str, Any]:
    """The request's parameters: empties dropped, then the body wins over the query string, whose values are `Text`:
    they have no type yet. Raises Refused, TooLarge, UnsupportedMediaType, MalformedBody."""
    query = from_query(query_of(request))
    body = from_body(body_of(request), request.content_type or "")
    found = {name: value for name, value in query.items() if not _empty(value)}
    found.update({name: value for name, value in body.items() if not _empty(value)})
    return found


def query_of(request: HttpRequest) -> str:
    """The query string as text: WSGI gives its bytes as Latin-1, and many clients send UTF-8. Raises MalformedBody."""
    try:
        return str(request.META.get("QUERY_STRING", "")).encode("latin-1").decode()
    except UnicodeError as error:
        raise MalformedBody(str(_("The query string is malformed.")), "query") from error


def _empty(value: Any) -> bool:
    return isinstance(value, str | list | None) and value in EMPTIES


def body_of(request: HttpRequest) -> bytes:
    """The body, chunked or not, read on GET and DELETE too. One over its limit is read away, so that the client gets
    to read the answer. Raises TooLarge."""
    limit = settings.MAX_BODY_BYTES
    stream, announced = stream_of(request)
    try:
        body: bytes = b"" if announced > limit else stream.read(limit + 1)
        if max(announced, len(body)) > limit:
            drain(stream)
            refuse_body(limit)
        if len(body) < announced:  # some servers tell of a client that went away by an end, not by an error
            raise OSError
    except OSError as error:  # UnreadablePostError is one
        raise MalformedBody(str(_("The body ended early."))) from error
    return body


def refuse_body(limit: int) -> NoReturn:
    message = _("The body may have at most {limit} bytes.").format(limit=limit)
    raise TooLarge([Fault("body_too_large", message, field="body", allowed=limit)])


def stream_of(request: HttpRequest) -> tuple[Any, int]:
    """Where the body can be read, and its announced length (0: none). Django takes a body without a Content-Length for
    an empty one; the server behind it ends a chunked one itself."""
    length = request.META.get("CONTENT_LENGTH") or ""
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    stream = request.META["wsgi.input"] if chunked and not length else request
    return stream, int(length) if length.isascii() and length.isdigit() else 0


def drain(stream: Any) -> None:
    """Read a refused body away, up to MAX_DRAIN_BYTES: else the client never gets to read the answer."""
    left = settings.MAX_DRAIN_BYTES
    while left > 0:
        piece = stream.read(min(left, 1 << 20))
        if not piece:
            return
        left -= len(piece)


def from_body(body: bytes, content_type: str) -> dict[str, Any]:
    """The members of a JSON object; numbers exact, no name twice, no deeper than MAX_JSON_DEPTH."""
    if not body.strip():
        return {}
    if content_type and content_type != "application/json" and not content_type.endswith("+json"):
        raise UnsupportedMediaType(content_type)
    found = parse_json(body)
    if not isinstance(found, dict):
        raise MalformedBody(str(_("The body must be a JSON object.")))
    if b"\\u" in body:
        _refuse_unstorable(found)
    return found


def parse_json(source: bytes | str, place: str = "body") -> Any:
    """JSON with exact numbers: fractions are Decimals; `place` is where it stood. Raises MalformedBody."""
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        found = _decoder.decode(text)
    except UnicodeDecodeError as error:
        raise MalformedBody(str(_("The body is not UTF-8."))) from error
    except json.JSONDecodeError as error:
        message = _("Not JSON: {reason} at line {line}, column {column}.")
        reason = _(error.msg.removesuffix(" at"))
        raise MalformedBody(message.format(reason=reason, line=error.lineno, column=error.colno), place) from error
    except RecursionError as error:
        raise _too_deep(place) from error
    except Misread as error:
        raise MalformedBody(str(error), place) from error
    if text.count("[") + text.count("{") > settings.MAX_JSON_DEPTH and _depth(found) > settings.MAX_JSON_DEPTH:
        raise _too_deep(place)
    return found


def _too_deep(place: str) -> MalformedBody:
    message = _("At most {limit} levels of nesting are allowed.").format(limit=settings.MAX_JSON_DEPTH)
    return MalformedBody(message, place)


class Misread(Exception):
    """What is JSON by its grammar, but not for us. Its text says why."""


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


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _value in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Misread(_("The name {name} stands twice in one object.").format(name=ascii(twice)[:80]))
    return found


def _integer(text: str) -> int:
    return int(_short(text))


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(_short(text))
    except InvalidOperation:  # its exponent has more digits than one can count with
        raise Misread(_("A number has too many digits.")) from None


def _short(text: str) -> str:
    if len(text) > 1_000:
        raise Misread(_("A number has too many digits."))
    return text


def _constant(text: str) -> NoReturn:
    raise Misread(_("{name} is no JSON number.").format(name=text))


_decoder = json.JSONDecoder(
    parse_float=_decimal, parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object
)


def _refuse_unstorable(found: Mapping[str, Any]) -> None:
    """Raises Refused for each text with a NUL or a lone surrogate: PostgreSQL stores neither."""
    faults = []
    for path, text in _texts(found, ()):
        if _UNSTORABLE.search(text):
            name, index = _place(path)
            message = _("The text holds a character that can't be stored (NUL or a lone surrogate).")
            faults.append(Fault("invalid_text", message, field=_UNSTORABLE.sub("\ufffd", name), index=index))
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


def from_query(text: str) -> dict[str, Any]:
    """The parameters of a query string: `a=1`, `a[]=1&a[]=2`, `a[0][b]=1`, JSON texts. Raises Refused."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20_000)
    except ValueError as error:
        raise MalformedBody(str(_("The query string is malformed.")), "query") from error
    tree: dict[str, Any] = {}
    for name, value in pairs:
        if _UNSTORABLE.search(name) or _UNSTORABLE.search(value):
            message = _("The text holds a character that can't be stored (NUL or a lone surrogate).")
            raise Refused([Fault("invalid_text", message, field=_UNSTORABLE.sub("\ufffd", name)[:128])])
        match = _NAME.fullmatch(name)
        if match is None:
            raise _malformed(name)
        parts = [match[1], *_PART.findall(match[2])]
        if len(parts) > settings.MAX_JSON_DEPTH:
            raise _too_deep(match[1][:128])
        _put(tree, parts, Text(value), name)
    found = {name: _lists(value) for name, value in tree.items()}
    for name in JSON_IN_QUERY:
        listed = found.get(name)
        if isinstance(listed, str) and listed[:1] in ("[", "{"):
            found[name] = parse_json(listed, name)
            _refuse_unstorable({name: found[name]})
    return found


def _malformed(name: str) -> Refused:
    message = _("This parameter's name is malformed, or it stands twice.")
    return Refused([Fault("malformed_parameter", message, field=name[:128])])


def _put(tree: dict[str, Any], parts: list[str], value: Text, name: str) -> None:
    """Hang `value` into the tree; "" as a part means "the next of the list"."""
    node = tree
    for place, part in enumerate(parts):
        key = part or _next_key(node, parts[place + 1 :])
        if place == len(parts) - 1:
            if key in node:
                raise _malformed(name)
            node[key] = value
            return
        held = node.setdefault(key, {})
        if not isinstance(held, dict):
            raise _malformed(name)
        node = held


def _next_key(node: dict[str, Any], inner: list[str]) -> str:
    """The key that `[]` means: the next of the list, or, as in `a[][x]=1&a[][y]=2`, its last object while that has no
    `inner` yet, or only a list there: `a[][x][]=1&a[][x][]=2`."""
    held: Any = node.get(str(len(node) - 1))
    if inner and isinstance(held, dict):
        for part in inner:
            held = held.get(part) if part and isinstance(held, dict) else None
        if held is None:
            return str(len(node) - 1)
    return str(len(node))


def _lists(value: Any) -> Any:
    """Objects whose keys are all numbers are lists, in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isascii() and key.isdigit() and len(key) <= 20 for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(item) for key, item in value.items()}
