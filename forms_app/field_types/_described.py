"""What describes a field to its type: its setting, its options, the names of what its values refer to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol


class UnknownFieldType(LookupError):
    """No field type of that name."""


class Option(NamedTuple):
    """One choice of a choice field. `parent` is the token of the option above it in a cascade."""

    value: str
    label: str
    enabled: bool = True
    parent: str | None = None


class Ref(NamedTuple):
    """Something outside the record that a stored value names: its `kind` ("member", "department", "region",
    "record", "file"), its id, and for a record its form."""

    kind: str
    id: Any
    form_id: int = 0


class Described(Protocol):
    """What a value has to know of its field to be parsed."""

    @property
    def setting(self) -> Mapping[str, Any]: ...
    @property
    def options(self) -> Mapping[str, Option]: ...


class Labels(Protocol):
    """Today's names for a whole page of values, loaded at once (`forms_app.records.labels`)."""

    def member(self, uid: int) -> dict[str, Any]: ...
    def department(self, did: int) -> dict[str, Any]: ...
    def region(self, region_id: str) -> str | None: ...
    def record(self, form_id: int, record_id: int) -> dict[str, Any]: ...


class Directory(Protocol):
    """Who stands where in the organization today (`forms_app.people.directory`)."""

    def members_below(self, dids: Sequence[int]) -> Sequence[int]: ...
    def departments_below(self, dids: Sequence[int]) -> Sequence[int]: ...
