"""Of many calls a second some are chosen, and their rows say for how many they stand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from forms_app.journal.calls import READS, REFUSALS, WRITES, Call, Calls, calls
from forms_app.models import ApiCall


def call(number: int = 0) -> Call:
    return Call(1, 2, 3, "GET", f"/{number}", 4, 200, "", 1.5, "id", "10.0.0.1", "", timezone.now())


def asked(source: Calls, times: int, kind: str = READS) -> None:
    for number in range(times):
        place = source.samples[kind].place()
        if place is not None:
            source.samples[kind].put(place, call(number))


def test_up_to_so_many_a_second_all_are_kept(settings: Any) -> None:
    settings.CALL_LOG_PER_SECOND = 5
    source = Calls()
    asked(source, 5)
    assert [(row.path, weight) for row, weight in source.take()] == [(f"/{n}", 1.0) for n in range(5)]
    assert source.take() == []


def test_of_more_as_many_are_kept_and_say_for_how_many_they_stand(settings: Any) -> None:
    settings.CALL_LOG_PER_SECOND = 5
    source = Calls()
    asked(source, 1000)
    taken = source.take()
    assert len(taken) == 5
    assert sum(weight for _row, weight in taken) == pytest.approx(1000)


def test_each_call_has_the_same_chance(settings: Any) -> None:
    settings.CALL_LOG_PER_SECOND = 5
    random.seed(20261130)
    source, chosen = Calls(), Counter[str]()
    for _round in range(2_000):
        asked(source, 20)
        chosen.update(row.path for row, _weight in source.take())
    assert len(chosen) == 20
    assert all(400 < times < 600 for times in chosen.values()), chosen  # 500, and five deviations


def test_reads_do_not_crowd_out_writes_and_refusals(settings: Any) -> None:
    settings.CALL_LOG_PER_SECOND = 5
    source = Calls()
    asked(source, 10_000, READS)
    asked(source, 10_000, REFUSALS)
    asked(source, 5, WRITES)
    taken = source.take()
    assert len(taken) == 15
    assert [weight for _row, weight in taken].count(1.0) == 5


@pytest.mark.django_db
def test_a_row_holds_all_of_it(noted: Callable[[], None]) -> None:
    calls.samples[READS].put(0, call(7)._replace(body="{\ttabs,\nlines and \\ }", member_id=None))
    noted()
    row = ApiCall.objects.get()
    assert (row.organization_id, row.member_id, row.token_id, row.form_id) == (1, None, 3, 4)
    assert (row.method, row.path, row.status, row.milliseconds, row.weight) == ("GET", "/7", 200, 1.5, 1.0)
    assert (row.request_id, row.address, row.body) == ("id", "10.0.0.1", "{\ttabs,\nlines and \\ }")
