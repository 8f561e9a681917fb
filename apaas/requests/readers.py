"""A parameter of a call, and how its raw value is read: each kind refuses by its name what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apaas.requests.json_texts import spelt
from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Text
from forms_app.field_types._references import MAX_ID, spelt_id
from forms_app.field_types._times import FORMS, parsed
from forms_app.field_types.base import excerpt

Reader = Callable[[str, Any], Any]
"""(parameter's name, raw value) → checked value. Raises Refused."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a call. `schema` describes it to OpenAPI, `explains` to people."""

    name: str
    read: Reader
    explains: str | Promise
    required: bool = False
    default: Any = None
    schema: Mapping[str, Any] | None = None


def fault(name: str, code: str, message: str, got: Any = None, allowed: Any = None, index: int | None = None) -> Fault:
    return Fault(code, message, field=name, got=excerpt(got), allowed=allowed, index=index)


def integer(least: int, most: Callable[[], int]) -> Reader:
    """An integer from `least` to `most()`, or the ASCII digits of one."""

    def read(name: str, raw: Any) -> int:
        if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) <= 20:
            raw = int(raw)
        if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most():
            message = _("Expected an integer from {least} to {most}.").format(least=least, most=most())
            raise Refused([fault(name, "wrong_integer", message, raw, {"min": least, "max": most()})])
        return raw

    return read


ID_SCHEMA: Mapping[str, Any] = {"type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID}
"""An id as JSON Schema."""
IDS_SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "items": ID_SCHEMA,
    "minItems": 1,
    "maxItems": settings.MAX_MASS_IDS,
}
"""What `identifiers` reads."""


def identifier(name: str, raw: Any) -> int:
    """An id."""
    number = spelt_id(raw)
    if number is None:
        message = _("An id is an integer from 1 to 9223372036854775807.")
        raise Refused([fault(name, "wrong_id", message, raw, {"min": 1, "max": MAX_ID})])
    return number


def identifiers(name: str, raw: Any) -> list[int]:
    """1 to MAX_MASS_IDS ids, each fault with its index."""
    ids, faults = [], []
    for place, item in enumerate(items(name, raw, settings.MAX_MASS_IDS)):
        try:
            ids.append(identifier(name, item))
        except Refused as refused:
            faults += [
                Fault(f.code, f.message, name, index=place, got=f.got, allowed=f.allowed) for f in refused.faults
            ]
    if faults:
        raise Refused(faults)
    return ids


def items(name: str, raw: Any, most: int) -> Sequence[Any]:
    """A list of at most `most` items. A single value never stands for one, but for one of the query string, which
    can't say of a list that it is one."""
    if isinstance(raw, Text):
        raw = [raw]
    if isinstance(raw, str) or not isinstance(raw, Sequence):
        raise Refused([fault(name, "wrong_list", _("Expected a list."), raw)])
    if len(raw) > most:
        message = _("At most {limit} items are allowed.").format(limit=most)
        raise Refused([fault(name, "too_many_items", message, len(raw), {"max": most})])
    return raw


def text(name: str, raw: Any) -> str:
    if not isinstance(raw, str):
        raise Refused([fault(name, "wrong_text", _("Expected a text."), raw)])
    return str(raw)


def one_of(values: Sequence[str]) -> Reader:
    """One of these texts."""

    def read(name: str, raw: Any) -> str:
        if raw not in values:
            message = _("Expected one of {values}.").format(values=", ".join(values))
            raise Refused([fault(name, "unknown_value", message, raw, list(values))])
        return str(raw)

    return read


def boolean(name: str, raw: Any) -> bool:
    if isinstance(raw, Text) and raw.lower() in ("true", "false", "1", "0"):
        return raw.lower() in ("true", "1")
    if not isinstance(raw, bool):
        raise Refused([fault(name, "wrong_boolean", _("Expected true or false."), raw, [True, False])])
    return raw


def mapping(name: str, raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise Refused([fault(name, "wrong_object", _("Expected an object."), raw)])
    return raw


def spelt_mapping(name: str, raw: Any) -> Mapping[str, Any]:
    """An object, or the JSON text of one."""
    return mapping(name, spelt(raw, name, "{") if isinstance(raw, str) else raw)


def anything(name: str, raw: Any) -> Any:
    """Read later, where the form is known."""
    return raw


def texts(most: int) -> Reader:
    """At most so many texts."""

    def read(name: str, raw: Any) -> list[str]:
        found, faults = [], []
        for place, item in enumerate(items(name, raw, most)):
            if isinstance(item, str):
                found.append(str(item))
            else:
                faults.append(fault(name, "wrong_text", _("Expected a text."), item, index=place))
        if faults:
            raise Refused(faults)
        return found

    return read


def version(name: str, raw: Any) -> int:
    """The version of a record."""
    read: int = integer(1, lambda: MAX_ID)(name, raw)
    return read


def moment(name: str, raw: Any) -> datetime:
    """A time, as times of records are written."""
    time = parsed(raw) if isinstance(raw, str) else None
    if time is None:
        message = _("This is no time; expected one of {forms}.").format(forms=FORMS)
        raise Refused([fault(name, "invalid_time", message, raw, FORMS)])
    return time


def objects(most: Callable[[], int]) -> Reader:
    """At most `most()` objects."""

    def read(name: str, raw: Any) -> Sequence[Mapping[str, Any]]:
        faults = [
            fault(name, "wrong_object", _("Expected an object."), item, index=place)
            for place, item in enumerate(items(name, raw, most()))
            if not isinstance(item, Mapping)
        ]
        if faults:
            raise Refused(faults)
        rows: Sequence[Mapping[str, Any]] = raw
        return rows

    return read


def nullable(read: Reader) -> Reader:
    """The same, where null (or an empty text or list) is a value too."""

    def read_or_none(name: str, raw: Any) -> Any:
        return None if raw in ("", None) else read(name, raw)

    return read_or_none
