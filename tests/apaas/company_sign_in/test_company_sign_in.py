"""From the button to the first page, by a provider in a process of its own; and whom it does not let in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django import Settings

from forms_app.models import AccessEvent, Member, Organization
from tests.apaas.company_sign_in.conftest import account_of, agreed, asked, person, signs_in
from tests.factories import MemberFactory, OrganizationFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.urls("tests.apaas.company_sign_in.urls")]


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
