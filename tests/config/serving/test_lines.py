"""Lines: callers are taken by turns, have no more than their bounds, and rest when they fill up."""

from __future__ import annotations

from collections.abc import Hashable

import pytest

from config.serving.lines import ABOUT, LONGEST_REST, Bound, Full, Lines, Place


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lines(clock: Clock) -> Lines[Place]:
    """Of four threads."""
    return Lines(4, clock)


def place(name: str, threads: int = 2, requests: int = 5, organization: Bound | None = None) -> Place:
    bounds: dict[Hashable, Bound] = {name: Bound(threads, requests)}
    if organization:
        bounds["organization"] = organization
    return Place(bounds=bounds)


def test_a_caller_has_as_many_threads_as_it_may_and_others_the_rest(lines: Lines[Place]) -> None:
    assert [lines.enter(place("a")) for _ in range(4)] == [True, True, False, False]
    assert [lines.enter(place("b")) for _ in range(3)] == [True, True, False]
    assert lines.enter(place("c")) is False  # no thread is free


def test_callers_are_taken_by_turns(lines: Lines[Place], clock: Clock) -> None:
    busy = [place(name, threads=1) for name in "wxyz"]
    assert all(map(lines.enter, busy))
    waiting = [place(name) for name in ("a", "a", "a", "b", "c")]
    assert not any(map(lines.enter, waiting))
    order = [started.line for done in busy for started in lines.leave(done)]
    assert order == ["a", "b", "c", "a"]


def test_a_caller_with_too_many_requests_is_turned_away(lines: Lines[Place]) -> None:
    places = [place("a") for _ in range(5)]
    assert [lines.enter(each) for each in places] == [True, True, False, False, False]
    with pytest.raises(Full):
        lines.enter(place("a"))
    assert lines.enter(place("b"))
    lines.leave(places[0])
    assert lines.enter(place("a")) is False
    with pytest.raises(Full):
        lines.enter(place("a"))


def test_an_organization_bounds_its_tokens_together(lines: Lines[Place]) -> None:
    bound = Bound(3, 4)
    first = [place("a", organization=bound) for _ in range(2)]
    second = [place("b", organization=bound) for _ in range(2)]
    assert [lines.enter(each) for each in (*first, *second)] == [True, True, True, False]
    with pytest.raises(Full):
        lines.enter(place("c", organization=bound))
    assert lines.enter(place("stranger"))
    assert lines.leave(first[0]) == [second[1]]


def test_who_goes_away_while_waiting_is_forgotten(lines: Lines[Place]) -> None:
    places = [place("a") for _ in range(5)]
    for each in places:
        lines.enter(each)
    assert lines.give_up(places[3])
    assert not lines.give_up(places[0])  # it is worked for
    assert lines.leave(places[0]) == [places[2]]
    assert lines.leave(places[1]) == [places[4]]
    assert not lines.give_up(places[4])


def test_a_caller_alone_never_rests(lines: Lines[Place], clock: Clock) -> None:
    places = [place("a", requests=100) for _ in range(10)]
    for each in places:
        lines.enter(each)
    clock.now += 3
    assert lines.leave(places[0]) == [places[2]]
    assert lines.rested() is None


def test_a_caller_whose_requests_queue_up_rests_as_long_as_it_worked_while_others_are_about(
    lines: Lines[Place], clock: Clock
) -> None:
    other = place("b")
    lines.enter(other)
    lines.leave(other)
    places = [place("a") for _ in range(4)]
    for each in places:
        lines.enter(each)
    clock.now += 0.25
    assert lines.leave(places[0]) == []
    assert lines.rested() == pytest.approx(0.25)
    assert lines.enter(place("b"))  # others do not wait for that
    clock.now += 0.2
    assert lines.next() == []
    clock.now += 0.05
    assert lines.rested() is None
    assert lines.next() == [places[2]]
    clock.now += 60
    assert lines.leave(places[1]) == [places[3]]  # nobody else was about any more


def test_a_rest_is_no_longer_than_a_second(lines: Lines[Place], clock: Clock) -> None:
    places = [place("a") for _ in range(3)]
    for each in places:
        lines.enter(each)
    clock.now += ABOUT * 2
    lines.enter(place("b"))
    assert lines.leave(places[0]) == []
    assert lines.rested() == pytest.approx(LONGEST_REST)


def test_who_was_told_to_wait_waits_alone_or_not(lines: Lines[Place], clock: Clock) -> None:
    places = [place("a") for _ in range(3)]
    for each in places:
        lines.enter(each)
    assert lines.leave(places[0], rest=0.5) == []
    assert lines.leave(places[1]) == []
    clock.now += 0.5
    assert lines.next() == [places[2]]
    assert lines.leave(places[2], rest=0.5) == []
    assert lines.enter(place("a"))  # nothing waited: whoever comes one after the other is not held up
