"""What is noted at the doors: sign-ins by page and by HTTP Basic, tokens and codes that were refused."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from forms_app.models import AccessEvent, Member
from forms_app.people.invitations import account_make, invite
from forms_app.people.tokens import digest
from tests.accounts import administrator
from tests.apaas.conftest import Api
from tests.apaas.tickets.conftest import Desk
from tests.factories import UserFactory, actor_of, make_token

pytestmark = pytest.mark.django_db
LOGIN, SECURITY = "/admin/login/", "/accounts/api/security/get/"
RIGHT = "right horse battery"
Write = Callable[[], None]


@pytest.fixture
def account(alice: Member) -> User:
    user: User = UserFactory(username="alice")
    user.set_password(RIGHT)
    user.save()
    alice.user = user
    alice.save()
    return user


def by_page(name: str, password: str, **headers: str) -> Any:
    return Client().post(LOGIN, {"username": name, "password": password}, **headers)


def by_basic(name: str, password: str) -> Any:
    secret = base64.b64encode(f"{name}:{password}".encode()).decode()
    return Client().get(SECURITY, HTTP_AUTHORIZATION=f"Basic {secret}")


def told() -> list[tuple[Any, ...]]:
    return list(AccessEvent.objects.order_by("id").values_list("kind", "reason", "account", "count"))


def test_who_comes_in_and_goes_out(noted: Write, account: User, alice: Member) -> None:
    client = Client()
    client.post(LOGIN, {"username": "alice", "password": RIGHT}, REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="a\x00b")
    client.post("/admin/logout/")
    by_basic("alice", RIGHT)
    by_basic("alice", RIGHT)
    noted()
    assert sorted(told()) == [
        ("code_issued", "", "alice", 2),
        ("signed_in", "", "alice", 1),
        ("signed_out", "", "alice", 1),
    ]
    assert set(AccessEvent.objects.values_list("organization", "member")) == {(alice.organization_id, alice.pk)}
    signed_in = AccessEvent.objects.get(kind="signed_in")
    assert (signed_in.address, signed_in.agent) == ("203.0.113.9", "a?b")


@pytest.mark.parametrize("way", [by_page, by_basic])
def test_wrong_passwords_and_the_wait_after_them(noted: Write, account: User, settings: Any, way: Any) -> None:
    settings.SIGN_IN_FAILURES = 2
    for _n in range(2):
        way("alice", "wrong")
    for _n in range(3):
        way("alice", RIGHT)
    noted()
    assert sorted(told()) == [
        ("locked", "too early", "alice", 4),  # the second wrong one locks
        ("sign_in_failed", "wrong password", "alice", 2),
    ]


@pytest.mark.parametrize("way", [by_page, by_basic])
def test_a_password_typed_as_a_name_is_not_kept(noted: Write, account: User, way: Any) -> None:
    way(RIGHT, "alice")
    way("somebody else", "x")
    noted()
    assert told() == [("sign_in_failed", "unknown account", "", 2)]
    assert "horse" not in str(list(AccessEvent.objects.values()))


def test_refused_tokens_with_their_reasons(noted: Write, alice: Member, bob: Member) -> None:
    now = timezone.now()
    tokens = {
        "expired": make_token(alice, expires_at=now - timedelta(seconds=1)),
        "wrong network": make_token(alice, networks=["10.0.0.0/8"]),
        "revoked": make_token(alice),
        "inactive member": make_token(bob),
    }
    tokens["revoked"][0].revoked_at = now
    tokens["revoked"][0].save()
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    for _n in range(3):
        for _row, token in tokens.values():
            Api(token).refused("GET", "custom_apps", status=401)
    noted()
    found = AccessEvent.objects.values_list("reason", "token", "hint", "organization", "count", "kind")
    assert set(found) == {
        (reason, row.pk, f"…{token[-4:]}", alice.organization_id, 3, "token_refused")
        for reason, (row, token) in tokens.items()
    }


def test_of_unknown_tokens_and_codes_only_a_hash_is_kept(noted: Write, alice: Member) -> None:
    token, code = "apaas_" + "x" * 43, str(uuid.uuid4())
    for text in (token, "", "a" * 5000, "密码" * 10):
        Api(text).call("GET", "custom_apps", **({} if text.isascii() else {"HTTP_ACCESS_TOKEN": "\xe5\xaf\x86"}))
    Desk(code, "path").query(1)
    noted()
    found = set(AccessEvent.objects.values_list("kind", "reason", "hint"))
    assert {
        ("token_refused", "unknown", f"#{digest(token)[:8]}"),
        ("token_refused", "unknown", ""),
        ("code_refused", "unknown", f"#{digest(code)[:8]}"),
    } <= found
    kept = str(list(AccessEvent.objects.values()))
    assert not [text for text in (token, code, "a" * 20) if text in kept]
    assert set(AccessEvent.objects.values_list("organization", "token")) == {(None, None)}


def test_invitations_and_passwords(noted: Write, alice: Member, bob: Member, account: User) -> None:
    boss = administrator(alice)
    account_make(member=bob, username="bob", actor=actor_of(boss))
    key, token = invite(member=bob, actor=actor_of(boss))
    client = Client()
    page = client.get(reverse("invitation", args=[key, token]), follow=True)
    new = {"new_password1": RIGHT, "new_password2": RIGHT}
    client.post(page.redirect_chain[-1][0], new)
    again = {"old_password": RIGHT, "new_password1": "another horse 7", "new_password2": "another horse 7"}
    client.post(reverse("admin:password_change"), again)
    client.post(reverse("admin:password_change"), again)  # the old one is wrong now
    chief = Client()
    chief.force_login(account)
    url = reverse("admin:auth_user_password_change", args=[User.objects.get(username="bob").pk])
    chief.post(url, {"password1": "third horse 77", "password2": "third horse 77", "usable_password": "true"})
    noted()
    found = AccessEvent.objects.filter(account="bob").order_by("id").values_list("kind", "by")
    assert list(found) == [
        ("signed_in", ""),
        ("invitation_used", ""),
        ("password_changed", ""),
        ("password_changed", "alice"),
    ]
    assert "horse" not in str(list(AccessEvent.objects.values()))
