"""Rows of a mass call: what each says, what is wrong with it, what became of it (docs/contract.md §5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from forms_app.exceptions import Conflict, DomainError, Fault, NotFound, Refused, StaleVersion
from forms_app.records.cleaning import Values
from forms_app.records.query.entity_query import EntityRow

Status = Literal["created", "updated", "unchanged", "refused"]
WEIGHT: tuple[type[DomainError], ...] = (Refused, NotFound, StaleVersion, Conflict)
"""What a refusal of all rows is where they are refused for several reasons: the first of these."""


class Change(NamedTuple):
    """What a row asks of a record: the version that it must have (None: any), and the values. `faults` were found in
    what was sent; then there may be no id."""

    record_id: int | None
    version: int | None
    values: Mapping[str, Any]
    faults: Sequence[Fault] = ()


@dataclass
class MassRow:
    """One row. `record_id` is the record that it changes, None for a new one; `version` the one that it must have.
    `beyond`: a record was found by the row's key and can't be had. `stored` is what the record holds, under its lock;
    `differences` what the write changes of it, before and after; `written` the record afterwards, where somebody wants
    it."""

    index: int
    raw: Mapping[str, Any]
    record_id: int | None = None
    version: int | None = None
    stored: Mapping[str, Any] | None = None
    beyond: bool = False
    values: Values = field(default_factory=dict)
    differences: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    kind: type[DomainError] | None = None
    status: Status = "unchanged"
    written: EntityRow | None = None

    def note(self, kind: type[DomainError], faults: Iterable[Fault]) -> None:
        """Note what is wrong with the row."""
        found = [replace(fault, row=self.index) for fault in faults]
        if found:
            self.faults += found
            self.kind = self.kind if self.kind and WEIGHT.index(self.kind) < WEIGHT.index(kind) else kind
            self.status = "refused"

    @property
    def right(self) -> bool:
        return not self.faults


def right(rows: Iterable[MassRow]) -> list[MassRow]:
    """Those with which nothing is wrong so far."""
    return [row for row in rows if row.right]


def refuse_all(rows: Sequence[MassRow]) -> None:
    """Raises the refusal with the faults of all rows, if there are any."""
    kinds = {row.kind for row in rows if row.kind is not None}
    if kinds:
        kind = next(kind for kind in WEIGHT if kind in kinds)
        raise kind(fault for row in rows for fault in row.faults)
