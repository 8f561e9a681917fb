"""Rows of a mass call on people: what each says, what is wrong with it, what became of it (docs/contract.md §5.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Forbidden, Refused
from forms_app.field_types.base import excerpt

BEYOND = "beyond_own_rights"
MOST_IN_LIST = 1_000
Reader = Callable[[Any], Any]
"""A raw value → the checked one. Raises Refused."""


@dataclass
class Row:
    """One row. `key` is the name of what tells it from others, `target` the member or department that it is about, once
    that is known."""

    index: int
    key: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    status: Literal["created", "updated", "unchanged"] = "unchanged"
    target: Any = None

    def fault(self, code: str, message: str, name: str, got: Any = None, allowed: Any = None) -> None:
        shown = got if got is None or isinstance(got, int) else str(got)[:64]
        self.faults.append(Fault(code, message, field=name, got=shown, allowed=allowed, row=self.index))


def read_rows(
    sent: Sequence[Mapping[str, Any]], readers: Mapping[str, Reader], keys: Sequence[str], *, nameless: bool = False
) -> list[Row]:
    """The rows, each with its checked values and all its faults. The first of `keys` that a row has tells it from
    others; without `nameless` it must have one."""
    rows: list[Row] = []
    seen: set[tuple[str, Any]] = set()
    for index, raw in enumerate(sent):
        row = Row(index)
        for name, value in raw.items():
            if name not in readers:
                message = _("There is no such key: {key}.").format(key=str(name)[:64])
                row.fault("unknown_key", message, str(name)[:64], allowed=sorted(readers))
                continue
            try:
                row.values[name] = readers[name](value)
            except Refused as refused:
                row.faults += [replace(fault, field=name, got=excerpt(value), row=index) for fault in refused.faults]
        row.key = next((key for key in keys if raw.get(key) not in ("", None)), "")
        if not row.key:
            row.faults = [fault for fault in row.faults if fault.field not in keys]
            if not nameless:
                row.fault("required", _("This parameter is needed."), keys[-1])
        elif row.key in row.values:
            named = row.key, row.values[row.key]
            if named in seen:
                row.fault("repeated", _("It stands in an earlier row too."), *named)
            seen.add(named)
        rows.append(row)
    return rows


def refuse(rows: Sequence[Row], partial: bool) -> list[Row]:
    """The rows that are right. Where not all are and `partial` is off, raises Forbidden if nothing but rights is
    missing, else Refused, with every fault."""
    faults = [fault for row in rows for fault in row.faults]
    if faults and not partial:
        raise (Forbidden if all(fault.code == BEYOND for fault in faults) else Refused)(faults)
    return [row for row in rows if not row.faults]


def result(rows: Sequence[Row], number: str) -> dict[str, Any]:
    """What the call answers; `number` is the name of a target's own: uid, did."""
    results = []
    for row in rows:
        if row.faults:
            found: dict[str, Any] = {"index": row.index, "status": "refused", "errors": row.faults}
        else:
            own = getattr(row.target, number)
            found = {"index": row.index, "status": row.status, "id": row.target.pk, number: own}
        results.append(found)
    counts = dict.fromkeys(("created", "updated", "unchanged", "refused"), 0)
    for found in results:
        counts[found["status"]] += 1
    return {**counts, "results": results}


# --- Readers -------------------------------------------------------------------------------------------------


def text(most: int, *, least: int = 1) -> Reader:
    """A text of `least` to `most` characters, without blanks around it."""

    def read(raw: Any) -> str:
        if not isinstance(raw, str):
            raise Refused([Fault("wrong_text", _("Expected a text."))])
        stripped = raw.strip()
        if len(stripped) < least:
            raise Refused([Fault("required", _("This parameter is needed."))])
        if len(stripped) > most:
            message = _("At most {limit} characters are allowed.").format(limit=most)
            raise Refused([Fault("too_long", message, allowed={"max": most})])
        if "\0" in stripped:
            message = _("The text holds a character that can't be stored (NUL or a lone surrogate).")
            raise Refused([Fault("invalid_text", message)])
        return stripped

    return read


def or_none(read: Reader) -> Reader:
    """The same; an empty value is None."""
    return lambda raw: None if raw in ("", None) else read(raw)


def flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Refused([Fault("wrong_boolean", _("Expected true or false."), allowed=[True, False])])
    return raw


def number(raw: Any) -> int:
    """A uid or did, or its ASCII digits."""
    if isinstance(raw, str) and raw.isascii() and raw.isdecimal() and len(raw) < 20:
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 < raw < 2**63:
        raise Refused([Fault("wrong_id", _("An id is an integer from 1 to 9223372036854775807."))])
    return raw


def listed(read: Reader) -> Reader:
    """A list of such values; None is an empty one."""

    def read_list(raw: Any) -> list[Any]:
        if raw is None:
            return []
        if not isinstance(raw, list | tuple):
            raise Refused([Fault("wrong_list", _("Expected a list."))])
        if len(raw) > MOST_IN_LIST:
            message = _("At most {limit} items are allowed.").format(limit=MOST_IN_LIST)
            raise Refused([Fault("too_many_items", message, allowed={"max": MOST_IN_LIST})])
        return list(dict.fromkeys(read(item) for item in raw))

    return read_list


def said_of(faults: Sequence[Fault], index: int) -> list[Fault]:
    """The faults, said of this row."""
    return [replace(fault, row=index) for fault in faults]
