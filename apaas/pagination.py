"""The page's keys beside `models` (docs/contract.md §2.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings


def page_values(values: dict[str, Any]) -> tuple[int, int]:
    """(page, per_page) of checked parameters."""
    return values["page"], values["per_page"] or settings.DEFAULT_PER_PAGE


def paged(models: Sequence[Any], page: int, per_page: int, *, total: int | None, more: bool = False) -> dict[str, Any]:
    """The answer of a list. Without a total (`simple`, `without_count`) `more` says whether a page follows."""
    if total is not None:
        pages = -(-total // per_page)
        following = page + 1 if page < pages else None
        counts: dict[str, Any] = {"total_count": total, "total_pages": pages}
    else:
        following = page + 1 if more else None
        counts = {}
    return {
        "models": models,
        **counts,
        "next_page": following,
        "prev_page": page - 1 if page > 1 else None,
        "current_page": page,
        "per_page": per_page,
        "page": page,
    }


def continued(models: Sequence[Any], per_page: int, *, total: int | None, following: str | None) -> dict[str, Any]:
    """The answer of a list by cursor: pages have no numbers, and `next_cursor` is null behind the last."""
    counts = {} if total is None else {"total_count": total, "total_pages": -(-total // per_page)}
    return {"models": models, **counts, "per_page": per_page, "next_cursor": following}


def sliced(fetch: Callable[[int, int], list[Any]], page: int, per_page: int) -> tuple[list[Any], bool]:
    """One page by `fetch(limit, offset)`, and whether another follows: one row more is asked for."""
    rows = fetch(per_page + 1, (page - 1) * per_page)
    return rows[:per_page], len(rows) > per_page
