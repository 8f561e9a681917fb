"""Who calls: access tokens in two headers, and in a browser the member behind an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from apaas import authentication
from forms_app.caching import tags
from forms_app.models import AccessToken, CacheVersion, CustomForm, Member
from forms_app.people.tokens import token_revoke
from tests.apaas.conftest import API, Api, address, parsed
from tests.factories import UserFactory, make_token

JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


@pytest.fixture
def held(alice: Member) -> tuple[AccessToken, str]:
    return make_token(alice)


def status(token: str | None = None, **headers: str) -> int:
    return Api(token).call("GET", "custom_apps", **headers).status_code


def test_both_headers_are_taken_with_or_without_quotes_and_other_parts(held: tuple[AccessToken, str]) -> None:
    token = held[1]
    assert status(token) == 200
    assert status(f"  {token} ") == 200
    for header in (
        f"Token token={token}",
        f'Token token="{token}"',
        f"Token token='{token}'",
        f"token token={token}, device=pc",
        f'Token device="web",token="{token}",version_code=9.9.9',
        f"Token user-token=other, token={token}",
        f"TOKEN   token = {token}; device=pc",
    ):
        assert status(HTTP_AUTHORIZATION=header) == 200, header


def test_a_bearer_is_read_like_an_access_token(held: tuple[AccessToken, str]) -> None:
    token = held[1]
    for header in (f"Bearer {token}", f"bearer {token}", f"BEARER   {token} "):
        assert status(HTTP_AUTHORIZATION=header) == 200, header
    assert status("wrong", HTTP_AUTHORIZATION=f"Bearer {token}") == 401


def test_anything_else_is_not_authenticated(held: tuple[AccessToken, str], form: CustomForm) -> None:
    token = held[1]
    for headers in (
        {},
        {"HTTP_ACCESS_TOKEN": ""},
        {"HTTP_ACCESS_TOKEN": token[:-1]},
        {"HTTP_ACCESS_TOKEN": token + "x"},
        {"HTTP_ACCESS_TOKEN": token.upper()},
        {"HTTP_ACCESS_TOKEN": "x" * 100_000},
        {"HTTP_ACCESS_TOKEN": "\xff\x00'; --"},
        {"HTTP_ACCESS_TOKEN": "nope", "HTTP_AUTHORIZATION": f"Token token={token}"},
        {"HTTP_AUTHORIZATION": "Bearer"},
        {"HTTP_AUTHORIZATION": "Bearer "},
        {"HTTP_AUTHORIZATION": f"Bearer{token}"},
        {"HTTP_AUTHORIZATION": f"Bearer {token}x"},
        {"HTTP_AUTHORIZATION": f"Bearer {token}, device=pc"},
        {"HTTP_AUTHORIZATION": f"Bearer token={token}"},
        {"HTTP_AUTHORIZATION": f"Token {token}"},
        {"HTTP_AUTHORIZATION": token},
        {"HTTP_AUTHORIZATION": "Token token="},
        {"HTTP_AUTHORIZATION": f"Token mytoken={token}"},
        {"HTTP_AUTHORIZATION": "Basic YTpi"},
    ):
        for path in ("custom_apps", address(form), "nowhere", "form_entities/0"):
            response = Api(None).call("GET", path, **headers)
            answer = parsed(response)
            assert (response.status_code, answer["code"]) == (401, 100401), headers
            assert response["WWW-Authenticate"] == 'Token realm="apaas", Bearer realm="apaas"'
            assert answer["errors"] == []


def test_a_token_in_the_query_string_or_the_body_is_none(held: tuple[AccessToken, str]) -> None:
    response = Api(None).call("GET", f"custom_apps?ACCESS-TOKEN={held[1]}&token={held[1]}", {"access_token": held[1]})
    assert response.status_code == 401


def test_expired_revoked_and_of_someone_inactive_are_all_alike(alice: Member, bob: Member) -> None:
    row, token = make_token(alice, expires_at=timezone.now() + timedelta(hours=1))
    assert status(token) == 200
    row.expires_at = timezone.now() - timedelta(seconds=1)
    row.save()
    assert status(token) == 401
    row, token = make_token(alice)
    assert status(token) == 200
    token_revoke(access_token=row)
    assert status(token) == 401
    _row, token = make_token(bob)
    assert status(token) == 200
    bob.is_active = False
    bob.save()
    assert status(token) == 401


def test_a_token_expires_though_it_is_remembered(alice: Member, settings: Settings) -> None:
    settings.VERSION_CHECK_SECONDS = 60
    _row, token = make_token(alice, expires_at=timezone.now() + timedelta(hours=1))
    assert status(token) == 200
    for known in authentication._tokens.current().values():
        known.expires_at = timezone.now()
    assert status(token) == 401


def test_a_token_that_is_revoked_while_it_is_looked_up_is_not_remembered(
    held: tuple[AccessToken, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row, token = held
    looked_up = authentication.looked_up

    def slowly(key: str) -> authentication.KnownToken | None:
        found = looked_up(key)
        if found is None:  # the other token, below
            return None
        token_revoke(access_token=row)  # by another thread, which forgets what was remembered
        tags.read_anew()
        Api(None).call("GET", "custom_apps", HTTP_ACCESS_TOKEN="another")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(authentication, "looked_up", slowly)
        status(token)
    assert status(token) == 401


def test_a_change_by_another_process_is_seen_once_the_versions_are_read_again(
    alice: Member, form: CustomForm, other_form: CustomForm, settings: Settings
) -> None:
    settings.VERSION_CHECK_SECONDS = 60
    row, token = make_token(alice)
    api = Api(token)
    tags.read_anew()
    assert api.ok("GET", address(other_form))["models"] == []
    # What another process does, is seen in the database alone.
    AccessToken.objects.filter(pk=row.pk).update(verbs=["read"], restricted=True)
    AccessToken.custom_forms.through.objects.bulk_create(
        [AccessToken.custom_forms.through(accesstoken_id=row.pk, customform_id=form.pk)]
    )
    CacheVersion.objects.update(tokens=tags.new_tag())
    assert api.ok("POST", address(form), {"form_entity": {}})
    assert api.ok("GET", address(other_form))["models"] == []
    settings.VERSION_CHECK_SECONDS = 0
    api.refused("GET", address(other_form), status=404)
    api.refused("POST", address(form), {"form_entity": {}}, status=403)


def test_a_token_that_loses_its_last_form_sees_none(alice: Member, form: CustomForm, other_form: CustomForm) -> None:
    row, token = make_token(alice, custom_forms=[form])
    row.custom_forms.clear()
    assert Api(token).ok("GET", "custom_forms")["models"] == []
    Api(token).refused("GET", address(other_form), status=404)


def test_a_warm_token_costs_no_statement_of_its_own(
    held: tuple[AccessToken, str], settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.VERSION_CHECK_SECONDS = 60
    api = Api(held[1])
    api.ok("GET", "custom_apps")
    with django_assert_num_queries(2):
        api.ok("GET", "custom_apps")


def test_last_use_is_written_at_most_once_a_minute(held: tuple[AccessToken, str]) -> None:
    row, token = held
    assert row.last_used_at is None
    assert status(token) == 200
    row.refresh_from_db()
    first = row.last_used_at
    assert first is not None
    assert status(token) == 200
    row.refresh_from_db()
    assert row.last_used_at == first
    earlier = first - timedelta(seconds=61)
    AccessToken.objects.filter(pk=row.pk).update(last_used_at=earlier)
    next(iter(authentication._tokens.current().values())).seen_at = earlier
    assert status(token) == 200
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert row.last_used_at > earlier


def signed_in(member: Member | None, *, checks: bool = False, **kwargs: Any) -> Client:
    user = UserFactory(**kwargs)
    if member is not None:
        member.user = user
        member.save()
    client = Client(enforce_csrf_checks=checks, raise_request_exception=False)
    client.force_login(user)
    return client


def test_a_member_signed_in_to_the_admin_acts_as_themself(alice: Member, bob: Member, form: CustomForm) -> None:
    client = signed_in(bob)
    response = client.get(API + address(form, scope="mine"))
    assert response.status_code == 200
    body = b'{"form_entity":{"title":"x"}}'
    response = client.post(API + address(form), body, content_type="application/json", HTTP_ACCEPT="application/json")
    assert parsed(response)["data"]["user"]["uid"] == bob.uid


def test_who_is_no_member_or_inactive_is_nobody(alice: Member, bob: Member, charlie: Member) -> None:
    for client in (
        signed_in(None),
        signed_in(None, is_superuser=True),
    ):
        assert client.get(API + "custom_apps").status_code == 401
    bob.is_active = False
    assert signed_in(bob).get(API + "custom_apps").status_code == 401
    assert signed_in(alice, is_staff=False).get(API + "custom_apps").status_code == 200  # members need be no staff
    charlies = signed_in(charlie)
    assert charlies.get(API + "custom_apps").status_code == 200


def test_a_session_writes_only_with_a_csrf_token(bob: Member, form: CustomForm) -> None:
    client = signed_in(bob, checks=True)
    path = API + address(form)
    body = b'{"form_entity":{"title":"x"}}'
    assert client.get(path).status_code == 200
    for headers in ({}, {"HTTP_X_CSRFTOKEN": "x" * 32}):
        for method in ("POST", "PUT", "DELETE"):
            response = client.generic(method, path, body, content_type="application/json", **headers)
            answer = parsed(response)
            assert (response.status_code, answer["code"]) == (403, 100403)
    token = "a" * 32
    client.cookies["csrftoken"] = token
    response = client.post(path, body, content_type="application/json", HTTP_X_CSRFTOKEN=token)
    assert parsed(response)["data"]["title"] == "x"


def test_a_form_post_of_a_session_is_refused_and_not_ignored(bob: Member, form: CustomForm) -> None:
    client = signed_in(bob)
    response = client.post(API + address(form), {"form_entity": "{}"}, HTTP_ACCEPT="application/json")
    assert response.status_code == 415
    response = client.post(
        API + address(form, **{"form_entity[title]": "x"}),
        "a=b",
        content_type="application/x-www-form-urlencoded",
        HTTP_ACCEPT="application/json",
    )
    assert response.status_code == 415


def test_a_token_beats_the_session_and_needs_no_csrf(alice: Member, bob: Member, form: CustomForm) -> None:
    client = signed_in(bob, checks=True)
    headers = {"HTTP_ACCESS_TOKEN": make_token(alice)[1]}
    response = client.post(API + address(form), b'{"form_entity":{}}', content_type="application/json", **headers)
    assert parsed(response)["data"]["user"]["uid"] == alice.uid
    assert client.get(API + "custom_apps", HTTP_ACCESS_TOKEN="wrong").status_code == 401


def test_html_is_for_a_browser_that_is_signed_in_and_sends_no_token(
    alice: Member, bob: Member, form: CustomForm
) -> None:
    client, token = signed_in(bob), make_token(alice)[1]
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    for accept in (browser, JAVA):
        page = client.get(API + address(form), HTTP_ACCEPT=accept)
        assert page["Content-Type"].startswith("text/html")
        assert Api(token).call("GET", address(form), HTTP_ACCEPT=accept)["Content-Type"] == "application/json"
        assert Api(None).call("GET", address(form), HTTP_ACCEPT=accept)["Content-Type"] == "application/json"
        told = client.get(API + address(form), HTTP_ACCEPT=accept, HTTP_ACCESS_TOKEN=token)
        assert told["Content-Type"] == "application/json"
    for accept in ("", "*/*", "application/json", "application/xml", "image/png", "nonsense", "text/plain;q=0"):
        assert client.get(API + address(form), HTTP_ACCEPT=accept)["Content-Type"] == "application/json", accept
