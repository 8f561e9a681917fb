"""Every address that the resolver knows, asked for the things of another organization, by who has no role, and by who
has left. A new address is here without being named: its arguments are found by their names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.conf import settings as project
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from forms_app.caching import tagged
from forms_app.models import AccessToken, Member
from tests.accounts import without_rights
from tests.crawl.addresses import Address, addresses, patterns
from tests.crawl.worlds import PASSING, World, held, world_of
from tests.factories import UserFactory

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _tags_hold(settings: Settings) -> None:
    """Nobody but this process changes anything, and it notices what it changes itself. To read the tags at each
    question was three fifths of the time."""
    settings.VERSION_CHECK_SECONDS = 60


A, B = "amaranth", "borage"
AJAX = {"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"}
REFUSED = (400, 401, 403, 404, 405, 415)
OPEN = {"login", "logout", "jsi18n", "invitation", "security-code", "entrance", "favicon", "live", "ready"}
"""What is there for who is not signed in."""


@pytest.fixture
def theirs(db: None) -> World:
    return world_of(A)


@pytest.fixture
def ours(db: None) -> World:
    return world_of(B)


class Browser:
    """A browser of an account, or of nobody, that signs in again where an address has signed it out."""

    def __init__(self, account: User | None) -> None:
        self.account = account
        self.client = Client(raise_request_exception=False)

    def ready(self) -> Client:
        session = self.client.cookies.get(project.SESSION_COOKIE_NAME)
        if self.account is not None and (session is None or not session.value):
            self.client.force_login(self.account)
        return self.client


def signed_in(account: User) -> Client:
    return Browser(account).ready()


def asked(browser: Browser, address: Address, world: World) -> Iterator[tuple[str, Any]]:
    """(how, answer) of the address asked in each way, with the world's form named where calls take it."""
    for how, response in _answers(browser, address, world):
        yield how, response
        for close in response._resource_closers:  # of a file that was sent; `close()` would end the connection too
            close()
        response.closed = True


def _answers(browser: Browser, address: Address, world: World) -> Iterator[tuple[str, Any]]:
    given = {"custom_form_id": world.form.pk, "flow": world.flow.api_path}
    client = browser.ready
    body = json.dumps({"custom_form_id": world.form.pk, "ids": [world.record_id], "to_user_uid": 1, "form_entity": {}})
    api = address.path.startswith(("/apaas/", "/rest/", "/accounts/"))
    yield "GET", client().get(address.path, follow=True)
    yield "ajax", client().get(address.path, dict(list(given.items())[: 1 if api else 2]), headers=AJAX, follow=True)
    yield "POST", client().post(address.path, {"post": "yes", "name": "x"}, follow=True)
    yield "JSON", client().post(address.path, body, content_type="application/json", headers=AJAX, follow=True)
    if api:
        for method in ("PUT", "DELETE"):
            yield method, client().generic(method, address.path, body, content_type="application/json", headers=AJAX)


def text_of(response: Any) -> str:
    parts = response.streaming_content if response.streaming else [response.content]
    return b"".join(parts).decode(errors="replace")


def named_in(response: Any, word: str, address: Address, known: str = "") -> bool:
    """Whether the answer says the word, apart from the address that was sent and from what is `known`."""
    text = text_of(response).replace(address.path, "")
    return word in (text.replace(known, "") if known else text)


def test_another_organization_is_nowhere(theirs: World, ours: World) -> None:
    """An administrator of one organization, asking for all that another one has."""
    before, wrong, browser = held(), [], Browser(ours.account)
    for address in addresses(theirs):
        for how, response in asked(browser, address, theirs):
            status = response.status_code
            absent = status in REFUSED if address.arguments else status < 500
            if response.get("Content-Type", "").startswith("application/json") and address.path.startswith("/rest/"):
                absent = status == 200  # the ticket API says all in its body
            if address.name in OPEN or "app_label" in address.arguments or address.path.startswith("/apaas/docs/"):
                absent = status < 500
            if not absent or named_in(response, A, address):
                wrong.append((how, address.path, status))
    assert not wrong, "\n".join(map(str, wrong))
    after = held()
    assert {key: row for key, row in before.items() if after.get(key) != row} == {}
    assert [key for key in after.keys() - before.keys() if theirs.organization.pk in after[key][1:]] == []


def test_what_is_another_organizations_can_not_be_chosen(theirs: World, ours: World) -> None:
    """Every form that the administration shows, of new things and of one's own, filled in with the other's things."""
    client, wrong = signed_in(ours.account), []
    before = held()
    for model in admin.site._registry:
        info = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for url in (reverse(f"{info}_add"), reverse(f"{info}_change", args=[ours.key_of(model)])):
            page = client.get(url)
            form = page.context.get("adminform") or page.context.get("form") if page.context else None
            form = getattr(form, "form", form)
            if page.status_code != 200 or form is None:
                continue
            if A in text_of(page):
                wrong.append(("shown", url))
            response = client.post(url, filled_in(form, theirs))
            if A in text_of(response):
                wrong.append(("named", url))
    assert not wrong
    after = held()
    changed = {key: row for key, row in before.items() if after.get(key) != row}
    assert not [key for key, row in changed.items() if theirs.organization.pk == row[-1]]
    assert crossing(theirs, ours) == []


