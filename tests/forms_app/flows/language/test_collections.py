"""A collection waits for the branches of its own run alone, whichever other runs rest there too."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from forms_app.flows.language import JOINING, Definition, Line, Move, Token, read_definition
from tests.flows import definition
from tests.forms_app.flows.language.generated import RandomWorld

ROUND = ("start > parallel > one > condition", "condition > parallel : again", "condition > collection > after > end")
TWO_WAYS = (*ROUND, "parallel > two > collection")
THREE_WAYS = (*TWO_WAYS, "parallel > three > collection")


class Knowing(RandomWorld):
    """A world whose rules say what the test says."""

    again = False

    def holds(self, line: Line) -> bool:
        return self.again


class Ticket:
    """A ticket on its way, pushed by the names of its stages."""

    def __init__(self, *lines: str) -> None:
        self.definition: Definition = read_definition(definition(*lines))
        self.world = Knowing(Random(1), 0)
        self.tokens: list[Token] = []
        move = Move(self.definition, self.world)
        move.begin({})
        self.tokens = list(move.tokens.values())

    def push(self, stage: str, *, newest: bool = False, again: bool = False) -> list[str]:
        """Push the stage: the oldest token that waits there, or the newest. Gives where the ticket stands."""
        self.world.again = again
        token = [token for token in self.tokens if token.component == stage][-1 if newest else 0]
        move = Move(self.definition, self.world, self.tokens)
        move.push(token.id, {})
        self.tokens = list(move.tokens.values())
        return self.standing

    @property
    def standing(self) -> list[str]:
        return sorted(token.component for token in self.tokens)

    @property
    def runs(self) -> Iterable[int]:
        """The run of each token that waits at a collection."""
        return [token.branches[-1][0] for token in self.tokens if token.state == JOINING]


def test_a_loop_back_to_the_parallel_begins_a_run_whose_branches_are_counted_apart() -> None:
    ticket = Ticket(*TWO_WAYS)
    assert ticket.push("two") == ["collection", "one"]
    assert ticket.push("one", again=True) == ["collection", "one", "two"]
    # The second run's first branch meets the branch of the first run at the collection: neither run is complete.
    assert ticket.push("two") == ["collection", "collection", "one"]
    assert len(set(ticket.runs)) == 2
    # The second run is complete; it stands for the branch of the first that went round, and is no more that branch.
    assert ticket.push("one") == ["after", "collection"]
    assert len(list(ticket.runs)) == 1


def test_each_round_has_a_run_of_its_own() -> None:
    ticket = Ticket(*TWO_WAYS)
    for rounds in range(1, 5):
        assert ticket.push("two", newest=True) == ["collection"] * rounds + ["one"]
        assert ticket.push("one", again=True) == ["collection"] * rounds + ["one", "two"]
    assert len(set(ticket.runs)) == 4


def test_with_three_ways_a_run_waits_for_its_last_though_as_many_of_others_rest_there() -> None:
    ticket = Ticket(*THREE_WAYS)
    ticket.push("two")
    ticket.push("three")
    ticket.push("one", again=True)
    assert ticket.push("two") == ["collection"] * 3 + ["one", "three"]
    assert ticket.push("one") == ["collection"] * 4 + ["three"]
    assert ticket.push("three") == ["after", "collection", "collection"]
    assert len(set(ticket.runs)) == 1


def test_a_round_of_the_whole_begins_with_an_empty_collection() -> None:
    lines = ("start > parallel > one > collection > condition", "condition > parallel : again", "condition > end")
    ticket = Ticket(*lines, "parallel > two > collection")
    for again in (True, True, False):
        assert ticket.push("one", again=again) == ["collection", "two"]
        ticket.push("two", again=again)
    assert ticket.standing == []


def test_a_parallel_within_a_branch_counts_its_own_branches() -> None:
    lines = (
        "start > parallel_outer > parallel_inner > one > collection_inner > collection_outer > after > end",
        "parallel_inner > two > collection_inner",
        "parallel_outer > three > collection_outer",
    )
    ticket = Ticket(*lines)
    assert ticket.push("three") == ["collection_outer", "one", "two"]
    assert ticket.push("one") == ["collection_inner", "collection_outer", "two"]
    assert ticket.push("two") == ["after"]
