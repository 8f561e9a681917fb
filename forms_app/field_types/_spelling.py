"""What a field type says about files that people open: how a value is written into a cell, and how a cell is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar

from django.utils.translation import gettext as _

from forms_app.exact_json import dumps, number_text
from forms_app.exceptions import Fault, Refused
from forms_app.field_types._controls import Filled
from forms_app.field_types._described import Labels
from forms_app.field_types._values import Text, excerpt

Field = TypeVar("Field", bound=Filled)
Found = Sequence[tuple[int, str]]
"""What a name means: (id, how it is told apart) of each."""
BETWEEN = re.compile(r"[,，;；、\n]")
"""What stands between the items of a list in a cell."""
ITEM_JOIN = "、"
_NUMBERED = re.compile(r"(.*\S)\s*[(（]\s*([1-9][0-9]{0,18})\s*[)）]", re.ASCII | re.DOTALL)


class Names(Protocol):
    """Who and what is called so, found out before or for a whole batch (`forms_app.people.called`)."""

    def members(self, name: str) -> Found: ...
    def departments(self, name: str) -> Found: ...
    def records(self, form_id: int, name: str) -> Found: ...


class Nobody:
    """Names of nothing: for types whose cells name nobody."""

    def members(self, name: str) -> Found:
        return ()

    def departments(self, name: str) -> Found:
        return ()

    def records(self, form_id: int, name: str) -> Found:
        return ()


NOBODY = Nobody()


class Spelled(Generic[Field]):
    """The part of a field type that files ask. A type that says nothing writes texts as they are, numbers with every
    digit, all else as JSON, and reads what an untyped text says."""

    def from_text(self, column: Field, text: str, names: Names) -> Any:
        """What a client would send for a cell as people fill it in. Raises Refused where it may mean several things or
        names nothing."""
        return Text(text)

    def names_sought(self, column: Field, text: str) -> str:
        """The name of a record that a cell holds; "" for none. What it is called is asked for before `from_text`."""
        return ""

    def new_labels(self, column: Field, text: str) -> Sequence[str]:
        """The labels in a cell for which an option could be made."""
        return ()

    def as_sent(self, column: Field, stored: Any) -> Any:
        """A stored value as a client would send it."""
        return stored

    def as_text(self, column: Field, stored: Any) -> str:
        """A stored value as a cell that `from_text` reads as the same."""
        return plain_text(self.as_sent(column, stored))

    def as_shown(self, column: Field, stored: Any, labels: Labels, names: Names) -> str:
        """The same in words: choices, people and records by name, as far as the names say which."""
        return self.as_text(column, stored)


def plain_text(value: Any) -> str:
    """A value of JSON as a cell."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return number_text(value)
    return dumps(value).decode()


def is_json(text: str) -> bool:
    """Whether a cell spells a list or an object."""
    return text.lstrip().startswith(("[", "{"))


def items_of(text: str) -> list[str]:
    """The items of a list in a cell, without the blanks around them."""
    return [item.strip() for item in BETWEEN.split(text)]


def number_of(text: str) -> int | None:
    """The id that a cell is, if it is nothing else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else None


def told_apart(name: str, number: int) -> str:
    """A name that several have, with whose it is."""
    return f"{name} ({number})"


def bare_name(text: str) -> str:
    """The name without the id behind it."""
    numbered = _NUMBERED.fullmatch(text)
    return numbered[1] if numbered else text


def named_id(text: str, find: Callable[[str], Found]) -> int:
    """The id that a cell names: itself, by a name that only one has, or by a name with the id behind it in brackets.
    Raises Refused with all who are called so."""
    text = text.strip()
    number = number_of(text)
    if number is not None:
        return number
    found = dict(find(text))
    numbered = _NUMBERED.fullmatch(text)
    if numbered is not None:
        found.update({key: label for key, label in find(numbered[1]) if key == int(numbered[2])})
    if len(found) == 1:
        return next(iter(found))
    if not found:
        raise Refused([Fault("unknown_name", _("Nothing is called so."), got=excerpt(text))])
    message = _("Several are called so: write the number, or the name with the number behind it in brackets.")
    candidates = [told_apart(label, key) for key, label in list(found.items())[:100]]
    raise Refused([Fault("ambiguous_name", message, got=excerpt(text), allowed=candidates)])


def named_ids(text: str, find: Callable[[str], Found]) -> list[int]:
    """The ids of a list in a cell. A name that holds a separator is found as a whole. Raises Refused with the faults of
    every item."""
    if text.strip() and find(text.strip()):
        return [named_id(text, find)]
    ids, faults = [], []
    for place, item in enumerate(items_of(text)):
        try:
            ids.append(named_id(item, find))
        except Refused as refused:
            faults += [replace(fault, index=place) for fault in refused.faults]
    if faults:
        raise Refused(faults)
    return ids


def written_ids(ids: Sequence[int]) -> str:
    """A list of ids in a cell."""
    return ",".join(map(str, ids))


def shown_ids(ids: Sequence[int], name_of: Callable[[int], str | None], find: Callable[[str], Found]) -> str:
    """Their names in a cell, so that `named_ids` finds the same; the ids where names can't say it."""
    shown = []
    for number in ids:
        name = name_of(number)
        if name is None or name != name.strip() or BETWEEN.search(name):
            return written_ids(ids)
        found = find(name)
        shown.append(name if [key for key, _label in found] == [number] else told_apart(name, number))
    text = ITEM_JOIN.join(shown)
    try:
        same = named_ids(text, find) == list(ids)
    except Refused:
        same = False
    return text if same and not is_json(text) else written_ids(ids)
