"""Values as clients send them: what came untyped, how a value is parsed and refused, and how much of it is echoed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.exact_json import reads
from forms_app.exceptions import Fault, Refused
from forms_app.field_types._described import Described


class Text(str):
    """A value that came without a type (query string, form post): each type reads it as its own."""

    __slots__ = ()


_unstorable = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> bool:
    """False for what PostgreSQL's jsonb refuses: NUL and lone surrogates."""
    return _unstorable.search(text) is None


def fault(
    code: str, message: str | Promise, *, got: Any = None, index: int | None = None, allowed: Any = None
) -> Fault:
    """A Fault that shows at most a piece of what was sent."""
    return Fault(code=code, message=str(message), got=excerpt(got), index=index, allowed=allowed)


def spelt_json(text: Text) -> Any:
    """The list or object that an untyped text spells as JSON; the text itself if it spells none."""
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return reads(text)
    except (ValueError, RecursionError):
        return text


def excerpt(value: Any, size: int = 200) -> Any:
    """`value` if it is a short scalar, a cut text if it is long, the name of its kind otherwise: an answer never
    echoes a megabyte, nor what JSON can't say."""
    if isinstance(value, str):
        clean = "".join("\ufffd" if "\ud800" <= char <= "\udfff" or char == "\0" else char for char in value[:size])
        return clean + "…" if len(value) > size else clean
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= 63 else excerpt(str(value) if value.bit_length() < 4096 else "…")
    if isinstance(value, Mapping):
        return {excerpt(str(key), 64): _piece(item) for key, item in list(value.items())[:10]}
    if isinstance(value, Sequence):
        return [_piece(item) for item in value[:10]]
    return excerpt(str(value), size)


def _piece(item: Any) -> Any:
    if isinstance(item, Mapping):
        return "{…}"
    return excerpt(item, 64) if isinstance(item, str) or not isinstance(item, Sequence) else "[…]"


