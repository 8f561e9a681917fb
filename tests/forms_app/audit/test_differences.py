"""What differs between two values, down to the parts that changed."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.audit.differences import differences, row_changes

SAME = [({"a": 1}, {"a": 1}), ([], []), (None, None), ([{"id": 1, "x": [1]}], [{"id": 1, "x": [1]}])]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_equal_values_differ_in_nothing(before: Any, after: Any) -> None:
    assert list(differences(before, after)) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1, True, [((), 1, True)]),
        ({"a": 1, "b": 2}, {"a": 1, "c": 3}, [(("b",), 2, None), (("c",), None, 3)]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [2, 1]}}, [(("a", "b"), [1, 2], [2, 1])]),
        (
            [{"id": "x", "n": 1}, {"id": "y"}],
            [{"id": "y"}, {"id": "x", "n": 2}],
            [(("x", "n"), 1, 2)],
        ),
        ([{"id": "x"}, {"id": "y"}], [{"id": "y"}, {"id": "x"}], [((), ["x", "y"], ["y", "x"])]),
        ([{"id": "x"}, {"id": "x"}], [{"id": "x"}], [((), [{"id": "x"}, {"id": "x"}], [{"id": "x"}])]),
        ({"a": 1}, [1], [((), {"a": 1}, [1])]),
        ({"a": None}, {}, [((), ["a"], [])]),
    ],
)
def test_the_part_that_changed_is_named(before: Any, after: Any, expected: Any) -> None:
    assert list(differences(before, after)) == expected


def test_a_new_row_tells_what_it_holds_and_an_empty_value_nothing() -> None:
    columns = {"name": False, "note": False, "flag": False, "key": True}
    new = {"name": "a", "note": "", "flag": False, "key": "secret"}
    told = [{"name": "name", "after": "a"}, {"name": "flag", "after": False}, {"name": "key", "after": "•••"}]
    assert row_changes(None, new, columns) == told
    assert row_changes(new, {**new, "key": "other"}, columns) == [{"name": "key", "before": "•••", "after": "•••"}]
