"""Accounts: made on the member's page, with a link that works once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse

from forms_app.models import Member, Role
from forms_app.people.invitations import InvitationTokens
from tests.accounts import administrator, linked
from tests.factories import UserFactory

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
