"""Tickets on random walks through random flows: tokens neither vanish nor double."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_app.flows.language import (
    CALLING,
    JOINING,
    STOPPED,
    WAITING,
    Collection,
    Definition,
    Move,
    Parallel,
    Token,
    check_graph,
    read_definition,
    replayed,
)
from tests.flows import definition
from tests.forms_app.flows.language.generated import RandomWorld, generated

pytestmark = pytest.mark.slow

SEEDS = st.integers(min_value=0, max_value=10**9)


class Walk:
    """A ticket that is moved until it ends."""

    def __init__(self, source: Definition, random: Random, failing: float) -> None:
        self.definition = source
        self.random = random
        self.world = RandomWorld(random, failing)
        self.tokens: list[Token] = []
        self.steps: list[tuple[tuple[int, ...], list[int]]] = []
        self.move("begin", {})

    def move(self, name: str, *args: object) -> None:
        move = Move(self.definition, self.world, self.tokens)
        before = {token.id for token in self.tokens}
        getattr(move, name)(*args)
        self.tokens = list(move.tokens.values())
        self.steps += [(step.closed, [token.id for token in step.opened]) for step in move.steps]
        assert replayed(self.steps) == set(move.tokens)
        assert set(move.closed) <= before
        assert {token.id for token in move.opened} == set(move.tokens) - before
        assert before - set(move.closed) == set(move.tokens) & before

    def step(self) -> None:
        """Push, return to or resume one of the open tokens."""
        token = self.random.choice([one for one in self.tokens if one.state != JOINING])
        if token.state == STOPPED:
            self.move("resume", token.id, {})
        elif token.state == CALLING and self.random.random() < self.world.failing:
            self.move("stop", token.id, "by chance")
        else:
            self.move({WAITING: "push", CALLING: "returned"}[token.state], token.id, {})

    def balanced(self) -> None:
        """A branch is in one place only; of a run whose parallel is collected none is lost."""
        # Each collection is one parallel's.
        collected = len(self.definition.of_type(Parallel)) == len(self.definition.of_type(Collection))
        places: dict[tuple[tuple[int, int, int], ...], int] = {}
        runs: dict[tuple[tuple[int, int, int], ...], set[int]] = {}
        for token in self.tokens:
            places[token.branches] = places.get(token.branches, 0) + 1
            for depth, (run, place, size) in enumerate(token.branches):
                runs.setdefault((*token.branches[:depth], (run, -1, size)), set()).add(place)
        assert all(found == 1 for found in places.values())
        for key, branches in runs.items():
            assert branches == set(range(key[-1][2])) or not collected


@settings(max_examples=300, deadline=None)
@given(SEEDS, SEEDS, st.sampled_from((0.0, 0.1)))
def test_tokens_neither_vanish_nor_double(flow_seed: int, walk_seed: int, failing: float) -> None:
    source = read_definition(generated(flow_seed))
    assert check_graph(source) == []
    walk = Walk(source, Random(walk_seed), failing)
    for _step in range(400):
        if not walk.tokens:
            return
        walk.balanced()
        walk.step()
    # Loops may go on for long, but something always waits for somebody who can move it.
    assert any(token.state != JOINING for token in walk.tokens)


def test_a_circle_without_a_person_is_stopped() -> None:
    source = read_definition(
        definition("start > condition", "condition > set : TRUE", "set > condition", "condition > end")
    )

    class Always(RandomWorld):
        def holds(self, line: object) -> bool:
            return True

    move = Move(source, Always(Random(0), 0))
    move.begin({})
    (token,) = move.tokens.values()
    assert (token.state, token.component) in ((STOPPED, "set"), (STOPPED, "condition"))
    assert len(move.steps) < 1100


def test_an_uncollected_parallel_ends_with_its_last_branch() -> None:
    source = read_definition(definition("start > parallel", "parallel > left > end", "parallel > right > end_2"))
    assert check_graph(source) == []
    world = RandomWorld(Random(0), 0)
    move = Move(source, world)
    move.begin({})
    left, right = move.tokens.values()
    second = Move(source, world, [left, right])
    second.push(left.id, {})
    assert not second.ended
    third = Move(source, world, second.tokens.values())
    third.push(right.id, {})
    assert third.ended


def test_a_history_that_closes_twice_is_refused() -> None:
    with pytest.raises(ValueError):
        replayed([((), [1]), ((1,), []), ((1,), [])])


@st.composite
def arbitrary(draw: st.DrawFn) -> dict[str, object]:
    """Any components with any lines: hardly any of them makes sense."""
    kinds = draw(
        st.lists(st.sampled_from(("human", "condition", "parallel", "collection", "set")), min_size=1, max_size=6)
    )
    names = [f"{kind}_{place}" for place, kind in enumerate(kinds)]
    lines = [f"start > {draw(st.sampled_from(names))}"]
    targets = st.sampled_from([*names, "end"])
    for name in names:
        ways = 2 if name.startswith(("condition", "parallel")) else 1
        for place in range(ways):
            rule = " : TRUE" if name.startswith("condition") and place else ""
            lines.append(f"{name} > {draw(targets)}{rule}")
    return definition(*lines)


@settings(max_examples=1_500, deadline=None)
@given(arbitrary(), SEEDS)
def test_a_flow_that_passes_the_check_never_gets_lost(source: dict[str, object], walk_seed: int) -> None:
    flow = read_definition(source)
    if check_graph(flow):
        return
    walk = Walk(flow, Random(walk_seed), 0.05)
    for _step in range(60):
        if not walk.tokens:
            return
        walk.balanced()
        walk.step()
    assert any(token.state != JOINING for token in walk.tokens)
