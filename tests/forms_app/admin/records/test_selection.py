"""Chosen records are handed over or destroyed, once that was confirmed: all of them or none."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from forms_app.admin.records import browsing, selection
from forms_app.models import CustomForm, Member, Rows
from forms_app.records import writes
from tests.accounts import linked, only
from tests.factories import make_entity
from tests.forms_app.admin.records.lists import page, shown
from tests.forms_app.worlds import query_of, row_of


def chosen(client: Client, form: CustomForm, do: str, *ids: int, **given: Any) -> Any:
    url = reverse("admin:forms_app_customform_record_selected", args=[form.pk])
    return client.post(url, {"do": do, "ids": ids, "back": "?o=amount", **given})


def to(uid: int) -> str:
    return f'[{{"uid":"{uid}","name":"x"}}]'


@pytest.fixture
def keeper(client: Client, records: list[int], alice: Member) -> Client:
    return linked(client, alice, "read", "transfer", "destroy")


def test_nothing_is_done_before_it_is_confirmed(keeper: Client, form: CustomForm, records: list[int]) -> None:
    for do in ("destroy", "transfer"):
        content = chosen(keeper, form, do, *records[:3]).content.decode()
        assert content.count('name="ids"') == 3 and "客户 2" in content
    assert len(query_of(form).ids()) == 30


def test_records_are_destroyed(keeper: Client, form: CustomForm, records: list[int]) -> None:
    response = chosen(keeper, form, "destroy", *records[:3], confirmed="1")
    assert response["Location"].endswith("/records/?o=amount")
    assert len(query_of(form).ids()) == 27
    assert "已删除 3 条记录。" in page(keeper, form)


@pytest.mark.parametrize("given", [{"to": to(2)}, {"to": "2"}, {"to_uid": "2"}])
def test_records_are_handed_over(keeper: Client, form: CustomForm, records: list[int], given: dict[str, str]) -> None:
    assert chosen(keeper, form, "transfer", *records[:2], confirmed="1", **given).status_code == 302
    assert [row_of(form, each).owner_uid for each in records[:3]] == [2, 2, 1]


@pytest.mark.parametrize("given", [{}, {"to": ""}, {"to": to(99)}, {"to": "x"}, {"to": '[{"uid":"1"},{"uid":"2"}]'}])
def test_to_nobody_nothing_is_handed_over(
    keeper: Client, form: CustomForm, records: list[int], given: dict[str, str]
) -> None:
    response = chosen(keeper, form, "transfer", *records[:2], confirmed="1", **given)
    assert response.status_code == 422 and 'role="alert"' in response.content.decode()
    assert row_of(form, records[0]).owner_uid == 1


def test_each_record_says_why_it_can_t_be(
    keeper: Client, form: CustomForm, records: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writes, "running_entities", lambda form_id, ids: {records[1]})
    response = chosen(keeper, form, "destroy", *records[:3], records[-1] + 999, confirmed="1")
    content = response.content.decode()
    assert response.status_code == 422
    assert content.count('<p class="fe-fault">') == 1  # first who is not there at all
    response = chosen(keeper, form, "destroy", *records[:3], confirmed="1")
    told = response.content.decode().split("<li")
    assert ["fe-fault" in each for each in told[-3:]] == [False, True, False]
    assert len(query_of(form).ids()) == 30


def test_what_one_may_not_do_is_not_offered_and_not_done(
    client: Client, form: CustomForm, records: list[int], alice: Member
) -> None:
    linked(client, alice, "read")
    assert 'name="do"' not in page(client, form)
    assert [chosen(client, form, do, *records[:1], confirmed="1").status_code for do in ("destroy", "transfer")] == [
        403
    ] * 2
    only(alice, {"verbs": ("read", "destroy")})
    content = page(client, form)
    assert 'value="destroy"' in content and 'value="transfer"' not in content
    assert chosen(client, form, "transfer", *records[:1], to=to(2), confirmed="1").status_code == 403
    assert chosen(client, form, "nonsense", *records[:1], confirmed="1").status_code == 403
    assert len(query_of(form).ids()) == 30


def test_records_that_one_may_not_reach_are_not_there(
    client: Client, form: CustomForm, records: list[int], bob: Member
) -> None:
    own = make_entity(form, bob, title="Bob's")
    linked(client, bob)
    only(bob, {"verbs": ("read", "destroy"), "rows": Rows.OWN})
    content = chosen(client, form, "destroy", own, records[0]).content.decode()
    assert "客户 0" not in content and content.count(" checked") == 1
    assert chosen(client, form, "destroy", own, records[0], confirmed="1").status_code == 422
    assert len(query_of(form).ids()) == 31


def test_all_of_a_list_are_chosen_at_once(
    keeper: Client, form: CustomForm, records: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    back = "?f1=amount&f1.op=lt&f1.v=28"
    content = chosen(keeper, form, "destroy", all="1", back=back).content.decode()
    assert content.count('name="ids"') == 28
    monkeypatch.setattr(selection, "MOST_SELECTED", 27)
    monkeypatch.setattr(browsing, "MOST_SELECTED", 27)
    assert chosen(keeper, form, "destroy", all="1", back=back).status_code == 302
    assert 'name="all"' not in page(keeper, form, "?")


@pytest.mark.parametrize("back", ["?f1=amount&f1.op=gt&f1.v=viel", "?tab=gone", "?in=nonsense&q=a"])
def test_a_list_that_can_t_be_asked_chooses_nothing(
    keeper: Client, form: CustomForm, records: list[int], back: str
) -> None:
    assert chosen(keeper, form, "destroy", all="1", back=back, confirmed="1").status_code == 302
    assert len(query_of(form).ids()) == 30


def test_without_a_choice_one_is_sent_back(keeper: Client, form: CustomForm, records: list[int]) -> None:
    for ids in ((), ("x",), ("-1",), (str(10**30),)):
        assert chosen(keeper, form, "destroy", *ids, confirmed="1").status_code == 302  # type: ignore[arg-type]
    assert len(shown(page(keeper, form))) == 25
