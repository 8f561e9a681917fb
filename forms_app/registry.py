"""A registry: things by their name, which refuses duplicates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

from django.utils.functional import Promise


class Named(Protocol):
    """What may be registered."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str | Promise: ...


Thing = TypeVar("Thing", bound=Named)


class Registry(Generic[Thing]):
    """The one instance of each registered class, by name. Loud: a duplicate or an unknown name raises."""

    def __init__(self, unknown: type[LookupError] = LookupError) -> None:
        """`unknown` is what `get` raises for a name that is not there."""
        self._things: dict[str, Thing] = {}
        self._unknown = unknown

    def register(self, cls: type[Thing]) -> type[Thing]:
        """Class decorator: makes the one instance of the class and keeps it. Raises ValueError for a name that is
        taken."""
        thing = cls()
        if thing.name in self._things:
            raise ValueError(f"Two are called {thing.name}.")
        self._things[thing.name] = thing
        return cls

    def get(self, name: str) -> Thing:
        try:
            return self._things[name]
        except KeyError:
            raise self._unknown(name) from None

    def __iter__(self) -> Iterator[Thing]:
        return iter(self._things.values())

    def __contains__(self, name: object) -> bool:
        return name in self._things

    def choices(self) -> list[tuple[str, str | Promise]]:
        """For the `choices` of a model field, given as a callable: a new one needs no migration."""
        return [(thing.name, thing.label) for thing in self]

    @contextmanager
    def temporarily(self, cls: type[Any]) -> Iterator[Thing]:
        """One more for the time of a test."""
        self.register(cls)
        try:
            yield self.get(cls.name)
        finally:
            del self._things[cls.name]
