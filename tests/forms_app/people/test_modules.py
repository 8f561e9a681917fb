"""Which parts of the administration an account is shown: those with something on which it has a permission."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from forms_app.caching import tags
from forms_app.database.cursor import fetch
from forms_app.models import CustomForm, Member
from forms_app.people.accounts import VERBS, has_module, has_permission
from tests.accounts import administrator, linked, only, without_rights
from tests.factories import UserFactory, make_form

LABELS = ("forms_app", "auth", "axes", "admin")


def by_permissions(user: Any, label: str) -> bool:
    return any(has_permission(user, one) for one in VERBS if one.startswith(f"{label}."))


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"title": "text_field"})


@pytest.mark.parametrize(
    ("verbs", "shown"),
    [
        ([], set()),
        (["read", "create", "update", "delete", "transfer"], set()),
        (["design"], {"forms_app"}),
        (["people"], {"forms_app", "auth"}),
        (["read", "design", "people"], {"forms_app", "auth"}),
    ],
)
@pytest.mark.parametrize("on_form", [False, True])
def test_a_part_is_shown_to_who_has_a_permission_in_it(
    alice: Member, form: CustomForm, verbs: list[str], shown: set[str], on_form: bool
) -> None:
    linked(Client(), alice)
    only(alice, {"verbs": verbs, "custom_form": form if on_form else None})
    assert {label for label in LABELS if has_module(alice.user, label)} == shown
    assert {label for label in LABELS if by_permissions(alice.user, label)} == shown


def test_an_operator_is_shown_all_and_who_left_or_is_nobody_nothing(alice: Member) -> None:
    linked(Client(), administrator(alice))
    assert has_module(alice.user, "auth")
    alice.user.member.is_active = False
    nobody = UserFactory(is_staff=True)
    operator = UserFactory(is_superuser=True)
    for label in LABELS:
        assert [has_module(user, label) for user in (operator, alice.user, nobody)] == [True, False, False]
        assert by_permissions(alice.user, label) is by_permissions(nobody, label) is False


@pytest.mark.parametrize("rights", [administrator, without_rights])
def test_a_page_looks_seldom_whether_the_roles_have_changed(
    alice: Member, rights: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = linked(Client(), rights(alice))
    readings: list[str] = []

    def read(sql: str, values: Any) -> Any:
        readings.append(sql)
        return fetch(sql, values)

    monkeypatch.setattr(tags, "fetch", read)
    assert client.get(reverse("admin:index")).status_code == 200
    assert 0 < len(readings) < 200
