"""Tickets and rights: who opens, queries and pushes, and that a stage is a right by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forms_app.models import CustomApp, CustomForm, Flow, FormEntity, Grant, Member, Role
from forms_app.people.rights import RECORD_VERBS
from tests.apaas.tickets.conftest import Desk, reason, value
from tests.factories import add_field, make_entity, make_form, make_token
from tests.flows import definition, make_flow
from tests.seeds import ticket_document as document

FIELDS = {"title": "text_field", "amount": "float_field", "secret": "text_field"}


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, FIELDS)


@pytest.fixture
def flow(form: CustomForm) -> Flow:
    """Waits at review, which member 3 may push and which shows all fields."""
    review = {"assignees": {"members": [3]}}
    return make_flow(form, definition("start > review > end", review=review), api_path="asks")


@pytest.fixture
def roles(people: dict[int, Member], form: CustomForm) -> dict[int, Member]:
    """No role gives anybody anything, but member 1 everything."""
    organization = people[1].organization
    Grant.objects.filter(role__organization=organization).delete()
    give(people[1], *RECORD_VERBS)
    return people


def give(member: Member, *verbs: str, **grant: Any) -> Desk:
    role = Role.objects.create(organization=member.organization, name=f"role {Role.objects.count()}")
    role.members.add(member)
    Grant.objects.create(role=role, verbs=list(verbs), **grant)
    return desk(member)


def desk(member: Member) -> Desk:
    return Desk(make_token(member)[1], "asks")


@pytest.fixture
def number(roles: dict[int, Member], flow: Flow) -> str:
    """A ticket that member 1 opened."""
    return desk(roles[1]).create([value("title", "a"), value("secret", "s")])


def test_a_flow_of_a_form_that_does_not_exist_for_one_does_not_exist(roles: dict[int, Member], flow: Flow) -> None:
    stranger = desk(roles[2])
    assert reason(stranger.open([value("title", "a")]), document.CREATE_FAILED) == reason(
        stranger.at("nothing").open([value("title", "a")]), document.CREATE_FAILED
    )
    assert reason(stranger.query("1"), document.QUERY_FAILED)
    assert FormEntity.objects.count() == 0


def test_opening_asks_for_create_and_writes_what_one_may_write(roles: dict[int, Member], flow: Flow) -> None:
    assert "create" not in reason(give(roles[2], "read").open([value("title", "a")]), document.CREATE_FAILED)
    opener = give(roles[2], "create", hidden=["secret"], read_only=["amount"], custom_form=flow.custom_form)
    for name in ("secret", "amount"):
        reason(opener.open([value(name, "1")]), document.CREATE_FAILED)
    assert FormEntity.objects.count() == 0
    opener.create([value("title", "a")])
    assert FormEntity.objects.get().data == {"title": "a"}


def test_a_ticket_out_of_reach_is_one_that_never_was(number: str, roles: dict[int, Member]) -> None:
    reader = give(roles[2], "read", rows="own")
    assert reader.query(number) == reader.query("999") == document.said(document.QUERIED, result=[])
    stage = next(iter(desk(roles[1]).stages(number).values()))
    mine, nobody_s = (reason(reader.push(one), document.PUSH_FAILED) for one in (stage, str(2**40)))
    assert mine == nobody_s
    mine, nobody_s = (
        reason(reader.push(one, data_no=number), document.PUSH_FAILED).replace(one, "#") for one in (stage, str(2**40))
    )
    assert mine == nobody_s
    reached = give(roles[4], "read")
    assert list(reached.stages(number)) == ["review"]
    assert reason(reached.push(stage), document.PUSH_FAILED) != nobody_s  # it is there, and not theirs


def test_whom_the_flow_puts_to_a_stage_sees_and_writes_there_what_it_shows(
    number: str, roles: dict[int, Member]
) -> None:
    reviewer = give(roles[3], "create", hidden=["secret", "amount"])
    (stage,) = reviewer.stages(number).values()
    answer = reviewer.push(stage, [value("amount", "5"), value("secret", "t")])
    assert answer == document.said(document.PUSHED)
    assert FormEntity.objects.get().data == {"title": "a", "secret": "t", "amount": 5}


def test_who_has_no_role_on_the_form_pushes_where_the_flow_puts_them(number: str, roles: dict[int, Member]) -> None:
    reviewer = desk(roles[3])
    (stage,) = desk(roles[1]).stages(number).values()
    assert reviewer.push(stage) == document.said(document.PUSHED)


def test_at_a_stage_one_names_only_what_exists_for_one(
    roles: dict[int, Member], custom_app: CustomApp, flow: Flow, number: str
) -> None:
    """A stage shows its record, not those of other forms."""
    target = make_form(custom_app, {"name": "text_field"}, name="target")
    add_field(flow.custom_form, "to", ("relation_field", {"form": target.pk}))
    hidden = make_entity(target, roles[1], name="x")
    reviewer = desk(roles[3])
    (stage,) = desk(roles[1]).stages(number).values()
    told = []
    for one in (hidden, 2**40):
        answer = reviewer.push(stage, [value("to", json.dumps({"value": one}))])
        told.append(reason(answer, document.PUSH_FAILED).replace(str(one), "#"))
    assert told[0] == told[1]
    give(roles[3], "read", custom_form=target)
    assert reviewer.push(stage, [value("to", json.dumps({"value": hidden}))]) == document.said(document.PUSHED)


def test_a_token_that_may_not_change_pushes_nothing(number: str, roles: dict[int, Member]) -> None:
    (stage,) = desk(roles[1]).stages(number).values()
    for verbs in ({"read", "export"}, {"read", "create"}):
        limited = Desk(make_token(roles[3], verbs=verbs)[1], "asks")
        reason(limited.push(stage, [value("amount", "5")]), document.PUSH_FAILED)
    assert list(desk(roles[1]).stages(number)) == ["review"]
