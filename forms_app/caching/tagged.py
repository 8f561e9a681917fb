"""What a process keeps in memory: a store for each kind of thing, which begins anew when its tag is another."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Any, Generic, Literal, TypeVar

from forms_app.caching import tags

Kept = TypeVar("Kept", bound=Sized)


class Tagged(Generic[Kept]):
    """What is kept of one kind of thing: `holds` says of what, `make` makes it empty, `tag` is the one that it holds
    under (None: it holds for good, or each entry says for what), `most` how large it may grow before it begins anew."""

    def __init__(
        self,
        holds: str,
        make: Callable[[], Kept],
        *,
        tag: Literal["definitions", "people", "tokens"] | None,
        most: int,
    ) -> None:
        self.holds, self.tag, self.most = holds, tag, most
        self._make = make
        self._kept = 0, make()
        stores.append(self)

    def current(self) -> Kept:
        """What is kept under the tag of now. Who looks something up asks for this before, and puts it in here after: if
        it changes meanwhile, it lies with what was kept under the old tag, which nobody asks for again."""
        tag: int = getattr(tags.current(), self.tag) if self.tag else 0
        kept_tag, kept = self._kept
        if kept_tag != tag or len(kept) > self.most:
            kept = self._make()
            self._kept = tag, kept
        return kept

    def empty(self) -> None:
        """Begin anew."""
        self._kept = 0, self._make()


stores: list[Tagged[Any]] = []
"""All that there are."""


def empty_all() -> None:
    """Read the tags, and all that is kept, anew."""
    tags.read_anew()
    for store in stores:
        store.empty()