class ValueField(serializers.Field):
    """A DRF field that parses one column's values and refuses what is wrong, with a code and a sentence each.

    Children say `parse(raw, current)` for what a record stores, and what filters compare with as the families of their
    type ask for it (`forms_app.operators.families`): `item` or else `one` and `several`, `start` and `end`. Their
    messages stand at their top, code → sentence, as DRF's do.
    """

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("This field must not be empty."),
        "wrong_type": _("Expected {expected}."),
        "unknown_key": _("Unknown key {key}."),
        "missing_key": _("The key {key} is missing."),
        "too_many_items": _("At most {limit} items are allowed."),
        "invalid_text": _("The text holds a character that can't be stored (NUL or a lone surrogate)."),
        "empty_shape": _("Send null to clear the field."),
        "wrong_operand": _("Expected {expected}."),
    }
    empties: ClassVar[tuple[Any, ...]] = (None,)
    """What clears the field beside null."""

    keeps_digits: ClassVar[bool] = False
    """Its values are texts, options or ids: of a number every digit counts."""

    spelt_as_json: ClassVar[bool] = False
    """Its values are lists or objects: an untyped text that spells one as JSON is read."""

    expected: ClassVar[str | Promise] = ""
    """What the type takes, as the message of `wrong_type` says it."""

    def __init__(self, column: Described) -> None:
        super().__init__(required=False, allow_null=True)
        self.column = column

    def clean(self, raw: Any, current: Any = None) -> Any:
        """None for an empty value, what is stored otherwise. Raises Refused."""
        if self.spelt_as_json and isinstance(raw, Text):
            raw = spelt_json(raw)
        for empty in self.empties:
            if type(raw) is type(empty) and raw == empty:
                return None
        return self.parse(raw, current) if self.given(raw) else None

    def parse(self, raw: Any, current: Any = None) -> Any:
        """The stored form of a value that is not empty. Raises Refused."""
        raise NotImplementedError(type(self).__name__)

    def shows_nothing(self, stored: Any) -> bool:
        """Whether the value fills the field with nothing that one can see: where a value is required, it is none."""
        return stored is None

    def kept_faults(self, size: int, name: str, place: int) -> list[Fault]:
        """What is wrong with a file that this server keeps, as the item at this place: its bytes, its name."""
        return []

    @property
    def comparing(self) -> ValueField:
        """The field that reads what the values are compared with."""
        return self

    def item(self, raw: Any) -> Any:
        """One of the values that stored ones are compared with. Raises Refused."""
        raise NotImplementedError(type(self).__name__)

    def single(self, raw: Any) -> Any:
        """What means this one value. Raises Refused."""
        return (self.item(raw),)

    def several(self, raw: Any) -> Any:
        """What means any of several values. Raises Refused."""
        return tuple(self.each(self.listed(raw), self.item))

    def start(self, raw: Any) -> Any:
        """Where what a bound names begins. Raises Refused."""
        raise NotImplementedError(type(self).__name__)

    def end(self, raw: Any) -> Any:
        """Where it ends. Raises Refused."""
        raise NotImplementedError(type(self).__name__)

    def term(self, raw: Any) -> str:
        """A piece of text, 1 to MAX_QUERY_LENGTH characters. Raises Refused."""
        if not isinstance(raw, str) or not raw:
            self.refuse("wrong_operand", got=raw, expected=_("a text"))
        if not storable(raw):
            self.refuse("invalid_text", got=raw)
        if len(raw) > settings.MAX_QUERY_LENGTH:
            most = _("at most {limit} characters").format(limit=settings.MAX_QUERY_LENGTH)
            self.refuse("wrong_operand", got=raw, expected=most)
        return str(raw)

    def listed(self, raw: Any) -> Sequence[Any]:
        """`raw` if it is a list of 1 to MAX_FILTER_VALUES values. A single value never stands for a list, but for an
        untyped text: a query string can't say of a list that it has one item."""
        if isinstance(raw, Text) and raw:
            raw = spelt_json(raw)
            raw = [raw] if isinstance(raw, str) else raw
        if isinstance(raw, str) or not isinstance(raw, Sequence) or not raw:
            self.refuse("wrong_operand", got=raw, expected=_("a list"))
        if len(raw) > settings.MAX_FILTER_VALUES:
            self.refuse("too_many_items", limit=settings.MAX_FILTER_VALUES, allowed=settings.MAX_FILTER_VALUES)
        return raw

    def given(self, raw: Any) -> bool:
        """False for null and for an untyped text that is empty."""
        return raw is not None and not (isinstance(raw, Text) and raw == "")

    def truth(self, raw: Any) -> bool | None:
        """True or false, as JSON says it or an untyped text spells it; None for anything else."""
        if isinstance(raw, bool):
            return raw
        return {"true": True, "false": False}.get(raw.lower()) if isinstance(raw, Text) else None

    def written_schema(self) -> dict[str, Any]:
        """JSON Schema of what a client writes here, null aside."""
        return {}

    def shown_schema(self) -> dict[str, Any]:
        """JSON Schema of what clients read, null aside."""
        return self.written_schema()

    def to_internal_value(self, data: Any) -> Any:
        return self.clean(data)

    def to_representation(self, value: Any) -> Any:
        return value

    def fault(
        self, code: str, *, got: Any = None, index: int | None = None, allowed: Any = None, **params: Any
    ) -> Fault:
        """A fault with this field's message for `code`."""
        sayable = {name: excerpt(value) if isinstance(value, str) else value for name, value in params.items()}
        return fault(code, str(self.error_messages[code]).format(**sayable), got=got, index=index, allowed=allowed)

    def refuse(self, code: str, **params: Any) -> NoReturn:
        """Raises Refused with one fault; parameters as `fault`."""
        raise Refused([self.fault(code, **params)])

    def wrong_type(self, raw: Any, index: int | None = None) -> NoReturn:
        self.refuse("wrong_type", got=raw, index=index, expected=self.expected)

    def each(self, raw: Sequence[Any], parse: Callable[[Any], Any]) -> list[Any]:
        """`parse` over a list; faults of every item, each with its index."""
        values, faults = [], []
        for place, item in enumerate(raw):
            try:
                values.append(parse(item))
            except Refused as refused:
                faults += [replace(f, index=place) if f.index is None else f for f in refused.faults]
        if faults:
            raise Refused(faults)
        return values
