"""The page by which a member leaves: it says what goes to whom and what ends, and does it as the API does."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from forms_app.admin.people import leaving_page
from forms_app.exceptions import Fault, Refused
from forms_app.models import AccessToken, CustomForm, FormEntity, Member, TicketToken
from forms_app.people.security_codes import security_code_issue
from forms_app.staff import belongings, leaving
from tests.accounts import administrator, linked
from tests.apaas.tickets.conftest import Desk
from tests.factories import UserFactory, make_entity, make_token
from tests.flows import definition, make_flow

ENGLISH = {"accept-language": "en"}


def url(member: Member, page: str = "leave") -> str:
    return reverse(f"admin:forms_app_member_{page}", args=[member.pk])


def owners(form: CustomForm) -> list[int]:
    return list(FormEntity.objects.of_form(form.pk).order_by("id").values_list("owner_uid", flat=True))


@pytest.fixture
def boss_of_people(client: Client, alice: Member) -> Client:
    return linked(client, administrator(alice))


@pytest.fixture
def leaver(bob: Member) -> Member:
    """Bob with an account."""
    bob.user = UserFactory(username="bob")
    bob.save()
    return bob


def waiting(form: CustomForm, leaver: Member) -> None:
    """A stage that waits for the leaver by name."""
    desk = Desk(make_token(leaver)[1], make_flow(form, definition("start > review > end"), name="请假").api_path)
    desk.create()
    TicketToken.objects.of_form(form.pk).update(anyone=False, member_uids=[leaver.uid])


def test_the_page_says_what_is_handed_over_and_what_ends(
    boss_of_people: Client, leaver: Member, alice: Member, form: CustomForm
) -> None:
    for owner in (leaver, leaver, alice):
        make_entity(form, owner, title="x")
    waiting(form, leaver)
    make_token(leaver)
    security_code_issue(user=leaver.user)
    assert url(leaver) in boss_of_people.get(url(leaver, "change")).content.decode()
    text = boss_of_people.get(url(leaver), headers=ENGLISH).content.decode()
    assert "3 records" in text  # two, and the ticket's
    assert "请假: 1 stage waits" in text
    assert "2 access tokens" in text and "1 security code" in text
    assert "The account bob:" in text


def test_what_is_theirs_goes_to_the_successor(
    boss_of_people: Client, leaver: Member, alice: Member, form: CustomForm
) -> None:
    make_entity(form, leaver, title="x")
    waiting(form, leaver)
    answer = boss_of_people.post(url(leaver), {"successor": alice.pk}, follow=True, headers=ENGLISH)
    assert answer.redirect_chain == [(url(leaver, "change"), 302)]
    said = [str(message) for message in answer.context["messages"]]
    assert said == [
        "member 2 has left and can't sign in any more.",
        "Ended: 1 access token.",
        "member 1 has taken over 2 records and 1 stage.",
    ]
    assert owners(form) == [1, 1]
    assert list(TicketToken.objects.of_form(form.pk).values_list("member_uids", flat=True)) == [[1]]
    leaver.refresh_from_db()
    assert not leaver.is_active
    assert not User.objects.get(username="bob").is_active
    assert not AccessToken.objects.filter(member=leaver, revoked_at=None).exists()


def test_while_stages_wait_there_must_be_a_successor(boss_of_people: Client, leaver: Member, form: CustomForm) -> None:
    waiting(form, leaver)
    answer = boss_of_people.post(url(leaver), {}, headers=ENGLISH)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"successor": ["Stages wait for this member. Choose who takes them over."]}
    leaver.refresh_from_db()
    assert leaver.is_active


def test_where_nothing_waits_nobody_need_take_over(boss_of_people: Client, leaver: Member, form: CustomForm) -> None:
    make_entity(form, leaver, title="x")
    assert boss_of_people.post(url(leaver), {}).status_code == 302
    leaver.refresh_from_db()
    assert not leaver.is_active
    assert owners(form) == [2]


def test_a_large_organization_is_not_counted_and_hands_over_in_the_background(
    boss_of_people: Client, leaver: Member, alice: Member, form: CustomForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entity(form, leaver, title="x")
    monkeypatch.setattr(belongings, "MOST_COUNTED", 0)
    monkeypatch.setattr(leaving, "INLINE", 0)
    text = boss_of_people.get(url(leaver), headers=ENGLISH).content.decode()
    assert "too many in this organization to count" in text and "in the background" in text
    answer = boss_of_people.post(url(leaver), {"successor": alice.pk}, follow=True, headers=ENGLISH)
    assert "go to member 1 in the background" in answer.content.decode()
    assert owners(form) == [2]


def test_nobody_else_of_another_organization_leaves_or_takes_over(
    boss_of_people: Client, leaver: Member, people: dict[int, Member], charlie: Member
) -> None:
    assert boss_of_people.get(url(charlie)).status_code == 404
    assert boss_of_people.post(url(charlie), {}).status_code == 404
    Member.objects.filter(pk=people[3].pk).update(is_active=False)
    for successor in (charlie, people[3], leaver):
        answer = boss_of_people.post(url(leaver), {"successor": successor.pk}, headers=ENGLISH)
        assert answer.context["form"].errors == {"successor": ["Choose an active member of the same organization."]}
    assert Member.objects.filter(is_active=True, pk__in=[leaver.pk, charlie.pk]).count() == 2


def test_who_does_not_manage_people_lets_nobody_leave(client: Client, alice: Member, leaver: Member) -> None:
    linked(client, alice, "read", "design")
    assert client.get(url(leaver)).status_code == 403
    assert client.post(url(leaver), {}).status_code == 403
    leaver.refresh_from_db()
    assert leaver.is_active


def test_who_may_do_less_than_the_leaver_hands_nothing_over(client: Client, alice: Member, leaver: Member) -> None:
    linked(client, alice, "people", "read")
    administrator(leaver)
    assert client.get(url(leaver)).context["lacking"]
    answer = client.post(url(leaver), {"successor": alice.pk}, headers=ENGLISH)
    assert answer.context["form"].errors == {
        "successor": ["This member may do more than you, so you can't hand over what is theirs."]
    }
    leaver.refresh_from_db()
    assert leaver.is_active


def test_what_the_function_refuses_stands_on_the_page(
    boss_of_people: Client, leaver: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_given: Any) -> None:
        raise Refused([Fault("last_administrator", "Somebody must stay.")])

    monkeypatch.setattr(leaving_page, "member_leave", refuse)
    answer = boss_of_people.post(url(leaver), {})
    assert answer.status_code == 422
    assert answer.context["faults"] == ["Somebody must stay."]
    assert "Somebody must stay." in answer.content.decode()


def test_who_leaves_by_their_own_hand_is_told_that_they_are_signed_out(boss_of_people: Client, alice: Member) -> None:
    administrator(Member.objects.get(organization=alice.organization, uid=3))
    assert "you will be signed out" in boss_of_people.get(url(alice), headers=ENGLISH).content.decode()
    assert boss_of_people.post(url(alice), {}).status_code == 302
    assert "/admin/login/" in boss_of_people.get(reverse("admin:index"))["Location"]


@pytest.mark.parametrize("operator", [False, True])
def test_the_box_looks_up_who_stays_in_the_organization(
    client: Client, boss_of_people: Client, admin: Client, leaver: Member, charlie: Member, operator: bool
) -> None:
    Member.objects.filter(organization=leaver.organization, uid=3).update(is_active=False)
    asker = admin if operator else boss_of_people
    look_up = {"app_label": "forms_app", "model_name": "accesstoken", "field_name": "member", "term": ""}
    found = asker.get(reverse("admin:autocomplete"), {**look_up, "leaver": leaver.pk}).json()["results"]
    assert [each["text"] for each in found] == ["member 1 #1", "member 4 #4"]
    other = asker.get(reverse("admin:autocomplete"), {**look_up, "leaver": charlie.pk}).json()["results"]
    assert other == []  # a stranger to the one, without colleagues to the other
    every = asker.get(reverse("admin:autocomplete"), look_up).json()["results"]
    assert ("Charlie #1" in [each["text"] for each in every]) == operator
