"""Tokens by API: made for one's own members, with no right that the maker lacks; told once, listed, changed, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forms_app.models import AccessToken, CustomForm, Member, Role
from forms_app.people.role_documents import role_save
from tests.apaas.conftest import Api, address, administer
from tests.factories import make_token, system_of


def manager(member: Member, **limits: Any) -> Api:
    """A token of a member who has the role 管理员."""
    administer(member)
    return Api(make_token(member, **limits)[1])


def only_role(organization_id: int, **values: Any) -> Role:
    """Takes from everyone all that 全员 gives, and gives this role."""
    Role.objects.filter(organization_id=organization_id, everyone=True).delete()
    return role_save(organization_id=organization_id, values=values, actor=system_of(organization_id))


@pytest.fixture
def admin(alice: Member) -> Api:
    return manager(alice)


def made(api: Api, **values: Any) -> Any:
    return api.ok("POST", "tokens", {"uid": 2, "name": "ERP", **values})


def test_a_token_is_told_once_and_works_as_its_member(admin: Api, bob: Member, form: CustomForm) -> None:
    answer = made(admin)
    token = answer.pop("token")
    assert Api(token).ok("POST", address(form), {"form_entity": {}})["user"]["uid"] == bob.uid
    assert answer == {
        "id": answer["id"],
        "uid": 2,
        "name": "ERP",
        "hint": token[:10],
        "state": "valid",
        "verbs": None,
        "custom_form_ids": None,
        "networks": [],
        "expires_at": None,
        "calls_per_minute": None,
        "calls_at_once": None,
        "successor_id": None,
        "last_used_at": None,
        "created_at": answer["created_at"],
    }
    listed = admin.ok("GET", "tokens?uid=2")
    assert [row["id"] for row in listed["models"]] == [answer["id"]]
    assert token not in str(admin.ok("GET", "tokens"))


def test_its_limits_hold_and_are_shown(admin: Api, form: CustomForm, other_form: CustomForm) -> None:
    answer = made(
        admin,
        verbs=["read"],
        custom_form_ids=[form.pk],
        networks=["127.0.0.1"],
        expires_at="2099-01-01",
        calls_per_minute=1,
        calls_at_once=3,
    )
    assert (answer["verbs"], answer["custom_form_ids"], answer["networks"]) == (["read"], [form.pk], ["127.0.0.1/32"])
    assert (answer["expires_at"], answer["calls_at_once"]) == ("2099-01-01T00:00:00.000+08:00", 3)
    api = Api(answer["token"])
    api.ok("GET", address(form))
    api.refused("GET", address(form), status=429)


def test_a_change_changes_what_is_sent_and_null_takes_a_limit_away(admin: Api, form: CustomForm) -> None:
    answer = made(admin, verbs=["read"], custom_form_ids=[form.pk], calls_per_minute=5)
    path = f"tokens/{answer['id']}"
    changed = admin.ok("PUT", path, {"name": "CRM", "calls_per_minute": None})
    assert (changed["name"], changed["calls_per_minute"], changed["verbs"]) == ("CRM", None, ["read"])
    assert changed["custom_form_ids"] == [form.pk]
    changed = admin.ok("PUT", path, {"verbs": None, "custom_form_ids": None, "networks": []})
    assert (changed["verbs"], changed["custom_form_ids"]) == (None, None)
    Api(answer["token"]).ok("POST", address(form), {"form_entity": {}})
    assert admin.faults("PUT", path, {"uid": 3}) == [("uid", "unknown_parameter", None)]


def test_a_revoked_token_ends_and_stays_listed(admin: Api) -> None:
    answer = made(admin)
    assert admin.call("DELETE", f"tokens/{answer['id']}").status_code == 200
    Api(answer["token"]).refused("GET", "custom_apps", status=401)
    assert admin.ok("GET", "tokens?uid=2")["models"][0]["state"] == "revoked"
    assert admin.call("DELETE", f"tokens/{answer['id']}").status_code == 200


def test_rotation_gives_a_successor_once(admin: Api) -> None:
    answer = made(admin, verbs=["read"], calls_per_minute=7)
    path = f"tokens/{answer['id']}/rotate"
    successor = admin.ok("POST", path, {"hours": 1})
    assert (successor["verbs"], successor["calls_per_minute"]) == (["read"], 7)
    for token in (answer["token"], successor["token"]):
        Api(token).ok("GET", "custom_apps")
    assert admin.faults("POST", path, status=409) == [("id", "token_replaced", None)]
    assert admin.faults("POST", path, {"hours": 24 * 90 + 1}) == [("hours", "wrong_integer", None)]


def test_each_fault_is_named(admin: Api, charlie: Member, form: CustomForm) -> None:
    assert admin.faults("POST", "tokens") == [("uid", "required", None), ("name", "required", None)]
    Member.objects.filter(uid=3).update(is_active=False)
    for uid in (3, 999):
        assert admin.faults("POST", "tokens", {"uid": uid, "name": "x"}) == [("uid", "unknown_member", None)]
    wrong = {"verbs": ["read", "fly"], "custom_form_ids": [form.pk, 999_999], "networks": ["10.0.0.1/8"]}
    assert admin.faults("POST", "tokens", {"uid": 2, "name": " ", "expires_at": "2001-01-01", **wrong}) == [
        ("name", "required", None),
        ("verbs", "unknown_value", 1),
        ("networks", "wrong_network", 0),
        ("expires_at", "time_passed", None),
        ("custom_form_ids", "unknown_form", 1),
    ]
    for name, value, code in (
        ("expires_at", "soon", "invalid_time"),
        ("calls_per_minute", 0, "wrong_integer"),
        ("calls_at_once", "x", "wrong_integer"),
        ("verbs", "read", "wrong_list"),
        ("verbs", [1], "wrong_text"),
        ("custom_form_ids", ["x"], "wrong_id"),
    ):
        faults = admin.faults("POST", "tokens", {"uid": 2, "name": "x", name: value})
        assert [fault[:2] for fault in faults] == [(name, code)]


# --- Who may -------------------------------------------------------------------------------------------------


CALLS = (
    ("GET", "tokens"),
    ("POST", "tokens"),
    ("PUT", "tokens/{}"),
    ("DELETE", "tokens/{}"),
    ("POST", "tokens/{}/rotate"),
)


def test_only_the_verb_people_opens_it(api: Api, alice: Member, bob: Member) -> None:
    row, _token = make_token(bob)
    for method, path in CALLS:
        answer = api.refused(
            method, path.format(row.pk), {"uid": 2, "name": "x"} if path == "tokens" else None, status=403
        )
        assert answer["errors"][0]["code"] == "missing_verb"
    limited = manager(alice, verbs=["read", "update"])  # their member may, the token may not
    for method, path in CALLS:
        limited.refused(method, path.format(row.pk), status=403)


def test_another_organization_s_tokens_do_not_exist(admin: Api, charlie: Member) -> None:
    row, token = make_token(charlie)
    for method, path in CALLS[2:]:
        assert admin.faults(method, path.format(row.pk), status=404) == [("id", "unknown_token", None)]
    Api(token).ok("GET", "custom_apps")
    assert row.pk not in [each["id"] for each in admin.ok("GET", "tokens?per_page=1000")["models"]]


def test_nobody_makes_a_token_that_can_do_more_than_they(alice: Member, bob: Member, form: CustomForm) -> None:
    organization_id = alice.organization_id
    only_role(
        organization_id,
        name="clerk",
        members=[1],
        grants=[{"verbs": ["people"]}, {"custom_form_id": form.pk, "verbs": ["read"], "rows": "all"}],
    )
    role_save(
        organization_id=organization_id,
        values={"name": "boss", "members": [2], "grants": [{"verbs": ["read", "update", "destroy"]}]},
        actor=system_of(organization_id),
    )
    clerk = Api(make_token(alice)[1])
    beyond = [("verbs", "beyond_own_rights", None)]
    assert clerk.faults("POST", "tokens", {"uid": 2, "name": "x"}, status=403) == beyond
    assert clerk.faults("POST", "tokens", {"uid": 2, "name": "x", "verbs": ["read"]}, status=403) == beyond
    narrow = {"verbs": ["read"], "custom_form_ids": [form.pk]}
    answer = clerk.ok("POST", "tokens", {"uid": 2, "name": "x", **narrow})
    path = f"tokens/{answer['id']}"
    for wider in ({"verbs": None}, {"custom_form_ids": None}, {"verbs": ["read", "update"]}):
        assert clerk.faults("PUT", path, wider, status=403) == beyond
    row, _token = make_token(bob)
    assert clerk.faults("POST", f"tokens/{row.pk}/rotate", status=403) == beyond
    assert AccessToken.objects.filter(member=bob).count() == 2


def test_a_bound_token_makes_none_that_works_longer_or_from_elsewhere(alice: Member) -> None:
    end = timezone.now() + timedelta(days=1)
    api = manager(alice, expires_at=end, networks=["127.0.0.0/8"])
    values = {"uid": 2, "name": "x"}
    assert api.faults("POST", "tokens", values, status=403) == [
        ("expires_at", "beyond_own_rights", None),
        ("networks", "beyond_own_rights", None),
    ]
    wide = {
        **values,
        "expires_at": (end - timedelta(hours=1)).isoformat(timespec="milliseconds"),
        "networks": ["0.0.0.0/0"],
    }
    assert api.faults("POST", "tokens", wide, status=403) == [("networks", "beyond_own_rights", None)]
    answer = api.ok("POST", "tokens", {**wide, "networks": ["127.1.0.0/16"]})
    assert api.faults("PUT", f"tokens/{answer['id']}", {"expires_at": None}, status=403) == [
        ("expires_at", "beyond_own_rights", None)
    ]


def test_a_list_asks_a_fixed_number_of_statements(admin: Api, bob: Member, form: CustomForm) -> None:
    make_token(bob, custom_forms=[form])
    admin.ok("GET", "tokens")
    with CaptureQueriesContext(connection) as few:
        admin.ok("GET", "tokens")
    for _number in range(5):
        make_token(bob, custom_forms=[form])
    admin.ok("GET", "tokens")
    with CaptureQueriesContext(connection) as many:
        admin.ok("GET", "tokens")
    assert len(few) == len(many)
