"""Events of access: nobody fills their table, and no secret comes into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from forms_app.journal import events as module
from forms_app.journal.events import MOST_ALONE, OF_ALL, OF_AN_ADDRESS, Event, Kind, Reason, events
from forms_app.models import AccessEvent, Member
from tests.accounts import linked
from tests.factories import make_token

pytestmark = pytest.mark.django_db

UNKNOWN = Event(Kind.TOKEN_REFUSED, Reason.UNKNOWN, address="203.0.113.9", agent="curl", request_id="first")


class Clock:
    """The time, to be moved by hand."""

    def __init__(self) -> None:
        self.now = timezone.now().replace(minute=10, second=0)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module.timezone, "now", clock)
    return clock


@pytest.fixture(autouse=True)
def _noting(noted: Callable[[], None]) -> None:
    """All tests here note."""


def shown() -> list[tuple[Any, ...]]:
    return list(AccessEvent.objects.order_by("id").values_list("hint", "address", "count"))


def test_ten_thousand_refused_calls_leave_few_rows(noted: Callable[[], None], clock: Clock) -> None:
    """Of one token; of as many tokens that nobody knows; and those from as many addresses."""
    for number in range(10_000):
        events.note(replace(UNKNOWN, hint="#same"))
        events.note(replace(UNKNOWN, hint=f"#{number}"))
        events.note(replace(UNKNOWN, hint=f"#{number}", address=f"2001:db8:{number:x}::"))
        if number % 1000 == 0:
            noted()
    noted()
    assert AccessEvent.objects.count() <= OF_ALL + 1
    assert sum(count for _hint, _address, count in shown()) == 30_000
    assert ("#same", "203.0.113.9", 10_000) in shown()


def test_one_address_leaves_room_for_others(noted: Callable[[], None], clock: Clock) -> None:
    for number in range(1000):
        events.note(replace(UNKNOWN, hint=f"#{number}"))
    events.note(replace(UNKNOWN, hint="#other", address="203.0.113.8"))
    noted()
    assert AccessEvent.objects.filter(address="203.0.113.9").count() == OF_AN_ADDRESS + 1
    assert ("#other", "203.0.113.8", 1) in shown()


def test_an_hour_is_a_row_with_its_first_and_last_time(noted: Callable[[], None], clock: Clock) -> None:
    first = clock.now
    for _n in range(3):
        events.note(UNKNOWN)
        noted()
        clock.now += timedelta(minutes=1)
    events.note(replace(UNKNOWN, request_id="last", agent="wget"))
    noted()
    row = AccessEvent.objects.get()
    assert (row.count, row.at, row.last_at) == (4, first, first + timedelta(minutes=3))
    assert (row.request_id, row.agent) == ("first", "curl")
    clock.now += timedelta(hours=1)
    events.note(UNKNOWN)
    noted()
    assert [row.count for row in AccessEvent.objects.order_by("at")] == [4, 1]


def test_a_known_token_is_told_by_name_and_end(noted: Callable[[], None], alice: Member) -> None:
    row, token = make_token(alice)
    events.note(Event(Kind.TOKEN_REFUSED, Reason.EXPIRED, token_id=row.pk, hint=f"…{token[-4:]}"))
    noted()
    event = AccessEvent.objects.get()
    assert (event.organization_id, event.member_id, event.token_name) == (alice.organization_id, alice.pk, "test")
    row.delete()
    assert AccessEvent.objects.select_related("token").get().token is None
    assert event.token_name == "test"


def test_a_name_that_no_account_has_is_not_kept(noted: Callable[[], None], client: Any, alice: Member) -> None:
    linked(client, alice, username="alice")
    noted()
    AccessEvent.objects.all().delete()
    for name in ("alice", "my password", "another\0password"):
        events.note(Event(Kind.SIGN_IN_FAILED, Reason.WRONG_PASSWORD, username=name))
    noted()
    found = set(AccessEvent.objects.values_list("account", "reason", "organization", "member", "count"))
    assert found == {
        ("alice", "wrong password", alice.organization_id, alice.pk, 1),
        ("", "unknown account", None, None, 2),
    }
    assert "password" not in str([{**row, "reason": ""} for row in AccessEvent.objects.values()])


def test_the_account_of_a_deactivated_member_says_so(noted: Callable[[], None], client: Any, alice: Member) -> None:
    linked(client, alice, username="alice")
    Member.objects.update(is_active=False)
    events.note(Event(Kind.SIGN_IN_FAILED, Reason.WRONG_PASSWORD, username="alice"))
    noted()
    assert AccessEvent.objects.get(kind=Kind.SIGN_IN_FAILED).reason == Reason.INACTIVE_MEMBER


def test_what_has_a_row_each_time_is_bounded_while_it_waits(noted: Callable[[], None]) -> None:
    for _n in range(MOST_ALONE + 5):
        events.note(Event(Kind.SIGNED_OUT))
    noted()
    assert AccessEvent.objects.count() == MOST_ALONE


def test_none_are_noted_where_none_are_kept(noted: Callable[[], None], settings: Any) -> None:
    settings.ACCESS_EVENT_DAYS = 0
    events.note(UNKNOWN)
    noted()
    assert not AccessEvent.objects.exists()
