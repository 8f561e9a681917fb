"""The registry of field types, which refuses duplicates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    from forms_app.field_types.base import FieldType


class UnknownFieldType(LookupError):
    """No field type of that name."""


class Registry:
    """Field types by wire name. Loud: a duplicate or an unknown name raises."""

    def __init__(self) -> None:
        self._types: dict[str, FieldType] = {}

    def register(self, cls: type[FieldType]) -> type[FieldType]:
        """Class decorator: makes the one instance of the type and keeps it."""
        if cls.name in self._types:
            raise ValueError(f"Two field types are called {cls.name}.")
        self._types[cls.name] = cls()
        return cls

    def get(self, name: str) -> FieldType:
        try:
            return self._types[name]
        except KeyError:
            raise UnknownFieldType(name) from None

    def __iter__(self) -> Iterator[FieldType]:
        return iter(self._types.values())

    def __contains__(self, name: object) -> bool:
        return name in self._types

    def choices(self) -> list[tuple[str, str | Promise]]:
        """For the `choices` of a model field, given as a callable: a new type needs no migration."""
        return [(field_type.name, field_type.label) for field_type in self]

    @contextmanager
    def temporarily(self, cls: type[FieldType]) -> Iterator[FieldType]:
        """A type for the time of a test."""
        self.register(cls)
        try:
            yield self.get(cls.name)
        finally:
            del self._types[cls.name]
