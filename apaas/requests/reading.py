"""One dictionary of parameters from the query string and the body of a request, whatever its method.

docs/contract.md §1.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apaas import journal
from apaas.exceptions import MalformedBody, UnsupportedMediaType
from apaas.requests.json_texts import UNSTORABLE, parse_json, refuse_unstorable, spelt, too_deep
from forms_app.exceptions import Fault, Refused, TooLarge
from forms_app.field_types import Text

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")
JSON_IN_QUERY = ("filters", "sort", "only_field_names", "ids", "form_entity")
"""Parameters that the query string may also hold as a JSON text, or as a list of them."""
KEYS_IN_ORDER = "sort"
"""What holds objects of one key each. Rails and Rack write them as one: `sort[][a]=desc&sort[][b]=asc`."""
EMPTIES: tuple[Any, ...] = ("", [], None)


def read_parameters(request: HttpRequest, kept: Collection[str] = ()) -> dict[str, Any]:
    """The request's parameters: empties dropped, then the body wins over the query string, whose values are `Text`:
    they have no type yet. Of the names in `kept` the body's empties are values too. Raises Refused, TooLarge,
    UnsupportedMediaType, MalformedBody."""
    query = from_query(query_of(request))
    body = from_body(body_of(request), request.content_type or "")
    params = {name: value for name, value in query.items() if not is_empty(value)}
    params.update({name: value for name, value in body.items() if name in kept or not is_empty(value)})
    journal.saw(request, sent=params)
    return params


def query_of(request: HttpRequest) -> str:
    """The query string as text: WSGI gives its bytes as Latin-1, and many clients send UTF-8. Raises MalformedBody."""
    try:
        return str(request.META.get("QUERY_STRING", "")).encode("latin-1").decode()
    except UnicodeError as error:
        raise MalformedBody(str(_("The query string is malformed.")), "query") from error


def is_empty(value: Any) -> bool:
    return isinstance(value, str | list | None) and value in EMPTIES


def body_of(request: HttpRequest) -> bytes:
    """The body, chunked or not, read on GET and DELETE too. One over its limit is read away, so that the client gets
    to read the answer. Raises TooLarge."""
    return read_all(*stream_of(request))


def read_all(stream: Any, announced: int) -> bytes:
    """All that a stream holds, `announced` bytes if that is known. Raises TooLarge, MalformedBody."""
    limit = settings.MAX_BODY_BYTES
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
    members = parse_json(body)
    if not isinstance(members, dict):
        raise MalformedBody(str(_("The body must be a JSON object.")))
    if b"\\u" in body:
        refuse_unstorable(members)
    return members


def from_query(text: str) -> dict[str, Any]:
    """The parameters of a query string: `a=1`, `a[]=1&a[]=2`, `a=1&a=2`, `a[0][b]=1`, JSON texts. Raises Refused."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20_000)
    except ValueError as error:
        raise MalformedBody(str(_("The query string is malformed.")), "query") from error
    params = from_pairs(pairs)
    if KEYS_IN_ORDER in params:
        params[KEYS_IN_ORDER] = _one_key_each(params[KEYS_IN_ORDER])
    for name in JSON_IN_QUERY:
        if name in params:
            params[name] = _read_json(params[name], name)
    return params


def _read_json(value: Any, name: str) -> Any:
    """What a text spells as JSON, or the texts of a list; objects are put into the query string one by one too. Raises
    MalformedBody, Refused."""
    if isinstance(value, list):
        return [spelt(item, name, "{") if isinstance(item, Text) else item for item in value]
    return spelt(value, name) if isinstance(value, Text) else value


def _one_key_each(value: Any) -> Any:
    """The objects of one key that stand in each object, in the order of the query string."""
    listed = [value] if isinstance(value, dict) else value
    if not isinstance(listed, list):
        return value
    return [
        part
        for item in listed
        for part in ([{key: inner} for key, inner in item.items()] if isinstance(item, dict) and item else [item])
    ]


def from_pairs(pairs: Iterable[tuple[str, str]], *, lists: bool = True) -> dict[str, Any]:
    """Parameters that came as names with untyped values, the names in the form of a query string's. A name that is
    repeated holds a list, where there may be `lists`. Raises Refused."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        if UNSTORABLE.search(name) or UNSTORABLE.search(value):
            message = _("The text holds a character that can't be stored (NUL or a lone surrogate).")
            raise Refused([Fault("invalid_text", message, field=UNSTORABLE.sub("\ufffd", name)[:128])])
        match = _NAME.fullmatch(name)
        if match is None:
            raise _malformed(name)
        parts = [match[1], *_PART.findall(match[2])]
        if len(parts) > settings.MAX_JSON_DEPTH:
            raise too_deep(match[1][:128])
        if not lists and len(parts) == 1 and parts[0] in tree:
            raise _malformed(name)
        _put(tree, parts, Text(value), name)
    return {name: _lists(value) for name, value in tree.items()}


def _malformed(name: str) -> Refused:
    message = _("This parameter's name is malformed, or it stands twice.")
    return Refused([Fault("malformed_parameter", message, field=name[:128])])


def _put(tree: dict[str, Any], parts: list[str], value: Text, name: str) -> None:
    """Hang `value` into the tree; "" as a part means "the next of the list"."""
    node = tree
    for place, part in enumerate(parts):
        key = part or _next_key(node, parts[place + 1 :])
        if place == len(parts) - 1:
            node[key] = _repeated(node[key], value, key, name) if key in node else value
            return
        child = node.setdefault(key, {})
        if not isinstance(child, dict):
            raise _malformed(name)
        node = child


def _repeated(before: Any, value: Text, key: str, name: str) -> list[Text]:
    """The list of what stood under a name before, and this value. Raises Refused for the place of a list, which is
    one value's, and for a name that holds parts."""
    if key.isdigit() or isinstance(before, dict):
        raise _malformed(name)
    listed = before if isinstance(before, list) else [before]
    listed.append(value)
    return listed


def _next_key(node: dict[str, Any], inner: list[str]) -> str:
    """The key that `[]` means: the next of the list, or, as in `a[][x]=1&a[][y]=2`, its last object while that has no
    `inner` yet, or only a list there: `a[][x][]=1&a[][x][]=2`."""
    last: Any = node.get(str(len(node) - 1))
    if inner and isinstance(last, dict):
        for part in inner:
            last = last.get(part) if part and isinstance(last, dict) else None
        if last is None:
            return str(len(node) - 1)
    return str(len(node))


def _lists(value: Any) -> Any:
    """Objects whose keys are all numbers are lists, in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isascii() and key.isdigit() and len(key) <= 20 for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(item) for key, item in value.items()}
