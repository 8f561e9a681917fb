"""Who may open the pages for a new record and for changing one, and look things up."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from forms_app.caching import tags
from forms_app.design.fields import field_change
from forms_app.exceptions import Fault, TooExpensive
from forms_app.models import CustomForm, Member
from forms_app.records.query import EntityQuery
from forms_app.records.writes import entity_mass_destroy
from tests.accounts import linked
from tests.factories import (
    CustomAppFactory,
    DepartmentFactory,
    MemberFactory,
    RegionFactory,
    actor_of,
    add_field,
    make_entity,
    make_form,
    schema_of,
)
from tests.forms_app.admin.records.entry_form import add_url, edit_url, posted_by
from tests.forms_app.worlds import query_of, row_of, stored_of


def pages(client: Client, form: CustomForm, record_id: int) -> list[int]:
    """The statuses of both pages, asked for and posted to."""
    urls = (add_url(form), edit_url(form, record_id))
    return [ask(url).status_code for url in urls for ask in (client.get, client.post)]


def test_an_account_that_is_no_member_of_the_organization_writes_nothing(
    admin: Client, form: CustomForm, alice: Member, charlie: Member
) -> None:
    record_id = make_entity(form, alice, title="a")
    assert pages(admin, form, record_id) == [403] * 4
    listed = admin.get(reverse("admin:forms_app_customform_records", args=[form.pk])).content.decode()
    assert add_url(form) not in listed
    assert '<button type="button" class="fd-button" disabled title=' in listed  # which says why
    assert pages(linked(Client(), charlie), form, record_id) == [404] * 4
    alice.is_active = False
    alice.save()
    assert pages(linked(Client(), alice), form, record_id) == [302] * 4


def test_each_page_needs_its_verb(client: Client, form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice, title="a")
    assert pages(linked(client, alice, "read"), form, record_id) == [403] * 4
    assert pages(linked(client, alice, "read", "create"), form, record_id) == [200, 302, 403, 403]
    assert pages(linked(client, alice, "read", "update"), form, record_id) == [403, 403, 200, 302]
    assert pages(Client(), form, record_id) == [302] * 4


def test_what_is_absent_or_disabled_is_404(client: Client, form: CustomForm, alice: Member) -> None:
    linked(client, alice)
    record_id = make_entity(form, alice, title="a")
    other = make_form(form.custom_app)
    for missing in (record_id + 999, 2**63, 10**30):
        assert client.get(edit_url(form, missing)).status_code == 404
    assert client.get(edit_url(other, record_id)).status_code == 404
    form.status = "disable"
    form.save()
    assert pages(client, form, record_id) == [404] * 4
    form.pk = 999_999
    assert pages(client, form, record_id) == [404] * 4


def test_the_record_belongs_to_who_made_it(client: Client, form: CustomForm, bob: Member) -> None:
    linked(client, bob)
    response = client.post(add_url(form), {**posted_by(client, add_url(form)), "title": "mine"})
    (record_id,) = query_of(form).ids()
    assert response["Location"] == reverse("admin:forms_app_customform_record", args=[form.pk, record_id])
    assert row_of(form, record_id).owner_uid == bob.uid


def test_one_may_go_on_with_another(client: Client, form: CustomForm, bob: Member) -> None:
    linked(client, bob)
    response = client.post(add_url(form), {"title": "one", "_add_another": "1"})
    assert response["Location"] == add_url(form)
    assert "alert" not in client.get(add_url(form)).content.decode().split('class="fe"')[0].split("<form")[-1]


def test_a_record_that_was_destroyed_meanwhile_is_404(
    client: Client, form: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked(client, alice)
    record_id = make_entity(form, alice, title="a")
    read = row_of(form, record_id)
    monkeypatch.setattr(EntityQuery, "get", lambda self, _id: read)
    entity_mass_destroy(schema=schema_of(form), ids=[record_id], actor=actor_of(alice))
    assert client.post(edit_url(form, record_id), {"title": "b"}).status_code == 404


# --- Looking up ----------------------------------------------------------------------------------------------


def lookup(client: Client, form: CustomForm, kind: str, **given: Any) -> Any:
    response = client.get(reverse("admin:forms_app_customform_lookup", args=[form.pk, kind]), given)
    return response.json() if response.status_code == 200 else response.status_code


def labels(found: Any) -> list[str]:
    return [item["label"] for item in found["results"]]


@pytest.fixture
def member_client(client: Client, alice: Member) -> Client:
    """A member with what everyone has."""
    return linked(client, alice)


def test_members_and_those_who_may_view_records_look_things_up(
    member_client: Client, form: CustomForm, clerk: Client, admin: Client, charlie: Member
) -> None:
    for client, status in ((member_client, True), (admin, True), (clerk, False), (Client(), False)):
        for kind in ("members", "departments", "regions", "records"):
            found = lookup(client, form, kind, field="leader")
            assert isinstance(found, dict) is status, (kind, found)
    assert lookup(linked(Client(), charlie), form, "members") == 404
    assert lookup(Client(), form, "members") == 302
    assert lookup(admin, form, "nonsense") == 404
    form.pk = 999_999
    assert lookup(admin, form, "members") == 404
    url = reverse("admin:forms_app_customform_lookup", args=[form.pk, "members"])
    assert admin.post(url).status_code == 405


def test_active_members_of_the_organization_are_found(
    member_client: Client, form: CustomForm, people: dict[int, Member], charlie: Member
) -> None:
    MemberFactory(organization=form.organization, name="Gone", is_active=False)
    found = lookup(member_client, form, "members")
    assert labels(found) == ["member 1", "member 2", "member 3", "member 4"]
    assert found["results"][2] == {"value": "3", "label": "member 3", "hint": "department 3"}
    assert labels(lookup(member_client, form, "members", q=" MEMBER 2 ")) == ["member 2"]
    assert labels(lookup(member_client, form, "members", q="4")) == ["member 4"]
    assert labels(lookup(member_client, form, "members", q="%")) == []
    assert labels(lookup(member_client, form, "members", q="\0")) == labels(found)
    for n in range(30):
        MemberFactory(organization=form.organization, name=f"x{n:02d}")
    found = lookup(member_client, form, "members", q="x")
    assert (len(found["results"]), found["more"]) == (20, True)


def test_departments_of_the_organization_are_found(member_client: Client, form: CustomForm) -> None:
    DepartmentFactory(did=77)
    found = lookup(member_client, form, "departments")
    assert [item["value"] for item in found["results"]] == ["1", "3", "4"]
    assert found["results"][2]["hint"] == "department 3"
    assert labels(lookup(member_client, form, "departments", q="3")) == ["department 3"]


def test_regions_come_level_by_level(member_client: Client, form: CustomForm) -> None:
    RegionFactory(id="1", label="甲")
    top = RegionFactory(id="2", label="乙")
    RegionFactory(id="21", label="丙", level="province", parent=top)
    assert labels(lookup(member_client, form, "regions")) == ["乙", "甲"]
    assert labels(lookup(member_client, form, "regions", parent="2")) == ["丙"]
    assert labels(lookup(member_client, form, "regions", parent="9")) == []


def test_records_of_the_related_form_are_found(member_client: Client, form: CustomForm, alice: Member) -> None:
    first, _second = (make_entity(form, alice, title=title) for title in ("甲公司", "乙公司"))
    empty = make_entity(form, alice)
    ask = {"field": "leader"}
    assert labels(lookup(member_client, form, "records", **ask)) == [f"#{empty}", "乙公司", "甲公司"]
    assert labels(lookup(member_client, form, "records", q="乙", **ask)) == ["乙公司"]
    (found,) = lookup(member_client, form, "records", q=str(first), **ask)["results"]
    assert found == {"value": str(first), "label": "甲公司", "hint": f"#{first}"}
    assert labels(lookup(member_client, form, "records", q="甲" * 300, **ask)) == []
    for field in ("title", "gone", ""):
        assert lookup(member_client, form, "records", field=field) == 404
    field_change(field=form.custom_fields.get(name="leader"), status="disable")
    assert lookup(member_client, form, "records", **ask) == 404


def test_a_look_that_is_too_dear_says_so(
    member_client: Client, form: CustomForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page(query: EntityQuery, limit: int) -> None:
        raise TooExpensive([Fault("too_expensive", "It took too long.")])

    monkeypatch.setattr(EntityQuery, "page", page)
    assert labels(lookup(member_client, form, "records", field="leader", q="甲")) == ["It took too long."]


def test_records_of_another_organization_are_never_found(
    member_client: Client, form: CustomForm, charlie: Member
) -> None:
    theirs = make_form(CustomAppFactory(organization=charlie.organization), {"title": "text_field"})
    make_entity(theirs, charlie, title="secret")
    field = add_field(form, "theirs", ("relation_field", {"form": form.pk}))
    field.setting = {"form": theirs.pk}
    field.save()
    tags.bump("definitions", form_ids=[form.pk])
    assert lookup(member_client, form, "records", field="theirs") == 404


def test_a_form_without_a_searchable_field_is_searched_by_id(
    member_client: Client, form: CustomForm, alice: Member
) -> None:
    plain = make_form(form.custom_app, {"n": "integer_field"})
    record_id = make_entity(plain, alice, n=1)
    add_field(form, "number", ("relation_field", {"form": plain.pk}))
    assert labels(lookup(member_client, form, "records", field="number")) == [f"#{record_id}"]
    assert labels(lookup(member_client, form, "records", field="number", q=str(record_id))) == [f"#{record_id}"]
    assert stored_of(plain, record_id) == {"n": 1}
    assert labels(lookup(member_client, form, "records", field="number", q="1x")) == []
