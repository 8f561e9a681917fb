"""Tokens that hold: where from, how often, until when; and what the log says of those that were refused."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from apaas import throttling
from apaas.authentication import known_token
from forms_app.caching import tags
from forms_app.exceptions import Conflict
from forms_app.models import AccessToken, CacheVersion, CustomForm, Flow, Member, TokenCallWindow
from forms_app.people.security_codes import security_code_issue
from forms_app.people.tokens import token_revoke, token_rotate
from tests.apaas.conftest import Api, address, parsed
from tests.apaas.tickets.conftest import Desk
from tests.factories import UserFactory, make_token
from tests.flows import definition, make_flow

NEAR = "127.0.0.1"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in a list, to be moved by hand."""
    now = [1_700_000_010.0]
    monkeypatch.setattr(throttling.time, "time", lambda: now[0])
    return now


@pytest.fixture
def flow(form: CustomForm) -> Flow:
    return make_flow(form, definition("start > review > end"))


def refused_logs(logs: Any) -> list[tuple[Any, ...]]:
    return [(e["reason"], e["hint"], e["address"]) for e in logs if e["event"] == "token refused"]


# --- Networks --------------------------------------------------------------------------------------------


def test_a_token_works_from_its_networks_alone(alice: Member, settings: Any) -> None:
    _row, token = make_token(alice, networks=["10.1.0.0/16", "2001:db8::/32"])
    api = Api(token)
    for near in ("10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3", "2001:db8::1"):
        api.ok("GET", "custom_apps", REMOTE_ADDR=near)
    for far in ("10.2.0.0", "10.0.255.255", "127.0.0.1", "2001:db9::1", "", "nonsense"):
        answer = api.refused("GET", "custom_apps", status=401, REMOTE_ADDR=far)
        assert answer["errors"] == []  # a thief learns nothing


def test_behind_a_trusted_proxy_the_client_s_own_address_counts(alice: Member, settings: Any) -> None:
    api = Api(make_token(alice, networks=["10.1.0.0/16"])[1])
    told = {"HTTP_X_FORWARDED_FOR": "10.1.2.3", "REMOTE_ADDR": "192.0.2.1"}
    api.refused("GET", "custom_apps", status=401, **told)  # anyone can say so
    settings.TRUSTED_PROXIES = ["192.0.2.0/24"]
    api.ok("GET", "custom_apps", **told)
    told["HTTP_X_FORWARDED_FOR"] = "10.1.2.3, 203.0.113.9"
    api.refused("GET", "custom_apps", status=401, **told)


# --- Log -------------------------------------------------------------------------------------------------


def test_each_refusal_is_logged_with_its_reason_and_no_secret(alice: Member, bob: Member) -> None:
    gone, revoked = make_token(alice)
    token_revoke(access_token=gone)
    _row, expired = make_token(alice, expires_at=timezone.now() - timedelta(seconds=1))
    _row, elsewhere = make_token(alice, networks=["10.0.0.0/8"])
    _row, inactive = make_token(bob)
    bob.is_active = False
    bob.save()
    unknown = "apaas_" + "x" * 43
    wanted = {
        revoked: "revoked",
        expired: "expired",
        elsewhere: "wrong network",
        inactive: "inactive member",
        unknown: "unknown",
    }
    for token, reason in wanted.items():
        with capture_logs() as logs:
            Api(token).refused("GET", "custom_apps", status=401)
        assert refused_logs(logs) == [(reason, token[:10], NEAR)]
        assert token not in json.dumps(logs, default=str)
    with capture_logs() as logs:
        Api("a password of something else").refused("GET", "custom_apps", status=401)
        Api("").refused("GET", "custom_apps", status=401)
    assert refused_logs(logs) == [("unknown", "", NEAR)] * 2
    with capture_logs() as logs:
        Api(make_token(alice)[1]).ok("GET", "custom_apps")
    assert refused_logs(logs) == []


# --- Rate ------------------------------------------------------------------------------------------------


def test_a_token_s_own_rate_holds_to_the_call(alice: Member, clock: list[float]) -> None:
    row, token = make_token(alice, calls_per_minute=3)
    api, other = Api(token), Api(make_token(alice)[1])
    for left in (2, 1, 0):
        response = api.call("GET", "custom_apps")
        assert response.status_code == 200
        assert response["RateLimit-Policy"] == '"token";q=3;w=60'
        assert response["RateLimit"] == f'"token";r={left};t=30'
    response = api.call("GET", "custom_apps")
    assert (response.status_code, response["Retry-After"], parsed(response)["code"]) == (429, "30", 100429)
    other.ok("GET", "custom_apps")
    clock[0] += 29.9
    api.refused("GET", "custom_apps", status=429)
    clock[0] += 0.1
    api.ok("GET", "custom_apps")
    assert TokenCallWindow.objects.get().access_token_id == row.pk


def test_both_rates_are_told_where_both_count(alice: Member, clock: list[float], settings: Any) -> None:
    settings.THROTTLE_RATE = "10/10s"
    response = Api(make_token(alice, calls_per_minute=3)[1]).call("GET", "custom_apps")
    assert response["RateLimit"] == '"token";r=2;t=30, "organization";r=9;t=10'


def test_a_token_and_its_successor_share_the_rate(alice: Member, clock: list[float]) -> None:
    row, token = make_token(alice, calls_per_minute=2)
    _successor, renewed = token_rotate(access_token=row, hours=1)
    Api(token).ok("GET", "custom_apps")
    Api(renewed).ok("GET", "custom_apps")
    for each in (token, renewed):
        Api(each).refused("GET", "custom_apps", status=429)


