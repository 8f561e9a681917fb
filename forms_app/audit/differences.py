"""What differs between two rows, down to the parts of a setting that changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

MASK = "•••"
DEEPEST = 6
"""Parts of parts are told apart so far down."""


def plain(value: Any) -> Any:
    """The value as JSON holds it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def row_changes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, columns: Mapping[str, bool]
) -> list[dict[str, Any]]:
    """What differs in these columns (name → whether its values are secret): [{"name", "path"?, "before"?, "after"?}].
    Of a new or removed row all that it holds; what is empty is left out."""
    changes: list[dict[str, Any]] = []
    for name, secret in columns.items():
        old, new = (None if row is None else plain(row.get(name)) for row in (before, after))
        if secret:
            if old != new:
                changes.append({"name": name, **{key: MASK for key, value in _sides(old, new).items() if value}})
        elif before is None or after is None:
            changes += [{"name": name, **_sides(old, new)}] if old not in EMPTY or new not in EMPTY else []
        else:
            for path, was, now in differences(old, new):
                place = {"path": list(path)} if path else {}
                changes.append({"name": name, **place, **_sides(was, now)})
    return changes


EMPTY: tuple[Any, ...] = (None, "", [], {})


def _sides(old: Any, new: Any) -> dict[str, Any]:
    return {**({} if old is None else {"before": old}), **({} if new is None else {"after": new})}


def differences(old: Any, new: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """(path, before, after) of each part that differs: of objects their keys, of lists of objects with `id` their
    items by it, all else as a whole."""
    if old == new and type(old) is type(new):
        return
    before, after = (_parts(old), _parts(new)) if len(path) < DEEPEST else (None, None)
    if before is None or after is None or type(old) is not type(new):
        yield path, old, new
        return
    told = False
    for key in [*before, *(key for key in after if key not in before)]:
        for each in differences(before.get(key), after.get(key), (*path, key)):
            told = True
            yield each
    if not told:  # the same items in another order
        yield path, list(before), list(after)


def _parts(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and all(isinstance(each, dict) and "id" in each for each in value):
        parts = {str(each["id"]): each for each in value}
        return parts if len(parts) == len(value) else None
    return None
