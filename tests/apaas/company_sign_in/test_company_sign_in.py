"""From the button to the first page, by a provider in a process of its own; and whom it does not let in."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django import Settings

from apaas.company_sign_in import provider
from forms_app.models import AccessEvent, Member, Organization
from tests.apaas.live import PROJECT
from tests.factories import MemberFactory, OrganizationFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.urls("tests.apaas.company_sign_in.urls")]
BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "apaas.company_sign_in.backend.CompanyBackend",
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider that runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.apaas.company_sign_in.provider", str(port)]
    process = subprocess.Popen(command, cwd=PROJECT)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                requests.get(address, timeout=1)
                break
            except requests.ConnectionError:
                assert process.poll() is None, "the provider ended"
                assert time.monotonic() < deadline, "the provider does not answer"
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(autouse=True)
def _configured(settings: Settings, issuer: str) -> None:
    provider._known.clear()
    settings.AUTHENTICATION_BACKENDS = BACKENDS
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = issuer, "apaas", "secret"


def person(issuer: str, sub: str, **claims: Any) -> str:
    """Somebody whom the provider knows."""
    requests.put(f"{issuer}/users/{sub}", json=claims, timeout=5).raise_for_status()
    return sub


def asked(client: Client, path: str = "/oidc/authenticate/") -> str:
    """The address at the provider that the browser is sent to."""
    return str(client.get(path)["Location"])


def agreed(address: str, sub: str) -> str:
    """Somebody signs in at the provider; the address that they are sent back to."""
    answer = requests.post(address, data={"sub": sub}, allow_redirects=False, timeout=5)
    return answer.headers["Location"].partition("http://testserver")[2]


def signs_in(client: Client, sub: str) -> Any:
    return client.get(agreed(asked(client), sub))


def account_of(client: Client) -> User | None:
    key = client.session.get("_auth_user_id")
    return None if key is None else User.objects.get(pk=key)


def test_a_member_is_known_by_their_third_party_id(issuer: str, alice: Member, bob: Member) -> None:
    alice.third_userid, alice.user = person(issuer, "emp-7"), UserFactory(username="alice")
    alice.save()
    client = Client()
    response = signs_in(client, "emp-7")
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert account_of(client) == alice.user
    assert client.get("/admin/").status_code == 200


def test_who_comes_by_the_company_and_who_does_not_is_noted(
    issuer: str, alice: Member, noted: Callable[[], None]
) -> None:
    alice.third_userid, alice.user = person(issuer, "emp-7"), UserFactory(username="alice")
    alice.save()
    signs_in(Client(), "emp-7")
    signs_in(Client(), person(issuer, "stranger"))
    other = Client()
    asked(other)
    other.get("/oidc/callback/?code=x&state=y")
    noted()
    found = AccessEvent.objects.order_by("id").values_list("kind", "reason", "account")
    assert sorted(found) == [
        ("company_sign_in", "", "alice"),
        ("sign_in_failed", "no member", ""),
        ("sign_in_failed", "provider", ""),
    ]


def test_the_claim_is_a_setting(issuer: str, alice: Member, settings: Settings) -> None:
    settings.OIDC_MEMBER_CLAIM = "employee_number"
    person(issuer, "a-uuid", employee_number="0042")
    alice.third_userid, alice.user = "0042", UserFactory()
    alice.save()
    client = Client()
    signs_in(client, "a-uuid")
    assert account_of(client) == alice.user
    assert signs_in(Client(), person(issuer, "no-number")).status_code == 403


def test_one_goes_on_to_where_one_was(alice: Member, issuer: str) -> None:
    alice.third_userid, alice.user = "emp-7", UserFactory(is_superuser=True)
    alice.save()
    page = reverse("admin:forms_app_member_changelist")
    client = Client()
    signed = client.get(page)
    form = client.get(signed["Location"]).content.decode()
    link = f"/oidc/authenticate/?next={page}"
    assert f'href="{link}"' in form
    assert client.get(agreed(asked(client, link), "emp-7"))["Location"] == page
    elsewhere = Client()
    back = agreed(asked(elsewhere, "/oidc/authenticate/?next=https://evil.example/"), "emp-7")
    assert elsewhere.get(back)["Location"] == "/admin/"


def test_state_nonce_and_a_challenge_go_along(issuer: str) -> None:
    first, second = (parse_qs(urlsplit(asked(Client())).query) for _n in range(2))
    assert first["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 32
        assert first[name] != second[name]
    assert first["redirect_uri"] == ["http://testserver/oidc/callback/"]


def test_a_code_is_worth_nothing_in_another_browser(issuer: str, alice: Member) -> None:
    alice.third_userid, alice.user = "emp-7", UserFactory()
    alice.save()
    mine, other = Client(), Client()
    back = agreed(asked(mine), "emp-7")
    asked(other)
    assert other.get(back).status_code == 400
    state = parse_qs(urlsplit(asked(other)).query)["state"][0]
    mixed = back.partition("state=")[0] + f"state={state}"
    assert other.get(mixed).status_code == 502, "the provider wants the verifier of who asked"
    assert account_of(other) is None
    fresh = agreed(asked(mine), "emp-7")
    assert mine.get(fresh).status_code == 302
    assert mine.get(fresh).status_code == 400, "a second time"


def test_a_verified_e_mail_fits_an_account_and_an_unverified_one_none(issuer: str, alice: Member) -> None:
    alice.user = UserFactory(email="Alice@example.org")
    alice.save()
    claims = {"email": "alice@EXAMPLE.org"}
    for verified in (None, False, "false", 1):
        more = {} if verified is None else {"email_verified": verified}
        assert signs_in(Client(), person(issuer, "u", **claims, **more)).status_code == 403
    client = Client()
    assert signs_in(client, person(issuer, "u", **claims, email_verified=True)).status_code == 302
    assert account_of(client) == alice.user
    alice.third_userid = "somebody-else"
    alice.save()
    assert signs_in(Client(), "u").status_code == 403, "the address was given to another person"


def test_a_member_without_an_account_gets_one_that_no_password_opens(issuer: str, alice: Member, bob: Member) -> None:
    UserFactory(username="alice")
    alice.third_userid = person(issuer, "emp-7", preferred_username="alice", email="a@example.org", email_verified=True)
    alice.save()
    client = Client()
    assert signs_in(client, "emp-7").status_code == 302
    alice.refresh_from_db()
    assert alice.user == account_of(client)
    assert (alice.user.username, alice.user.has_usable_password()) == ("a@example.org", False)  # type: ignore[union-attr]
    assert not alice.user.is_superuser  # type: ignore[union-attr]
    again = Client()
    signs_in(again, "emp-7")
    assert account_of(again) == alice.user


def test_who_is_nobody_here_is_told_what_to_ask_for(issuer: str, alice: Member) -> None:
    before = Member.objects.count(), User.objects.count()
    client = Client()
    response = client.get(agreed(asked(client), person(issuer, "<b>9")), HTTP_ACCEPT_LANGUAGE="en")
    content = response.content.decode()
    assert response.status_code == 403
    assert "Nobody here has this company account." in content
    assert "your third-party id is &lt;b&gt;9." in content
    assert "no-store" in response["Cache-Control"]
    assert account_of(client) is None
    assert (Member.objects.count(), User.objects.count()) == before


def test_that_is_no_wrong_password(issuer: str, alice: Member, settings: Settings) -> None:
    settings.SIGN_IN_FAILURES = 1
    person(issuer, "stranger")
    for _n in range(3):
        signs_in(Client(), "stranger")
    assert not AccessAttempt.objects.exists()
    alice.third_userid = "emp-7"
    alice.save()
    assert signs_in(Client(), "emp-7").status_code == 302


def test_who_is_switched_off_stays_out_and_is_not_made_anew(
    issuer: str, alice: Member, bob: Member, organization: Organization, settings: Settings
) -> None:
    settings.OIDC_ORGANIZATION, settings.OIDC_CREATE_MEMBERS = organization.pk, True
    alice.third_userid, alice.is_active = "left", False
    alice.save()
    bob.third_userid, bob.user = "locked", UserFactory(is_active=False)
    bob.save()
    before = Member.objects.count(), User.objects.count()
    for sub in ("left", "locked"):
        assert signs_in(Client(), sub).status_code == 403
    assert (Member.objects.count(), User.objects.count()) == before


def test_a_session_ends_with_the_account(issuer: str, alice: Member) -> None:
    alice.third_userid, alice.user = "emp-7", UserFactory()
    alice.save()
    client = Client()
    signs_in(client, "emp-7")
    assert client.get("/admin/").status_code == 200
    User.objects.filter(pk=alice.user.pk).update(is_active=False)
    assert client.get("/admin/").status_code == 302


def test_an_organization_may_be_named(
    issuer: str, alice: Member, organization: Organization, settings: Settings
) -> None:
    other = MemberFactory(organization=OrganizationFactory(), third_userid="emp-7", user=UserFactory())
    client = Client()
    signs_in(client, "emp-7")
    assert account_of(client) == other.user
    alice.third_userid, alice.user = "emp-7", UserFactory()
    alice.save()
    assert signs_in(Client(), "emp-7").status_code == 403, "of two organizations"
    settings.OIDC_ORGANIZATION = organization.pk
    client = Client()
    signs_in(client, "emp-7")
    assert account_of(client) == alice.user


def test_unknown_people_become_members_only_where_a_setting_says_so(
    issuer: str, alice: Member, organization: Organization, settings: Settings
) -> None:
    person(issuer, "new-1", name="新人", preferred_username="xinren")
    settings.OIDC_ORGANIZATION = organization.pk
    assert signs_in(Client(), "new-1").status_code == 403
    settings.OIDC_CREATE_MEMBERS = True
    client = Client()
    assert signs_in(client, "new-1").status_code == 302
    made = Member.objects.get(third_userid="new-1")
    highest = max(Member.objects.filter(organization=organization).values_list("uid", flat=True))
    assert (made.name, made.organization, made.uid, made.user) == ("新人", organization, highest, account_of(client))
    assert signs_in(Client(), "new-1").status_code == 302
    assert Member.objects.filter(third_userid="new-1").count() == 1
    settings.OIDC_ORGANIZATION = 987_654_321
    assert signs_in(Client(), "new-2").status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another-client"},
        {"iss": "https://evil.example"},
        {"exp": None},
        {"exp": 1},
        {"nonce": "another"},
        {"sub": "somebody-else"},
    ],
    ids=str,
)
def test_a_token_for_others_of_others_or_of_old_opens_nothing(
    issuer: str, alice: Member, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any]
) -> None:
    """As if the provider had signed it so."""
    alice.third_userid, alice.user = "emp-7", UserFactory()
    alice.save()
    decode = jwt.decode

    def changed(*args: Any, **kwargs: Any) -> dict[str, Any]:
        claims = {**decode(*args, **kwargs), **wrong}
        claims = {name: value for name, value in claims.items() if value is not None}
        if claims.get("exp") == 1:
            raise jwt.ExpiredSignatureError
        return claims

    monkeypatch.setattr(jwt, "decode", changed)
    client = Client()
    assert signs_in(client, "emp-7").status_code in (400, 403, 502)
    assert account_of(client) is None


def test_a_token_that_is_signed_otherwise_opens_nothing(issuer: str, alice: Member, settings: Settings) -> None:
    alice.third_userid, alice.user = "emp-7", UserFactory()
    alice.save()
    settings.OIDC_SIGN_ALGORITHM = "HS256"
    client = Client()
    assert signs_in(client, "emp-7").status_code == 400
    assert account_of(client) is None


def test_a_provider_that_is_away_or_none_gets_a_page(settings: Settings, issuer: str) -> None:
    for address in ("http://127.0.0.1:9", issuer + "/nowhere", issuer + "/"):
        settings.OIDC_ISSUER = address
        response = Client().get("/oidc/authenticate/")
        assert response.status_code == 502
        assert "Traceback" not in response.content.decode()


def test_what_is_no_answer_of_the_provider_is_refused(alice: Member) -> None:
    client = Client()
    client.force_login(UserFactory(), BACKENDS[1])
    for query in ("", "?code=x&state=y", "?code=x", "?error=access_denied&state=y", "?error=%00"):
        assert client.get(f"/oidc/callback/{query}").status_code in (400, 403), query
    assert account_of(client) is not None, "nobody is signed out by a link"


def test_a_client_without_a_secret_sends_none_but_the_verifier(issuer: str, alice: Member, settings: Settings) -> None:
    settings.OIDC_CLIENT_SECRET = ""
    alice.third_userid = "emp-7"
    alice.save()
    client, sent = Client(), []
    back = agreed(asked(client), "emp-7")
    post = requests.post

    def noted(url: str, **kwargs: Any) -> Any:
        sent.append((kwargs["auth"], set(kwargs["data"])))
        return post(url, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests, "post", noted)
        client.get(back)
    assert sent == [(None, {"client_id", "grant_type", "code", "redirect_uri", "code_verifier"})]


def test_pages_need_no_provider_for_a_session(issuer: str, alice: Member, settings: Settings) -> None:
    alice.third_userid, alice.user = "emp-7", UserFactory()
    alice.save()
    client = Client()
    signs_in(client, "emp-7")
    provider._known.clear()
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_it_is_a_button(
    browser: Browser, live_server: Any, issuer: str, alice: Member, settings: Settings
) -> None:
    alice.third_userid, alice.user = "emp-7", UserFactory()
    alice.save()
    context = browser.new_context(base_url=live_server.url, locale="en")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto("/admin/")
    page.get_by_text("Sign in with the company account").click()
    page.wait_for_url(f"{issuer}/**")
    page.locator("input[name=sub]").first.fill("emp-7")
    page.locator("form button").first.click()
    page.wait_for_url("**/admin/")
    assert page.get_by_text("Sign in with the company account").count() == 0
    assert said == []
    context.close()
