"""What the types share whose values name people, departments or records: ids and their lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from forms_app.exceptions import Refused
from forms_app.field_types._values import Text, spelt_json
from forms_app.field_types.base import ValueField

MAX_ID = 2**63 - 1


def spelt_id(raw: Any) -> int | None:
    """`raw` as an id from 1 to 2^63−1, an integer or ASCII digits; None if it is none."""
    if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) <= 19:
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int) or not 1 <= raw <= MAX_ID:
        return None
    return raw


def id_of(number: Any) -> Any:
    """A number that a formula gave as an id; what is no whole number stays, to be refused as such."""
    return int(number) if isinstance(number, Decimal) and number == number.to_integral_value() else number


def named_by(key: str, posted: Sequence[str], item_key: str) -> Any:
    """What a filter names people or departments by, `{key: ids}`, of what their control posts: `[{item_key: id, …}]`,
    or of an id that stands alone; None for nothing."""
    raw = spelt_json(Text(next(iter(posted), "")))
    items = raw if isinstance(raw, list) else [raw] if raw else []
    ids = [item.get(item_key) if isinstance(item, Mapping) else item for item in items]
    return {key: ids} if ids else None


class ReferenceValue(ValueField):
    """Ids of something outside the record."""

    default_error_messages = {
        "wrong_id": _("An id is an integer from 1 to 9223372036854775807."),
        "repeated": _("{key} {id} is there twice."),
        "too_many": _("Only one is allowed."),
    }

    keeps_digits = True
    echoes: ClassVar[Mapping[str, Any]] = {}
    """The other keys of an item, as JSON Schema: shown, and ignored when they come back."""

    def id_schema(self) -> dict[str, Any]:
        return {"type": ["integer", "string"], "minimum": 1, "pattern": "^[0-9]{1,19}$"}

    def list_schema(self, key: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A list of objects that name something by `key`."""
        most = 1 if self.column.setting.get("multiple") is False else settings.MAX_LIST_ITEMS
        item = {"type": "object", "properties": {key: schema, **self.echoes}, "required": [key]}
        return {"type": "array", "items": item, "maxItems": most}

    def id(self, raw: Any) -> int:
        number = spelt_id(raw)
        if number is None:
            self.refuse("wrong_id", got=raw)
        return number

    def id_list(self, raw: Any, key: str) -> list[int]:
        """The ids of `[{key: id, …echoes}, …]`. Raises Refused."""
        if isinstance(raw, str) or not isinstance(raw, Sequence):
            self.wrong_type(raw)
        if len(raw) > settings.MAX_LIST_ITEMS:
            self.refuse("too_many_items", limit=settings.MAX_LIST_ITEMS, allowed=settings.MAX_LIST_ITEMS)

        def item_id(item: Any) -> int:
            if not isinstance(item, Mapping):
                self.wrong_type(item)
            if item.get(key) is None:
                self.refuse("missing_key", got=item, key=key)
            return self.id(item[key])

        ids = self.each(raw, item_id)
        for place, number in enumerate(ids):
            if number in ids[:place]:
                self.refuse("repeated", got=number, index=place, key=key, id=number)
        if self.column.setting.get("multiple") is False and len(ids) > 1:
            self.refuse("too_many", got=raw, index=1)
        return ids


def assignee(raw: Any, key: str) -> str:
    """What a ticket client's `{"group": did, "user": uid}` says under `key`; "" where it is no such object or says
    nothing there."""
    sent = spelt_json(raw) if isinstance(raw, Text) else raw
    if not isinstance(sent, Mapping) or not sent or not {"group", "user"}.issuperset(sent):
        return ""
    number = sent.get(key)
    return "" if number is None or isinstance(number, bool) else str(number)


class PeopleValue(ReferenceValue):
    """Ids of members or departments."""

    asked_by: ClassVar[Sequence[str]] = ("user_ids", "department_ids")
    """What a filter names them by; an id that stands alone is of the first."""

    def single(self, raw: Any) -> dict[str, tuple[int, ...]]:
        return self.several(raw) if isinstance(raw, dict) else {self.asked_by[0]: (self.id(raw),)}

    def several(self, raw: Any) -> dict[str, tuple[int, ...]]:
        """Lists of ids under some of the keys, at least one. Raises Refused."""
        expected = " / ".join(f'{{"{key}": [id]}}' for key in self.asked_by)
        if not isinstance(raw, Mapping):
            self.refuse("wrong_operand", got=raw, expected=expected)
        unknown = [key for key in raw if key not in self.asked_by]
        if unknown:
            raise Refused(self.fault("unknown_key", got=key, key=key, allowed=list(self.asked_by)) for key in unknown)
        given = {
            key: self.each(self.listed(value), self.id) for key, value in raw.items() if value not in (None, "", [])
        }
        if not given:
            self.refuse("wrong_operand", got=raw, expected=expected)
        return {key: tuple(ids) for key, ids in given.items()}
