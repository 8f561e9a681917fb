"""A value as clients read it → what a person sees. It goes by the value's shape: no field type is named here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from django.urls import reverse
from django.utils.translation import gettext as _

from forms_app.exact_json import dumps
from forms_app.field_types import Column


class Part(NamedTuple):
    """A piece of a value: its text and, where it leads somewhere, the address."""

    text: str
    url: str = ""


def parts(column: Column, record: Mapping[str, Any]) -> list[Part]:
    """The pieces of the column's value in a presented record, none for an empty one."""
    key, *others = (key for key, _show in column.type.keys(column))
    value = record.get(key)
    if value is None:
        return []
    display = record.get(others[0]) if others else None
    if display is not None:
        return _displayed(value, display)
    kind = column.type.formula_type(column)
    if kind is not None and kind.kind == "datetime":
        ends = value if isinstance(value, list) else [value]
        return [Part(" – ".join(moment(str(end)) for end in ends))]
    return [_part(item) for item in value] if isinstance(value, list) else [_part(value)]


def shortened(shown: Sequence[Part], longest: int) -> list[Part]:
    """The same, each piece with at most so many characters: a list has hundreds, for which the templates' own
    `truncatechars` takes a quarter of the page's time."""
    return [part if len(part.text) <= longest else part._replace(text=part.text[: longest - 1] + "…") for part in shown]


def _displayed(value: Any, display: Any) -> list[Part]:
    """A value whose labels stand beside it: options, or places with the rest of an address."""
    if not isinstance(display, list):
        return [Part(str(display))]
    if not isinstance(value, Mapping):
        return [Part(str(label)) for label in display]
    path = " / ".join(str(label) for label in display if label is not None)
    rest = value.get("detail_address")
    return [Part(f"{path} {rest}" if rest else path)]


def _part(item: Any) -> Part:
    if isinstance(item, bool):
        return Part(_("Yes") if item else _("No"))
    if isinstance(item, str):
        return Part(item, item if item.startswith(("http://", "https://")) else "")
    if isinstance(item, Mapping):
        return _object(item)
    return Part(plain(item))


def _object(item: Mapping[str, Any]) -> Part:
    if "relation_source" in item:
        source = item["relation_source"]
        text = item["label"] or f"#{item['value']}"
        url = reverse("admin:forms_app_customform_record", args=[source["id"], item["value"]]) if source else ""
        return Part(str(text), url if item["label"] is not None else "")
    if "file_url" in item:
        return Part(str(item["name"]), str(item["file_url"]))
    if "uid" in item or "did" in item:
        return Part(person(item))
    return Part(", ".join(plain(value) for value in item.values() if value is not None))


def person(item: Mapping[str, Any]) -> str:
    """A member's or department's name; the number of one who is gone."""
    return str(item.get("name") or f"#{item.get('uid', item.get('did'))}")


def moment(text: str) -> str:
    """A local ISO time as people write it: `2023-08-16 15:29:15`."""
    return text[:19].replace("T", " ")


def plain(value: Any) -> str:
    """A number or text; every digit of a number is kept."""
    if isinstance(value, orjson.Fragment):
        return dumps(value).decode()
    return value if isinstance(value, str) else dumps(value).decode()
