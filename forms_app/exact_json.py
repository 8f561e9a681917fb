"""JSON in and out of PostgreSQL without losing a digit.

orjson reads numbers as floats and 64-bit integers, so text is read by msgspec, which has a hook for fractions; orjson
writes, and takes a ready-made number as a Fragment. `reads` gives Decimals to compute with, `shows` gives Fragments:
the text that PostgreSQL printed, spliced into the answer again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

import msgspec
import orjson
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _


def number_text(number: Decimal) -> str:
    """A Decimal as JSON, without an exponent (`1E-8` is `0.00000001`); integers stay integers."""
    return format(number, "f")


def _other(value: Any) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(number_text(value))
    raise TypeError(f"{type(value).__name__} is no JSON value")


def dumps(value: Any) -> bytes:
    """`value` (str, bool, int, Decimal, None, list, dict, Fragment) as compact UTF-8 JSON."""
    try:
        return orjson.dumps(value, default=_other)
    except orjson.JSONEncodeError:
        # Integers beyond 64 bits raise before `default` is asked; rare, so only then walk the value.
        return orjson.dumps(_long_integers_wrapped(value), default=_other)


def _long_integers_wrapped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _long_integers_wrapped(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_long_integers_wrapped(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 63:
        return orjson.Fragment(str(value))
    return value


_show = msgspec.json.Decoder(float_hook=orjson.Fragment).decode
_read = msgspec.json.Decoder(float_hook=Decimal).decode
LONGEST_INT = 4_300
# What msgspec does not read, the standard library does or says why not: integers of more than so many digits, where
# Python's own int() stops too; half of a surrogate pair; a subclass of str.
UNREAD = (msgspec.DecodeError, UnicodeEncodeError, TypeError)
_show_any = json.JSONDecoder(parse_float=orjson.Fragment, parse_int=lambda text: _whole(text, orjson.Fragment)).decode
_read_any = json.JSONDecoder(parse_float=Decimal, parse_int=lambda text: _whole(text, Decimal)).decode


def _whole(text: str, otherwise: Callable[[str], Any]) -> Any:
    return int(text) if len(text) <= LONGEST_INT else otherwise(text)


def shows(text: str) -> Any:
    """JSON text to show again: fractions are Fragments of their own text."""
    try:
        return _show(text)
    except UNREAD:
        return _show_any(text)


def reads(text: str | bytes) -> Any:
    """JSON text to compute with: fractions are Decimals. Raises ValueError where it is no JSON."""
    try:
        return _read(text)
    except UNREAD:
        return _read_any(text if isinstance(text, str) else text.decode())


def compact(text: bytes) -> bytes:
    """JSON that PostgreSQL wrote, as `dumps` would write it: only blanks are between, so it need not be read."""
    return msgspec.json.format(text, indent=-1)


class Misread(ValueError):
    """What is JSON by its grammar, but not for us. Its text says why, in the reader's language."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _value in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Misread(_("The name {name} stands twice in one object.").format(name=ascii(twice)[:80]))
    return members


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


_strict = json.JSONDecoder(
    parse_float=_decimal, parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object
).decode


def strict(text: str) -> Any:
    """JSON text that somebody else wrote: numbers exact, no name twice. Raises Misread, JSONDecodeError (both are
    ValueError), RecursionError."""
    return _strict(text)


class ExactEncoder(json.JSONEncoder):
    """For the `encoder` of a JSONField: Decimals are written with every digit."""

    def encode(self, o: Any) -> str:
        return dumps(o).decode()


class ExactDecoder(json.JSONDecoder):
    """For the `decoder` of a JSONField: fractions are Decimals, as `reads` gives them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_float=Decimal, **options)


def exact(value: Any) -> Any:
    """What a JSONField of the ORM gave, with its floats as the Decimals they spell: columns take exact numbers only."""
    return reads(json.dumps(value))


def fingerprint(document: dict[str, Any]) -> str:
    """Equal for equal documents only: an administrator who saves a design names what was changed by it. Unlike the
    definition version it stays when an index gets ready or a formula of another form begins to read this one."""
    text = json.dumps(document, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()
