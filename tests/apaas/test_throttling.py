"""THROTTLE_RATE: off by default; counted in the database, so by all processes together."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from apaas import throttling
from forms_app.models import Member
from forms_app.models.token import CallWindow
from tests.apaas.conftest import Api, parsed
from tests.factories import make_token


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in a list, to be moved by hand."""
    now = [1_700_000_001.0]
    monkeypatch.setattr(throttling.time, "time", lambda: now[0])
    return now


def test_it_is_off_unless_a_setting_turns_it_on(api: Api, settings: Settings) -> None:
    assert settings.THROTTLE_RATE == ""
    for _ in range(12):
        api.ok("GET", "custom_apps")
    assert CallWindow.objects.count() == 0


def test_over_the_rate_it_says_when_to_come_again(api: Api, settings: Settings, clock: list[float]) -> None:
    settings.THROTTLE_RATE = "3/10s"
    for _ in range(3):
        api.ok("GET", "custom_apps")
    response = api.call("GET", "custom_apps")
    answer = parsed(response)
    assert (response.status_code, answer["code"], answer["message"]) == (429, 100429, "Retry later")
    assert response["Retry-After"] == "9"
    clock[0] += 8.9
    assert api.call("POST", "form_entities", {"x": 1}).status_code == 429
    clock[0] += 0.1
    api.ok("GET", "custom_apps")


def test_each_answer_tells_of_the_rate_and_what_is_left_of_it(api: Api, settings: Settings, clock: list[float]) -> None:
    assert "RateLimit" not in api.call("GET", "custom_apps")
    settings.THROTTLE_RATE = "2/10s"
    told = []
    for path in ("custom_apps", "nowhere", "custom_apps", "nowhere"):
        response = api.call("GET", path)
        assert response["RateLimit-Policy"] == '"organization";q=2;w=10'
        told.append((response.status_code, response["RateLimit"]))
        clock[0] += 1
    left = '"organization";r={};t={}'.format
    assert told == [(200, left(1, 9)), (404, left(0, 8)), (429, left(0, 7)), (429, left(0, 6))]
    assert "RateLimit" not in Api("wrong").call("GET", "custom_apps")


def test_one_organization_shares_its_count_and_another_has_its_own(
    api: Api, reader: Api, stranger: Api, bob: Member, settings: Settings, clock: list[float]
) -> None:
    settings.THROTTLE_RATE = "2/m"
    api.ok("GET", "custom_apps")
    reader.ok("GET", "custom_apps")
    Api(make_token(bob)[1]).refused("GET", "custom_apps", status=429)
    stranger.ok("GET", "custom_apps")


def test_the_count_is_the_database_s_and_not_the_process_s(
    api: Api, alice: Member, settings: Settings, clock: list[float]
) -> None:
    settings.THROTTLE_RATE = "5/10s"
    window = int(clock[0]) // 10
    CallWindow.objects.create(organization_id=alice.organization_id, window=window, calls=4)
    api.ok("GET", "custom_apps")
    api.refused("GET", "custom_apps", status=429)
    assert CallWindow.objects.get().calls == 6


def test_who_is_not_authenticated_counts_for_nobody(api: Api, settings: Settings, clock: list[float]) -> None:
    settings.THROTTLE_RATE = "1/h"
    for _ in range(3):
        Api("wrong").refused("GET", "custom_apps", status=401)
    api.ok("GET", "custom_apps")


def test_a_day_s_window_ends_with_the_day(api: Api, settings: Settings, clock: list[float]) -> None:
    settings.THROTTLE_RATE = "1/d"
    api.ok("GET", "custom_apps")
    wait = int(api.call("GET", "custom_apps")["Retry-After"])
    clock[0] += wait - 1
    api.refused("GET", "custom_apps", status=429)
    clock[0] += 1
    api.ok("GET", "custom_apps")
