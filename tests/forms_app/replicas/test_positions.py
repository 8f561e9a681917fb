"""What a caller must find at a replica."""

from __future__ import annotations

import pytest
from django.db import connection

from forms_app.caching import tags
from forms_app.database.cursor import fetch
from forms_app.models import CacheVersion, ReadPosition
from forms_app.replicas.positions import NOW, Wanted, note, wanted

pytestmark = pytest.mark.django_db


def now() -> int:
    return int(fetch(f"SELECT {NOW}", [])[0][0])


def test_a_caller_must_find_their_own_last_write_and_nobody_elses() -> None:
    assert wanted(1, 0) is None  # nothing is known yet: from now on it is
    first, second = note(1), note(1)
    assert first <= second <= now()
    mine, theirs = wanted(1, 0), wanted(2, 0)
    assert mine and theirs
    assert (mine.position, theirs.position, mine.era) == (second, 0, theirs.era)


def test_a_position_from_elsewhere_is_wanted_as_well() -> None:
    wanted(1, 0)
    here = note(1)
    assert wanted(2, here - 1) == Wanted(here - 1, era())
    assert wanted(1, here - 1) == Wanted(here, era())


def test_a_position_of_another_log_is_the_end_of_this_one() -> None:
    wanted(1, 0)
    note(1)
    ReadPosition.objects.filter(caller=1).update(position=2**62)
    ends = now()
    for asked in (wanted(1, 0), wanted(2, 2**62)):
        assert asked and ends <= asked.position <= now()


def test_where_positions_were_lost_another_era_begins() -> None:
    wanted(1, 0)
    note(1)
    before = era()
    ReadPosition.objects.all().delete()
    assert wanted(1, 0) is None
    assert wanted(1, 0) == Wanted(0, era())
    assert era() != before
    assert CacheVersion.objects.get().era == era()


def test_a_new_era_changes_no_tag() -> None:
    tags.bump("definitions", "people")
    before = tags.current()
    wanted(1, 0)
    tags.read_anew()
    assert tags.current() == before


def test_positions_are_in_no_log_so_that_noting_one_waits_for_no_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence::text FROM pg_class WHERE relname = 'read_position'")
        assert cursor.fetchone() == ("u",)


def era() -> int:
    return ReadPosition.objects.get(caller=0).era