def test_a_token_without_a_rate_is_not_counted(alice: Member) -> None:
    Api(make_token(alice)[1]).ok("GET", "custom_apps")
    assert not TokenCallWindow.objects.exists()


def test_what_it_may_at_most_is_known(alice: Member) -> None:
    row, token = make_token(alice, calls_per_minute=2, calls_at_once=4)
    known = known_token(token)
    assert known is not None
    assert known.limits == throttling.TokenLimits(row.pk, 2, 4)


# --- The ticket API --------------------------------------------------------------------------------------


def test_the_ticket_api_asks_the_same_of_a_token(alice: Member, flow: Flow, clock: list[float]) -> None:
    _row, token = make_token(alice, networks=["10.0.0.0/8"], calls_per_minute=1)
    desk = Desk(token, flow.api_path)
    with capture_logs() as logs:
        answer = json.loads(desk.query(1))
    assert answer["status"] == "404"
    assert "security" in answer["reason"]
    assert refused_logs(logs) == [("wrong network", token[:10], NEAR)]
    _row, token = make_token(alice, calls_per_minute=1)
    desk = Desk(token, flow.api_path)
    assert json.loads(desk.query(1))["status"] == "200"
    assert json.loads(desk.query(1))["status"] == "404"


# --- Rotation --------------------------------------------------------------------------------------------


def test_a_successor_has_the_same_limits_and_the_old_token_dies_later(alice: Member, form: CustomForm) -> None:
    end = timezone.now() + timedelta(days=30)
    row, token = make_token(
        alice,
        verbs=["read"],
        custom_forms=[form],
        networks=["127.0.0.0/8"],
        expires_at=end,
        calls_per_minute=9,
        calls_at_once=2,
    )
    before = timezone.now()
    successor, renewed = token_rotate(access_token=row, hours=2)
    kept = ("member_id", "name", "verbs", "networks", "restricted", "calls_per_minute", "calls_at_once", "expires_at")
    row.refresh_from_db()
    assert [getattr(successor, name) for name in kept[:-1]] == [getattr(row, name) for name in kept[:-1]]
    assert successor.expires_at == end
    assert list(successor.custom_forms.all()) == [form]
    assert row.successor == successor
    assert row.expires_at is not None
    assert before + timedelta(hours=2) <= row.expires_at <= timezone.now() + timedelta(hours=2)
    for each in (token, renewed):
        Api(each).ok("GET", address(form))
        Api(each).refused("POST", address(form), {"form_entity": {}}, status=403)
    AccessToken.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    tags.bump("tokens")
    Api(token).refused("GET", address(form), status=401)
    Api(renewed).ok("GET", address(form))


def test_rotating_never_lengthens_the_old_one_s_life(alice: Member) -> None:
    end = timezone.now() + timedelta(minutes=5)
    row, _token = make_token(alice, expires_at=end)
    token_rotate(access_token=row, hours=24)
    row.refresh_from_db()
    assert row.expires_at == end


def test_with_no_overlap_the_old_one_dies_at_once(alice: Member) -> None:
    row, token = make_token(alice)
    _successor, renewed = token_rotate(access_token=row, hours=0)
    Api(token).refused("GET", "custom_apps", status=401)
    Api(renewed).ok("GET", "custom_apps")


def test_a_token_that_lost_its_last_form_opens_none_by_its_successor(alice: Member, form: CustomForm) -> None:
    row, _token = make_token(alice, custom_forms=[form])
    row.custom_forms.clear()
    successor, renewed = token_rotate(access_token=row, hours=1)
    assert successor.restricted
    assert Api(renewed).ok("GET", "custom_forms")["models"] == []


def test_what_ended_or_was_replaced_is_not_rotated(alice: Member) -> None:
    row, _token = make_token(alice)
    token_rotate(access_token=row, hours=1)
    with pytest.raises(Conflict, match="token_replaced"):
        token_rotate(access_token=row, hours=1)
    for ended in ({"expires_at": timezone.now()}, {}):
        row, _token = make_token(alice, **ended)
        if not ended:
            token_revoke(access_token=row)
        with pytest.raises(Conflict, match="token_ended"):
            token_rotate(access_token=row, hours=1)


# --- Members ---------------------------------------------------------------------------------------------


def test_another_process_learns_within_the_tags_time_that_a_member_is_deactivated(alice: Member, settings: Any) -> None:
    """What another process does is seen in the database alone: the row, and the tag that it bumped."""
    settings.VERSION_CHECK_SECONDS = 60
    api = Api(make_token(alice)[1])
    tags.read_anew()
    api.ok("GET", "custom_apps")
    Member.objects.filter(pk=alice.pk).update(is_active=False)
    CacheVersion.objects.update(tokens=tags.new_tag(), people=tags.new_tag())
    api.ok("GET", "custom_apps")  # at most VERSION_CHECK_SECONDS long, which is 1 at most outside of tests
    settings.VERSION_CHECK_SECONDS = 0
    api.refused("GET", "custom_apps", status=401)


def test_codes_of_a_deactivated_member_end_at_once(alice: Member, flow: Flow) -> None:
    alice.user = UserFactory()
    alice.save()
    desk = Desk(security_code_issue(user=alice.user), flow.api_path)
    assert json.loads(desk.query(1))["status"] == "200"
    Member.objects.filter(pk=alice.pk).update(is_active=False)  # as another process does it
    assert json.loads(desk.query(1))["status"] == "404"
