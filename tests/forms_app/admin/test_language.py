"""The choice of a language: kept with the member who is signed in, else in the browser."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from forms_app.models import Member
from tests.accounts import linked

CHOOSE, START, SIGN_IN = reverse("set_language"), reverse("admin:index"), reverse("admin:login")
TAIWANESE, ENGLISH = {"accept-language": "zh-TW"}, {"accept-language": "en"}


def language_of(client: Client, path: str = START) -> str:
    return str(client.get(path, headers=ENGLISH)["Content-Language"])


def test_a_member_keeps_it_in_every_browser(client: Client, alice: Member) -> None:
    linked(client, alice)
    assert language_of(client) == "en"
    answer = client.post(CHOOSE, {"language": "zh-hant", "next": START})
    assert (answer.status_code, answer["Location"]) == (302, START)
    alice.refresh_from_db()
    assert alice.language == "zh-hant"
    assert alice.user is not None
    elsewhere = Client()
    elsewhere.force_login(alice.user)
    assert language_of(elsewhere) == "zh-hant"
    assert "我的表單" in elsewhere.get(START, headers=ENGLISH).content.decode()


def test_an_account_s_choice_goes_before_the_browser_s(client: Client, alice: Member) -> None:
    linked(client, alice)
    Member.objects.filter(pk=alice.pk).update(language="zh-hant")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    assert language_of(client) == "zh-hant"


def test_who_has_no_member_keeps_it_in_the_browser(admin: Client) -> None:
    admin.post(CHOOSE, {"language": "zh-hant", "next": START})
    assert language_of(admin) == "zh-hant"
    assert int(admin.cookies[settings.LANGUAGE_COOKIE_NAME]["max-age"]) > 300 * 86_400


def test_it_is_chosen_before_signing_in(client: Client, db: None) -> None:
    text = client.get(SIGN_IN, headers=TAIWANESE).content.decode()
    assert "登入名稱" in text and "简体中文" in text and "English" in text
    client.post(CHOOSE, {"language": "zh-hans", "next": SIGN_IN})
    assert language_of(client, SIGN_IN) == "zh-hans"


@pytest.mark.parametrize("language", ["", "fr", "zh", "x" * 999])
def test_a_language_that_the_product_lacks_is_refused(client: Client, alice: Member, language: str) -> None:
    linked(client, alice)
    assert client.post(CHOOSE, {"language": language, "next": START}).status_code == 400
    alice.refresh_from_db()
    assert alice.language == ""


def test_a_language_that_is_gone_is_not_spoken(client: Client, alice: Member) -> None:
    linked(client, alice)
    Member.objects.filter(pk=alice.pk).update(language="fr")
    assert language_of(client) == "en"


def test_the_way_back_leads_to_no_other_site(client: Client, db: None) -> None:
    answer = client.post(CHOOSE, {"language": "en", "next": "https://example.com/"})
    assert answer["Location"] == "/"
    assert client.get(CHOOSE).status_code == 405
