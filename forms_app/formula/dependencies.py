"""Dependencies between formulas: which must be computed first, and whether any waits for itself."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def _trail(graph: Mapping[Key, Iterable[Key]]) -> tuple[list[Key], list[Key] | None]:
    """Walks depth first without recursion; gives the keys in order of completion, and a cycle if any."""
    done: dict[Key, None] = {}
    for start in graph:
        if start in done:
            continue
        path: dict[Key, Iterator[Key]] = {start: iter(graph[start])}
        while path:
            key = next(reversed(path))
            needed = next((other for other in path[key] if other not in done), None)
            if needed is None:
                path.pop(key)
                done[key] = None
            elif needed in path:
                keys = list(path)
                return list(done), [*keys[keys.index(needed) :], needed]
            else:
                path[needed] = iter(graph.get(needed, ()))
    return list(done), None


def find_cycle(graph: Mapping[Key, Iterable[Key]]) -> list[Key] | None:
    """Takes key → keys it needs; gives one cycle, its first key repeated at the end, or None."""
    return _trail(graph)[1]


def topological_order(graph: Mapping[Key, Iterable[Key]]) -> list[Key]:
    """Takes key → keys it needs; gives every key after all it needs. A cycle raises ValueError."""
    done, cycle = _trail(graph)
    if cycle is not None:
        raise ValueError("Cycle: " + " → ".join(map(str, cycle)))
    return done
