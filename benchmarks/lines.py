"""The lines of the table: what is asked, what it must reach, and how an answer is known to be right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from benchmarks.queries import PER_PAGE, Query

SIDES = ("product", "ordinary", "floor")
"""What is compared: the product, the ordinary way, PostgreSQL alone."""

Queries = Callable[[Random, int], Sequence[Query]]
"""(random, how many records there are) → what is asked in turn."""


@dataclass(frozen=True)
class Goal:
    """What the product is to reach: requests a second at 16 connections, so many times the ordinary way's there, and
    the median's milliseconds at one connection. 0: not asked."""

    per_second: float = 0
    times: float = 0
    p50_alone: float = 0


@dataclass(frozen=True)
class Line:
    """`kind`: page, cursor, detail, create or update, or one of those in `calls`. `state`: what the records have been
    through before: "rest", "changed" (a tenth of them changed), "writing" (those lines write, so they come late) or
    "destroyed" (after it not every id is there, so it comes last)."""

    name: str
    title: str
    kind: str = "page"
    state: str = "rest"
    queries: Queries = field(default=lambda random, records: [Query()])
    goal: Goal = Goal()
    remembered: bool = False
    """Every query is asked before: the line is about a form at rest, whose totals and pages may be known."""
    between_writes: bool = False


def filtered(by_quantity: bool) -> Queries:
    return lambda random, records: [Query.filtered(random, by_quantity) for _place in range(100)]


def searched(random: Random, records: int) -> Sequence[Query]:
    return [Query.searched(random) for _place in range(2_000)]


def deep(random: Random, records: int) -> Sequence[Query]:
    """The pages around the 5,000th, or around the middle where there are fewer."""
    middle = min(5_000, records // PER_PAGE // 2)
    pages = range(max(2, middle - 25), min(middle + 25, records // PER_PAGE))
    return [Query(page=page) for page in random.sample(pages, len(pages))]


LINES = (
    Line("list", "List, first page of 20", goal=Goal(1_000, times=50)),
    Line(
        "filter_by_number",
        "Choice `in` and number `within`, sorted by that number",
        queries=filtered(by_quantity=True),
        goal=Goal(800),
        remembered=True,
    ),
    Line(
        "filter_by_change",
        "The same, sorted by `updated_at`",
        queries=filtered(by_quantity=False),
        goal=Goal(400),
        remembered=True,
    ),
    Line("search", "Substring of two Chinese characters", queries=searched, goal=Goal(600, p50_alone=5)),
    Line("page", "Page 5,000 by number", queries=deep, goal=Goal(100)),
    Line("cursor", "The same place by cursor", kind="cursor", queries=deep, goal=Goal(800)),
    Line("detail", "One record by a random id", kind="detail", goal=Goal(3_000, times=6)),
    Line("ids", "`ids` of all that two filters match", kind="ids", queries=filtered(by_quantity=False)),
    Line("simple", "`simple` by two Chinese characters", kind="simple", queries=searched),
    Line("evaluate", "`evaluate` of a formula over four values", kind="evaluate"),
    Line("page_changed", "Page 5,000, a tenth of the records changed", state="changed", queries=deep, goal=Goal(100)),
    Line(
        "cursor_changed",
        "The same place by cursor, then",
        kind="cursor",
        state="changed",
        queries=deep,
        goal=Goal(800),
    ),
    Line(
        "filter_between_writes",
        "Choice and number, a write between any two reads",
        state="writing",
        queries=filtered(by_quantity=False),
        goal=Goal(30),
        between_writes=True,
    ),
    Line(
        "page_between_writes",
        "Page 5,000, a write between any two reads",
        state="writing",
        queries=deep,
        between_writes=True,
    ),
    Line("update", "Update of one field", kind="update", state="writing", goal=Goal(2_000, times=5.5)),
    Line(
        "create",
        "Create: 20 fields validated, a fast number",
        kind="create",
        state="writing",
        goal=Goal(1_800, times=4.5),
    ),
    Line("transfer", "`transfer` of one record", kind="transfer", state="writing"),
    Line("mass_destroy", "`mass_destroy` of one record", kind="mass_destroy", state="destroyed"),
)
OTHER_LINES = {
    "total": "The unfiltered total inside a request, while others write",
    "growth": "The same list in forms of other sizes",
    "forms": "List and create among hundreds of forms",
    "grown": "Create and update with every index that the product gives a form of this size",
    "load": "Load of 100,000 rows of XLSX",
    "export": "Export of the reference form as CSV",
}
"""What is measured in ways of its own."""
