"""Accounts: made on the member's page, with a link that works once; and nothing lent that one lacks."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse

from forms_app.models import AccessToken, Department, Member, Role
from forms_app.people.invitations import InvitationTokens
from tests.accounts import administrator, linked, only
from tests.factories import UserFactory, make_token

ENGLISH = {"accept-language": "en"}
PASSWORD = "a long enough one 7"


def page(member: Member, name: str = "change") -> str:
    return reverse(f"admin:forms_app_member_{name}", args=[member.pk])


def facts(member: Member) -> dict[str, Any]:
    """What the member's page posts when nobody touches it."""
    return {
        "name": member.name,
        "is_active": "on",
        "roles": [role.pk for role in member.roles.all()],
        "departments": [department.pk for department in member.departments.all()],
    }


@pytest.fixture
def boss_of_people(client: Client, alice: Member) -> Client:
    return linked(client, administrator(alice))


@pytest.fixture
def lesser(client: Client, alice: Member) -> Client:
    """Who manages people and may read, in an organization where Bob is an administrator."""
    linked(client, alice, "people", "read")
    return client


@pytest.fixture
def chief(bob: Member) -> Member:
    return administrator(bob)


def invited(client: Client, member: Member, **values: str) -> str:
    """The link that the page shows once."""
    answer = client.post(page(member, "account"), values)
    assert answer.status_code == 200, answer.context["faults"]
    assert "no-store" in answer["Cache-Control"]
    return str(answer.context["link"])


def set_password(link: str, password: str = PASSWORD) -> Client:
    """Who follows the link and sets a password."""
    owner = Client()
    form = owner.get(link, follow=True)
    address = form.redirect_chain[-1][0] if form.redirect_chain else link
    owner.post(address, {"new_password1": password, "new_password2": password})
    return owner


def signs_in(name: str, password: str) -> bool:
    """Whether the sign-in page lets them in."""
    answer = Client().post(reverse("admin:login"), {"username": name, "password": password, "next": "/admin/"})
    return answer.status_code == 302


def test_four_clicks_lead_from_the_list_to_who_can_sign_in(boss_of_people: Client, bob: Member) -> None:
    reader = Role.objects.create(organization=bob.organization, name="读者")
    add = reverse("admin:forms_app_member_add")
    assert add in boss_of_people.get(reverse("admin:forms_app_member_changelist")).content.decode()  # 1
    assert "读者" in boss_of_people.get(add).content.decode()
    answer = boss_of_people.post(add, {"name": "小红", "is_active": "on", "roles": [reader.pk]})  # 2, 3
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    member = Member.objects.get(name="小红")
    assert answer["Location"] == page(member, "account")
    link = invited(boss_of_people, member, username="xiaohong")  # 4
    owner = set_password(link)
    assert owner.get(reverse("admin:index")).context["member"] == member
    assert list(member.roles.all()) == [reader]
    assert member.organization_id == bob.organization_id
    user = User.objects.get(username="xiaohong")
    assert (user.is_staff, user.is_superuser, user.user_permissions.count()) == (False, False, 0)
    assert signs_in("xiaohong", PASSWORD)


def test_a_link_works_once(boss_of_people: Client, bob: Member) -> None:
    link = invited(boss_of_people, bob, username="bob")
    set_password(link)
    again = set_password(link, "another long one 8")
    assert again.get(reverse("admin:index")).status_code == 302
    assert "does not work any more" in Client().get(link, follow=True, headers=ENGLISH).content.decode()
    assert signs_in("bob", PASSWORD)


def test_a_new_link_ends_the_one_before(boss_of_people: Client, bob: Member) -> None:
    first = invited(boss_of_people, bob, username="bob")
    second = invited(boss_of_people, bob)
    set_password(first)
    assert not signs_in("bob", PASSWORD)
    set_password(second)
    assert signs_in("bob", PASSWORD)


@pytest.mark.parametrize(("seconds", "works"), [(0, True), (1, False)])
def test_a_link_works_for_some_days(
    boss_of_people: Client, bob: Member, monkeypatch: pytest.MonkeyPatch, seconds: int, works: bool
) -> None:
    made = datetime.now().replace(microsecond=0)
    monkeypatch.setattr(InvitationTokens, "_now", lambda self: made)
    link = invited(boss_of_people, bob, username="bob")
    later = made + timedelta(days=7, seconds=seconds)
    monkeypatch.setattr(InvitationTokens, "_now", lambda self: later)
    set_password(link)
    assert signs_in("bob", PASSWORD) is works


def test_a_weak_password_is_refused(boss_of_people: Client, bob: Member) -> None:
    link = invited(boss_of_people, bob, username="bob")
    set_password(link, "12345678")
    assert not signs_in("bob", "12345678")
    set_password(link)
    assert signs_in("bob", PASSWORD)


def test_a_member_who_left_meanwhile_sets_no_password(boss_of_people: Client, bob: Member) -> None:
    link = invited(boss_of_people, bob, username="bob")
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    set_password(link)
    bob.refresh_from_db()
    assert bob.user is not None and not bob.user.has_usable_password()


def test_a_link_is_mailed_where_mail_is_set_up(boss_of_people: Client, bob: Member, settings: Any) -> None:
    link = invited(boss_of_people, bob, username="bob", email="bob@example.com")
    assert mail.outbox == []
    settings.EMAIL_HOST = "mail.example.com"
    link = invited(boss_of_people, bob)
    (sent,) = mail.outbox
    assert sent.to == ["bob@example.com"] and link in sent.body


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"username": "TAKEN"}, "username"),
        ({"username": "a", "email": "nobody"}, "email"),
    ],
)
def test_what_can_be_no_account_is_refused_beside_it(
    boss_of_people: Client, bob: Member, values: dict[str, str], field: str
) -> None:
    UserFactory(username="taken")
    answer = boss_of_people.post(page(bob, "account"), values)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    bob.refresh_from_db()
    assert bob.user is None


# --- Nothing is lent that one lacks ------------------------------------------------------------------------------


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
