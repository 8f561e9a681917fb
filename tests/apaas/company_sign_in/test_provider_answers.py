"""What goes to the provider and what comes back from it: answers that are not meant for this browser open nothing."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from django.test import Client
from pytest_django import Settings

from apaas.company_sign_in import provider
from forms_app.models import Member
from tests.apaas.company_sign_in.conftest import BACKENDS, account_of, agreed, asked, signs_in
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.urls("tests.apaas.company_sign_in.urls")]


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
