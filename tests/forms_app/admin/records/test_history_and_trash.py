"""The pages of a record's history and of a form's destroyed records."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext as said
from django.utils.translation import override

from forms_app.design.forms import design_of, form_design
from forms_app.exceptions import Refused
from forms_app.models import CustomForm, DestroyedEntity, Member
from forms_app.records.writes import entity_mass_destroy, entity_update
from tests.accounts import linked, only
from tests.factories import actor_of, schema_of
from tests.forms_app.worlds import query_of


def url(form: CustomForm, name: str, *ids: int) -> str:
    return reverse(f"admin:forms_app_customform_{name}", args=[form.pk, *ids])


def shown(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content[:300]
    return str(response.content.decode())


@pytest.fixture
def keeper(client: Client, records: list[int], alice: Member) -> Client:
    return linked(client, alice, "read", "update", "destroy")


@pytest.fixture
def destroyed(keeper: Client, form: CustomForm, records: list[int], alice: Member) -> list[int]:
    entity_mass_destroy(schema=schema_of(form), ids=records[:3], actor=actor_of(alice))
    return records[:3]


def test_a_record_s_page_leads_to_its_history_which_tells_each_change(
    keeper: Client, form: CustomForm, records: list[int], alice: Member
) -> None:
    one = records[0]
    entity_update(schema=schema_of(form), record_id=one, values={"amount": 77}, actor=actor_of(alice))
    assert url(form, "record_history", one) in shown(keeper, url(form, "record", one))
    page = shown(keeper, url(form, "record_history", one))
    assert "修改" in page and "<ins>77</ins>" in page and alice.name in page


def test_the_history_goes_on_behind_an_entry(
    keeper: Client, form: CustomForm, records: list[int], alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forms_app.admin.records.history.AT_ONCE", 2)
    for amount in range(100, 105):
        entity_update(schema=schema_of(form), record_id=records[0], values={"amount": amount}, actor=actor_of(alice))
    address, found = url(form, "record_history", records[0]), []
    while address:
        response = keeper.get(address)
        found += [event["changes"][0]["after"] for event in response.context["events"]]
        older = response.context["older"]
        address = f"{url(form, 'record_history', records[0])}?before={older}" if older else ""
    assert found[:5] == ["104", "103", "102", "101", "100"]


def test_a_form_without_history_says_so(keeper: Client, form: CustomForm, records: list[int]) -> None:
    form.history_since = None
    form.definition_version += 1
    form.save()
    assert "此表单不保留历史" in shown(keeper, url(form, "record_history", records[0]))


def test_of_a_record_beyond_one_s_rows_there_is_no_page(
    client: Client, form: CustomForm, records: list[int], people: dict[int, Member]
) -> None:
    limited = linked(client, people[4])
    only(people[4], {"verbs": ("read", "destroy"), "rows": "own"})
    for record in (records[0], 2**63, 10**30):
        shown(limited, url(form, "record_history", record), status=404)


def test_the_trash_lists_what_was_destroyed_and_restores_what_is_ticked(
    keeper: Client, form: CustomForm, destroyed: list[int]
) -> None:
    assert url(form, "record_trash") in shown(keeper, url(form, "records"))
    page = shown(keeper, url(form, "record_trash"))
    assert page.count('name="ids"') == 3 and "客户 2" in page and "30 天" in page
    response = keeper.post(url(form, "record_trash"), {"ids": destroyed[:2]}, follow=True)
    assert "已恢复 2 条记录。" in response.content.decode()
    assert set(query_of(form).ids()) >= set(destroyed[:2])
    assert DestroyedEntity.objects.filter(custom_form_id=form.pk).count() == 1


def test_it_is_searched(keeper: Client, form: CustomForm, destroyed: list[int]) -> None:
    assert shown(keeper, url(form, "record_trash") + "?q=客户 2").count('name="ids"') == 1
    assert "回收站里没有符合的记录" in shown(keeper, url(form, "record_trash") + "?q=nothing")


def nothing_chosen() -> str:
    with override("zh-hans"):
        return said("No records were chosen.")


@pytest.mark.parametrize("ids", [[], ["x"], ["999999"], ["9" * 30]])
def test_what_is_not_there_is_not_restored_and_it_is_said(
    keeper: Client, form: CustomForm, destroyed: list[int], ids: list[str]
) -> None:
    response = keeper.post(url(form, "record_trash"), {"ids": ids}, follow=True)
    assert response.status_code in (200, 422)
    content = response.content.decode()
    assert ("没有恢复任何记录" if ids == ["999999"] else nothing_chosen()) in content
    assert DestroyedEntity.objects.filter(custom_form_id=form.pk).count() == 3


def test_who_may_not_destroy_has_no_trash(client: Client, form: CustomForm, records: list[int], alice: Member) -> None:
    reader = linked(client, alice, "read")
    assert url(form, "record_trash") not in shown(reader, url(form, "records"))
    shown(reader, url(form, "record_trash"), status=403)


def test_the_switch_is_part_of_a_design(form: CustomForm) -> None:
    design: dict[str, Any] = design_of(form)
    assert design["keeps_history"] is True
    form_design(form=form, design={**design, "keeps_history": False})
    form.refresh_from_db()
    assert form.history_since is None
    assert not schema_of(form).keeps_history
    without = {name: value for name, value in design.items() if name != "keeps_history"}
    form_design(form=form, design=without)  # what says nothing of it changes nothing
    form.refresh_from_db()
    assert form.history_since is None
    form_design(form=form, design=design)
    form.refresh_from_db()
    assert form.history_since is not None
    with pytest.raises(Refused) as refused:
        form_design(form=form, design={**design, "keeps_history": "yes"})
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("keeps_history", "wrong_boolean")]


def test_another_organization_s_pages_are_not_there(
    client: Client, form: CustomForm, records: list[int], charlie: Member
) -> None:
    stranger = linked(client, charlie, "read", "destroy")
    for name, ids in (("record_trash", ()), ("record_history", (records[0],))):
        shown(stranger, url(form, name, *ids), status=404)
