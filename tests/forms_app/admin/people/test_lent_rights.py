"""Who manages people lends nothing that they lack: no account, link, role, department or token."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from forms_app.models import AccessToken, Department, Member, Role
from tests.accounts import administrator, linked, only
from tests.factories import UserFactory, make_token
from tests.forms_app.admin.people.test_accounts_admin import ENGLISH, PASSWORD, facts, page


@pytest.fixture
def lesser(client: Client, alice: Member) -> Client:
    """Who manages people and may read, in an organization where Bob is an administrator."""
    linked(client, alice, "people", "read")
    return client


@pytest.fixture
def chief(bob: Member) -> Member:
    return administrator(bob)


def test_the_account_of_who_may_more_is_not_made(lesser: Client, chief: Member) -> None:
    assert "more rights" in lesser.get(page(chief, "account"), headers=ENGLISH).content.decode()
    assert lesser.post(page(chief, "account"), {"username": "chief"}).status_code == 422
    chief.refresh_from_db()
    assert chief.user is None


def test_nor_given_a_new_link_or_password_or_other_facts(lesser: Client, chief: Member) -> None:
    chief.user = UserFactory(username="chief", email="a@example.com")
    chief.user.set_password(PASSWORD)
    chief.user.save()
    chief.save()
    assert lesser.post(page(chief, "account")).status_code == 422
    change = reverse("admin:auth_user_change", args=[chief.user.pk])
    password = reverse("admin:auth_user_password_change", args=[chief.user.pk])
    new = "quite another 9"
    sent = {"usable_password": "true", "password1": new, "password2": new, "username": "me", "email": "me@example.com"}
    for url in (change, password):
        assert lesser.post(url, sent).status_code == 403
    user = User.objects.get(pk=chief.user.pk)
    assert user.check_password(PASSWORD) and user.email == "a@example.com"


def test_nobody_makes_an_account_more_than_an_account(lesser: Client, bob: Member) -> None:
    bob.user = UserFactory(username="bob", is_staff=False)
    bob.save()
    url = reverse("admin:auth_user_change", args=[bob.user.pk])
    text = lesser.get(url).content.decode()
    sent = {"username": "bob2", "is_active": "on", "is_staff": "on", "is_superuser": "on", "groups": ["1"]}
    assert lesser.post(url, {**sent, "user_permissions": ["1"]}).status_code == 302
    user = User.objects.get(pk=bob.user.pk)
    assert user.username == "bob2"
    assert (user.is_staff, user.is_superuser, user.groups.count(), user.user_permissions.count()) == (
        False,
        False,
        0,
        0,
    )
    for name in ("is_staff", "is_superuser", "groups", "user_permissions"):
        assert f'name="{name}"' not in text
    assert lesser.post(reverse("admin:auth_user_add")).status_code == 403


def test_an_account_is_not_linked_to_another_member(lesser: Client, alice: Member, chief: Member) -> None:
    assert alice.user is not None
    answer = lesser.post(page(chief), {**facts(chief), "user": alice.user.pk})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    chief.refresh_from_db()
    assert chief.user is None
    assert 'name="user"' not in lesser.get(page(chief)).content.decode()


def test_what_other_systems_know_somebody_by_is_not_changed(lesser: Client, chief: Member) -> None:
    answer = lesser.post(page(chief), {**facts(chief), "third_userid": "mine"})
    assert list(answer.context["adminform"].form.errors) == ["third_userid"]


def test_nobody_gives_themselves_a_role(lesser: Client, alice: Member) -> None:
    more = Role.objects.get(organization=alice.organization, name="管理员")
    answer = lesser.post(page(alice), {**facts(alice), "roles": [*facts(alice)["roles"], more.pk]})
    assert list(answer.context["adminform"].form.errors) == ["roles"]
    assert not more.members.exists()


def test_a_role_that_gives_more_is_not_taken_away(lesser: Client, chief: Member) -> None:
    answer = lesser.post(page(chief), {**facts(chief), "roles": []})
    assert list(answer.context["adminform"].form.errors) == ["roles"]
    assert chief.roles.count() == 1


def test_nobody_comes_into_a_department_whose_role_gives_more(
    lesser: Client, alice: Member, bob: Member, people: dict[int, Member]
) -> None:
    Role.objects.get(organization=alice.organization, name="管理员").departments.add(Department.objects.get(did=3))
    for member in (alice, bob):
        sent = {**facts(member), "departments": [Department.objects.get(did=4).pk]}
        answer = lesser.post(page(member), sent)
        assert list(answer.context["adminform"].form.errors) == ["departments"], member
        sent["departments"] = [Department.objects.get(did=1).pk]
        assert lesser.post(page(member), sent).status_code == 302
    assert Department.objects.get(did=1).parent is None
    other = Department.objects.create(organization=alice.organization, did=9, name="九")
    bob.departments.set([other])
    url = reverse("admin:forms_app_department_change", args=[other.pk])
    answer = lesser.post(url, {"name": "九", "parent": Department.objects.get(did=3).pk})
    assert list(answer.context["adminform"].form.errors) == ["parent"]


def test_rows_of_a_department_are_no_way_to_those_of_another(client: Client, people: dict[int, Member]) -> None:
    linked(client, people[4])
    only(people[4], {"verbs": ["people"]}, {"verbs": ["read"], "rows": "department_below"})
    sent = {**facts(people[4]), "departments": [Department.objects.get(organization=people[4].organization, did=1).pk]}
    answer = client.post(page(people[4]), sent)
    assert list(answer.context["adminform"].form.errors) == ["departments"]


def test_no_token_is_made_for_who_may_more(lesser: Client, chief: Member) -> None:
    add = reverse("admin:forms_app_accesstoken_add")
    answer = lesser.post(add, {"member": chief.pk, "name": "x"})
    assert answer.status_code == 200 and answer.context["adminform"].form.non_field_errors()
    assert not AccessToken.objects.exists()
    assert "apaas_" in lesser.post(add, {"member": chief.pk, "name": "x", "verbs": ["read"]}).content.decode()


def test_no_token_is_widened_beyond_ones_own_rights(lesser: Client, chief: Member) -> None:
    row, _token = make_token(chief, verbs=["read"])
    url = reverse("admin:forms_app_accesstoken_change", args=[row.pk])
    answer = lesser.post(url, {"name": "test", "verbs": ["read", "destroy"]})
    assert answer.context["adminform"].form.non_field_errors()
    row.refresh_from_db()
    assert row.verbs == ["read"]
    full, _token = make_token(chief)
    url = reverse("admin:forms_app_accesstoken_change", args=[full.pk])
    (button,) = re.findall(r'name="(\w*revoke)"', lesser.get(url).content.decode())
    assert lesser.post(url, {"name": "test", button: "1"}).status_code == 302
    full.refresh_from_db()
    assert full.revoked_at


def test_a_superuser_that_is_a_member_is_only_that_member(client: Client, alice: Member, charlie: Member) -> None:
    linked(client, alice, is_superuser=True)
    for name in ("organization", "region", "storedfile", "member", "customform"):
        assert client.get(reverse(f"admin:forms_app_{name}_changelist")).status_code == 403, name
    administrator(alice)
    listed = client.get(reverse("admin:forms_app_member_changelist")).content.decode()
    assert charlie.name not in listed and alice.name in listed


def test_permissions_of_django_give_a_member_nothing(client: Client, alice: Member) -> None:
    from django.contrib.auth.models import Permission  # nowhere else in this suite

    linked(client, alice)
    assert alice.user is not None
    alice.user.user_permissions.set(Permission.objects.all())
    for name in ("accesstoken", "member", "customform", "region"):
        assert client.get(reverse(f"admin:forms_app_{name}_changelist")).status_code == 403, name
    assert not User.objects.get(pk=alice.user.pk).has_perm("forms_app.change_member")
