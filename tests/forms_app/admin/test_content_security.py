"""No page loads or runs what its Content-Security-Policy refuses, and each has one that lets no script in."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from forms_app.models import CustomForm, Flow, Member, Organization
from forms_app.people.tokens import token_create
from forms_app.tickets.pushing import ticket_open
from tests.factories import RegionFactory, actor_of, make_entity
from tests.forms_app.admin.tickets.ticket_pages import review_flow

POLICY = "Content-Security-Policy"
MOST_OF_KIND = 2
"""Pages of one address pattern that are opened: the next one is made by the same templates."""


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in policy.split(";"))}


def scripts_only_from_here(policy: str) -> None:
    found = directives(policy)
    assert set(found["script-src"]) <= {"'self'", "'unsafe-eval'"}, policy
    assert found["base-uri"] == found["frame-ancestors"] == ["'none'"]
    assert found["form-action"] == ["'self'"]


@pytest.mark.django_db
def test_each_page_has_a_policy_and_is_kept_by_no_cache(admin: Client, form: CustomForm) -> None:
    addresses = [reverse("admin:index"), reverse("form-api", args=[form.pk]), reverse("admin:auth_user_changelist")]
    for url in addresses:
        response = admin.get(url)
        scripts_only_from_here(response[POLICY])
        assert "no-store" in response["Cache-Control"]
        assert "Cookie" in response["Vary"]
    for url in ("/admin/login/", "/nowhere", "/admin/nowhere/"):
        scripts_only_from_here(Client().get(url)[POLICY])
    assert POLICY not in Client().get("/apaas/api/v2/custom_apps")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_page_asks_for_what_its_policy_refuses(
    page: Page, form: CustomForm, flow: Flow, alice: Member, organization: Organization
) -> None:
    """The crawl follows every link that a signed-in administrator finds, a few of each kind; the fixture listens."""
    alice.user = User.objects.get(username="designer")
    alice.save()
    make_entity(form, alice, title="Alice & Co")
    ticket_open(flow=review_flow(form, name="报销"), values={"title": "x"}, actor=actor_of(alice))
    token_create(member=alice, name="crawl")
    RegionFactory()
    waiting = [reverse("admin:index"), "/apaas/docs", "/apaas/docs/reference", "/admin/password_change/"]
    seen: set[str] = set()
    kinds: dict[str, int] = {}
    while waiting:
        url = waiting.pop(0)
        kind = "/".join("0" if part.isdigit() else part for part in urlsplit(url).path.split("/"))
        if (
            url in seen
            or kinds.get(kind, 0) >= MOST_OF_KIND
            or "logout" in url
            or "jsi18n" in url
            or "/records/export/" in url
        ):
            continue
        seen.add(url)
        kinds[kind] = kinds.get(kind, 0) + 1
        if page.goto(url, wait_until="load") is None:
            continue
        found = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
        here = urlsplit(page.url)
        for link in found:
            parts = urlsplit(link)
            if parts.netloc == here.netloc and parts.path.startswith(("/admin/", "/apaas/docs")):
                waiting.append(parts._replace(scheme="", netloc="", fragment="").geturl())
    assert len(kinds) > 40, sorted(kinds)
