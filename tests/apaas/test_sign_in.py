"""Wrong passwords: slowed after three, locked after SIGN_IN_FAILURES, for the account and address that sent them."""

from __future__ import annotations

import base64
import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import hashers
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apaas import sign_in
from forms_app.database import running
from forms_app.models import Member
from tests.factories import UserFactory

LOGIN = "/admin/login/"
SECURITY = "/accounts/api/security/get/"
RIGHT, WRONG = "right horse battery", "wrong"


@pytest.fixture
def account(alice: Member) -> User:
    user: User = UserFactory(username="alice")
    user.set_password(RIGHT)
    user.save()
    alice.user = user
    alice.save()
    return user


class Clock:
    """The time, to be moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = timezone.now()
        for name in ("axes.handlers.proxy.now", "axes.attempts.now", "apaas.sign_in.timezone.now"):
            monkeypatch.setattr(name, self.read)

    def read(self) -> datetime:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def by_page(password: str, name: str = "alice", **headers: str) -> Any:
    return Client().post(LOGIN, {"username": name, "password": password}, **headers)


def by_basic(password: str, name: str = "alice", **headers: str) -> Any:
    secret = base64.b64encode(f"{name}:{password}".encode()).decode()
    return Client().get(SECURITY, HTTP_AUTHORIZATION=f"Basic {secret}", **headers)


def taken(response: Any) -> bool:
    """Whether the password was the right one, and was looked at."""
    return b'"security"' in response.content if response.status_code == 200 else response.status_code == 302


WAYS = pytest.mark.parametrize("way", [by_page, by_basic])


@WAYS
def test_the_right_password_opens_also_after_three_wrong_ones(account: User, clock: Clock, way: Any) -> None:
    for _n in range(sign_in.AT_ONCE - 1):
        assert not taken(way(WRONG))
    assert taken(way(RIGHT))
    assert not AccessAttempt.objects.exists()


@WAYS
def test_then_each_attempt_waits_twice_as_long_as_the_one_before(account: User, clock: Clock, way: Any) -> None:
    for _n in range(sign_in.AT_ONCE):
        assert not taken(way(WRONG))
    for seconds in (1, 2, 4, 8):
        clock.go(seconds - 0.01)
        early = way(RIGHT)
        assert not taken(early)
        assert early["Retry-After"] == "1"
        clock.go(0.01)
        assert not taken(way(WRONG))
    clock.go(16)
    assert taken(way(RIGHT))


@WAYS
def test_then_it_is_locked_for_a_while_and_asking_does_not_prolong_it(
    account: User, clock: Clock, settings: Settings, way: Any
) -> None:
    settings.SIGN_IN_FAILURES, settings.SIGN_IN_LOCK_SECONDS = 4, 60
    for _n in range(3):
        way(WRONG)
    clock.go(1)
    assert way(WRONG)["Retry-After"] == "60"
    for _n in range(11):
        clock.go(5)
        refused = way(RIGHT)
        assert not taken(refused)
    assert refused["Retry-After"] == "5"
    clock.go(5)
    assert taken(way(RIGHT))


@WAYS
def test_who_has_to_wait_costs_no_hash(
    account: User, clock: Clock, settings: Settings, monkeypatch: pytest.MonkeyPatch, way: Any
) -> None:
    settings.SIGN_IN_FAILURES = 1
    way(WRONG)
    monkeypatch.setattr(hashers.MD5PasswordHasher, "verify", lambda *args: pytest.fail("hashed"))
    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", lambda *args: pytest.fail("hashed"))
    assert not taken(way(RIGHT))


def test_both_ways_share_the_count(account: User, clock: Clock, settings: Settings) -> None:
    settings.SIGN_IN_FAILURES = 2
    by_page(WRONG)
    by_basic(WRONG)
    assert not taken(by_page(RIGHT))
    assert not taken(by_basic(RIGHT))


@WAYS
def test_another_address_and_another_account_are_not_locked(
    account: User, bob: Member, clock: Clock, settings: Settings, way: Any
) -> None:
    settings.SIGN_IN_FAILURES = 1
    way(WRONG, REMOTE_ADDR="203.0.113.9")
    assert not taken(way(RIGHT, REMOTE_ADDR="203.0.113.9"))
    assert taken(way(RIGHT, REMOTE_ADDR="203.0.113.8"))
    other: User = UserFactory(username="other")
    other.set_password(RIGHT)
    other.save()
    bob.user = other
    bob.save()
    assert taken(by_page(RIGHT, "other", REMOTE_ADDR="203.0.113.9"))


@WAYS
def test_behind_a_proxy_clients_are_told_apart_and_cannot_invent_an_address(
    account: User, clock: Clock, settings: Settings, way: Any
) -> None:
    settings.SIGN_IN_FAILURES, settings.TRUSTED_PROXIES = 1, ["127.0.0.1"]
    way(WRONG, HTTP_X_FORWARDED_FOR="6.6.6.6, 203.0.113.9")
    assert not taken(way(RIGHT, HTTP_X_FORWARDED_FOR="7.7.7.7, 203.0.113.9"))
    assert taken(way(RIGHT, HTTP_X_FORWARDED_FOR="203.0.113.8"))


@WAYS
def test_another_browser_is_no_other_client(account: User, clock: Clock, settings: Settings, way: Any) -> None:
    settings.SIGN_IN_FAILURES = 2
    for agent in ("a", "b"):
        way(WRONG, HTTP_USER_AGENT=agent)
    assert not taken(way(RIGHT, HTTP_USER_AGENT="c"))


def test_the_page_says_for_how_long(account: User, clock: Clock, settings: Settings) -> None:
    settings.SIGN_IN_FAILURES, settings.SIGN_IN_LOCK_SECONDS = 1, 90
    for response in (by_page(WRONG, HTTP_ACCEPT_LANGUAGE="en"), by_page(RIGHT, HTTP_ACCEPT_LANGUAGE="en")):
        assert response.status_code == 429
        assert "Try again in 2 minutes." in response.content.decode()
    clock.go(60)
    assert "Try again in 30 seconds." in by_page(RIGHT, HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_the_ticket_api_answers_as_to_a_wrong_password(account: User, clock: Clock, settings: Settings) -> None:
    settings.SIGN_IN_FAILURES = 2
    first, second, third = by_basic(WRONG), by_basic(WRONG), by_basic(RIGHT)
    assert first.content == second.content == third.content == by_basic(WRONG, "nobody").content
    assert {response.status_code for response in (first, second, third)} == {200}
    assert ["Retry-After" in response for response in (first, second, third)] == [False, True, True]


@WAYS
def test_an_account_that_does_not_exist_is_treated_alike(
    account: User, clock: Clock, settings: Settings, way: Any
) -> None:
    settings.SIGN_IN_FAILURES = 2
    answers = [[way(WRONG, name) for _n in range(3)] for name in ("alice", "nobody")]
    known, unknown = ([(r.status_code, r.get("Retry-After")) for r in responses] for responses in answers)
    assert known == unknown


@WAYS
def test_failures_and_locks_are_logged_in_one_line_each(
    account: User, clock: Clock, settings: Settings, way: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SIGN_IN_FAILURES = 2
    with caplog.at_level(logging.WARNING, "axes"):
        for _n in range(2):
            way(WRONG, "ali\nce", REMOTE_ADDR="203.0.113.9")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("axes")]
    assert len(lines) == 3
    assert all("'ali\\nce' from 203.0.113.9 at /a" in line for line in lines)
    assert "Locking out" in lines[-1]
    assert not [line for line in lines if WRONG in line or "\n" in line]


def test_what_is_old_is_forgotten(account: User, clock: Clock) -> None:
    for name in ("a", "b", "c"):
        by_page(WRONG, name)
    assert AccessAttempt.objects.count() == 3
    clock.go(901)
    by_page(WRONG, "d")
    assert [attempt.username for attempt in AccessAttempt.objects.all()] == ["d"]
    assert WRONG not in str(AccessAttempt.objects.values().get())


@pytest.mark.django_db(transaction=True)
def test_who_hangs_up_meanwhile_is_counted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in a test's own transaction would be counted anyway."""
    account = UserFactory(username="hasty")

    def check(self: User, raw_password: str) -> bool:
        running.current().gone = True
        return False

    monkeypatch.setattr(User, "check_password", check)
    connection.execute_wrappers.append(running._noted)
    try:
        by_page(WRONG, account.username)
    finally:
        connection.execute_wrappers.remove(running._noted)
        running.begin()
    assert AccessAttempt.objects.get(username=account.username).failures_since_start == 1
