"""The keys beside `models`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apaas.pagination import paged, sliced
from forms_app.models import CustomForm
from tests.apaas.conftest import Api, address

KEYS = ["models", "total_count", "total_pages", "next_page", "prev_page", "current_page", "per_page", "page"]


@pytest.mark.parametrize(
    ("page", "per_page", "total", "expected"),
    [
        (1, 15, 0, (0, 0, None, None)),
        (1, 15, 15, (15, 1, None, None)),
        (1, 15, 16, (16, 2, 2, None)),
        (2, 15, 16, (16, 2, None, 1)),
        (3, 5, 11, (11, 3, None, 2)),
        (4, 5, 11, (11, 3, None, 3)),
        (10_000_000, 1, 3, (3, 3, None, 9_999_999)),
        (2, 1, 3, (3, 3, 3, 1)),
    ],
)
def test_totals_and_neighbours_are_exact(page: int, per_page: int, total: int, expected: Any) -> None:
    data = paged([], page, per_page, total=total)
    assert list(data) == KEYS
    assert (data["total_count"], data["total_pages"], data["next_page"], data["prev_page"]) == expected
    assert (data["current_page"], data["page"], data["per_page"]) == (page, page, per_page)


@pytest.mark.parametrize(
    ("page", "models", "more"), [(1, [0, 1], True), (2, [2, 3], True), (3, [4], False), (4, [], False)]
)
def test_without_totals_one_row_more_tells_whether_a_page_follows(page: int, models: list[int], more: bool) -> None:
    assert sliced(lambda limit, offset: list(range(5))[offset : offset + limit], page, 2) == (models, more)
    data = paged(models, page, 2, total=None, more=more)
    assert (data["next_page"], data["prev_page"]) == (page + 1 if more else None, page - 1 or None)
    assert "total_count" not in data


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_page_past_the_end_is_empty(api: Api, form: CustomForm, record: Callable[..., int], method: str) -> None:
    record()
    data = api.ok(method, address(form, page=10_000_000, per_page=1000))
    assert (data["models"], data["next_page"], data["prev_page"]) == ([], None, 9_999_999)
    assert (data["total_count"], data["total_pages"]) == (1, 1)


@pytest.mark.parametrize("name", ["page", "per_page"])
@pytest.mark.parametrize(
    "value", [0, -1, "0", "x", "１", "1.0", " 1", 1.5, True, [1], {"a": 1}, 10_000_001, "9" * 30, 10**30]
)
def test_a_wrong_number_is_refused_with_its_bounds(api: Api, form: CustomForm, name: str, value: Any) -> None:
    (fault,) = api.refused("PUT", address(form), {name: value})["errors"]
    most = 10_000_000 if name == "page" else 1000
    assert (fault["field"], fault["code"], fault["allowed"]) == (name, "wrong_integer", {"min": 1, "max": most})


@pytest.mark.parametrize("value", [1, "1", "0001", 1000, "1000"])
def test_integers_and_their_ascii_digits_are_taken(api: Api, form: CustomForm, value: Any) -> None:
    assert api.ok("PUT", address(form), {"per_page": value, "page": value})["per_page"] == int(value)