def filled_in(form: Any, world: World) -> dict[str, Any]:
    """Each choice of a thing with the world's, each text with a letter."""
    values: dict[str, Any] = {}
    for name, one in form.fields.items():
        if isinstance(one, forms.ModelMultipleChoiceField):
            values[name] = [world.key_of(one.queryset.model)]
        elif isinstance(one, forms.ModelChoiceField):
            values[name] = world.key_of(one.queryset.model)
        elif isinstance(one, forms.CharField):
            values[name] = "x"
    return values


def crossing(theirs: World, ours: World) -> list[str]:
    """Links from a row of one organization to a row of the other."""
    found = []
    for model in apps.get_app_config("forms_app").get_models(include_auto_created=True):
        if model._meta.model_name in PASSING or not model._meta.managed:
            continue
        relations = [f for f in model._meta.concrete_fields if f.remote_field and path_to(f.related_model)]
        for first in relations:
            for second in relations:
                ends = {
                    f"{first.name}__{path_to(first.related_model)}".rstrip("_"): theirs.organization.pk,
                    f"{second.name}__{path_to(second.related_model)}".rstrip("_"): ours.organization.pk,
                }
                if first is not second and model._base_manager.filter(**ends).exists():
                    found.append(f"{model._meta.label}: {first.name}, {second.name}")
    return found


def path_to(model: Any) -> str:
    """How a row leads to its organization; "" where it does not."""
    if model._meta.model_name == "organization":
        return "pk"
    names = {field.name for field in model._meta.concrete_fields}
    if "organization" in names:
        return "organization"
    return "custom_form__organization" if "custom_form" in names else ""


def test_lists_and_look_ups_name_nothing_of_another_organization(theirs: World, ours: World) -> None:
    """Each list narrowed to the other's things, each look-up of a choice, and the search."""
    client, wrong = signed_in(ours.account), []
    for model in admin.site._registry:
        label, name = model._meta.app_label, model._meta.model_name
        for field in model._meta.get_fields():
            related = field.related_model
            if not isinstance(related, type) or not issubclass(related, Model) or field.auto_created:
                continue
            lookup = {"app_label": label, "model_name": name, "field_name": field.name, "term": ""}
            narrowed = {f"{field.name}__id__exact": theirs.key_of(related)}
            for url, given in (
                (reverse("admin:autocomplete"), lookup),
                (reverse(f"admin:{label}_{name}_changelist"), narrowed),
            ):
                response = client.get(url, given, follow=True)
                if response.status_code >= 500 or A in text_of(response):
                    wrong.append((url, given))
    for url, given in (
        (reverse("admin:search"), {"s": A}),
        (reverse("admin:forms_app_customform_indexes"), {"form": theirs.form.pk}),
        (reverse("admin:forms_app_role_rights"), {"member": theirs.member.pk}),
        (reverse("admin:forms_app_role_add"), {"organization": theirs.organization.pk}),
    ):
        if A in text_of(client.get(url, given, follow=True)).replace(f'value="{A}"', ""):
            wrong.append((url, given))
    assert not wrong, "\n".join(map(str, wrong))


def test_who_has_no_role_sees_and_changes_nothing(theirs: World) -> None:
    """A member of the same organization without any role."""
    account = UserFactory(username="nobody", is_staff=False)
    nobody = without_rights(Member.objects.create(organization=theirs.organization, uid=2, name="nobody", user=account))
    assert not nobody.roles.exists()
    before, wrong, browser = held(), [], Browser(account)
    for address in addresses(theirs):
        for how, response in asked(browser, address, theirs):
            page = response.status_code in (200, 422)
            refused = response.status_code in REFUSED
            if not (refused or page) or named_in(response, A, address, known=theirs.organization.name):
                wrong.append((how, address.path, response.status_code))
    assert not wrong, "\n".join(map(str, wrong))
    after = held()
    assert {key for key in before.keys() | after.keys() if after.get(key) != before.get(key)} == set()


def leave(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(is_active=False)
    tagged.empty_all()


def test_who_has_left_is_a_stranger(theirs: World) -> None:
    """A deactivated member gets what one gets who never signed in, and no token of theirs opens anything."""
    leave(theirs.member)
    before, wrong, left, stranger = held(), [], Browser(theirs.account), Browser(None)
    for address in addresses(theirs):
        pairs = zip(
            asked(left, address, theirs),
            asked(stranger, address, theirs),
            strict=True,
        )
        for (how, response), (_how, strangers) in pairs:
            signs_in = response.redirect_chain if hasattr(response, "redirect_chain") else ()
            asks = any("/admin/login/" in url for url, _status in signs_in)
            refused = response.status_code in REFUSED or address.path.startswith("/rest/")
            same = response.status_code == strangers.status_code
            if not (same and (asks or refused or address.name in OPEN)) or named_in(response, A, address):
                wrong.append((how, address.path, response.status_code))
    assert not wrong, "\n".join(map(str, wrong))
    assert held() == before


def test_a_code_and_a_token_of_who_has_left_open_nothing(theirs: World) -> None:
    leave(theirs.member)
    for token in AccessToken.objects.filter(member=theirs.member):
        assert token.revoked_at is None
    listed = signed_in(theirs.account).get("/apaas/api/v2/custom_apps", headers={"accept": "application/json"})
    assert listed.status_code == 401


def test_the_crawl_knows_every_argument(theirs: World) -> None:
    """It fails at a name that nobody has said what it stands for."""
    routes = {route for route, _name in patterns()}
    assert routes == {address.route for address in addresses(theirs)}
    assert len(routes) > 100
