"""Which replicas are near enough, by what they and the primary said of late."""

from __future__ import annotations

import os
import socket
from typing import Any

import pytest

from forms_app.caching.tags import Tags
from forms_app.replicas import watching
from forms_app.replicas.watching import Look, Primary, Replica, Replicas, shut

TAGS = Tags(1, 2, 3)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    time = [100.0]
    monkeypatch.setattr(watching.time, "monotonic", lambda: time[0])
    return time


def known(*replayed: int | None, at: float = 100.0, written: tuple[tuple[float, int], ...] = ((99.4, 50),)) -> Replicas:
    """Replicas that said at that moment how far they are; what the primary said it had written, and when."""
    found = Replicas([f"replica_{number}" for number, _position in enumerate(replayed, 1)])
    found._process = os.getpid()  # no thread looks
    found.primary.looked.set()
    for replica, position in zip(found.all, replayed, strict=True):
        replica.looked.set()
        replica.look = Look(at, position, 1, 2, 7)
    for moment, position in written:
        found.primary.saw(moment, (position, 7))
    return found


def near(found: Replicas, tags: Tags = TAGS) -> list[str]:
    return [replica.alias for replica, _look in found.near(tags)]


def test_one_is_near_that_has_what_the_primary_had_written_half_a_second_ago(clock: list[float]) -> None:
    found = known(50, 49, 51, None, written=((99.0, 10), (99.5, 50), (99.9, 90)))
    assert near(found) == ["replica_1", "replica_3"]
    assert found.faults() == {"replica_2": "is behind by 1 bytes", "replica_4": "is no standby"}


def test_after_a_pause_what_the_primary_said_first_is_what_must_be_there(clock: list[float]) -> None:
    assert near(known(50, 49, written=((99.8, 50), (99.9, 60)))) == ["replica_1"]


@pytest.mark.parametrize("written", [(), ((98.9, 50),)])
def test_none_is_near_where_the_primary_is_silent(clock: list[float], written: Any) -> None:
    found = known(50, written=written)
    assert near(found) == []
    assert found.faults() == {"replica_1": "can't be compared with the primary"}


def test_one_that_is_silent_for_a_second_is_left(clock: list[float]) -> None:
    assert near(known(50, at=99.1)) == ["replica_1"]
    found = known(50, at=98.9)
    assert near(found) == []
    assert found.faults() == {"replica_1": "is away"}
    assert found.all[0].silent(clock[0])


def test_one_that_failed_is_left_at_once(clock: list[float]) -> None:
    found = known(50)
    found.all[0].lost("connection refused")
    assert (near(found), found.all[0].silent(clock[0])) == ([], False)


def test_one_that_follows_a_primary_of_before_is_left(clock: list[float]) -> None:
    found = known(50)
    found.primary.saw(99.9, (50, 8))
    assert near(found) == []
    assert found.faults() == {"replica_1": "follows another primary"}


def test_one_with_other_definitions_or_people_is_left_until_it_has_them(clock: list[float]) -> None:
    assert near(known(50), Tags(1, 2, 99)) == ["replica_1"]  # tokens are looked up at the primary
    assert near(known(50), Tags(9, 2, 3)) == near(known(50), Tags(1, 9, 3)) == []


def test_a_primary_that_is_lost_says_nothing_any_more(clock: list[float]) -> None:
    primary = Primary()
    primary.saw(99.5, (5, 7))
    primary.lost("gone")
    assert primary.late(100.0) is None


def test_who_waits_for_one_that_hangs_is_told_that_it_is_gone() -> None:
    here, there = socket.socketpair()

    class Opened:
        class connection:
            class pgconn:
                socket = here.fileno()

    shut(Opened())  # type: ignore[arg-type]
    assert here.recv(1) == there.recv(1) == b""
    os.fstat(here.fileno())  # whose it is, closes it
    here.close()
    there.close()


def test_what_is_no_connection_is_not_shut() -> None:
    shut(None)
    assert Replica("replica_1").give_up() is None
