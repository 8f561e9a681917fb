"""The page of indexes: how each stands, and the button that has them built."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from forms_app.admin.forms.indexes import _idle
from forms_app.models import CustomApp, CustomForm, FieldIndex, FieldUse, Member
from forms_app.operators.index_kinds import TOGETHER
from tests.accounts import linked, only
from tests.factories import add_field, make_entity, make_form
from tests.forms_app.indexes.world import grow, jobs_of, standings

URL = "/admin/forms_app/customform/indexes/"


@pytest.fixture(autouse=True)
def _small(settings: Any) -> None:
    settings.INDEX_THRESHOLD = 20


@pytest.fixture
def large(custom_app: CustomApp) -> CustomForm:
    form = make_form(custom_app, {"number": "float_field", "text": "text_field"}, name="大表")
    grow(form, 20)
    return form


def shown(client: Client, query: str = "") -> str:
    response = client.get(URL + query)
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_what_is_missing(admin: Client, large: CustomForm) -> None:
    assert reverse("admin:forms_app_customform_indexes") == URL
    content = shown(admin, f"?form={large.pk}")
    assert content.count("label of text") == 2
    assert content.count("label of number") == 1
    assert 'data-colour="warn"' in content
    assert "大表" in shown(admin)


def test_the_button_has_it_built(admin: Client, large: CustomForm) -> None:
    response = admin.post(f"{URL}?form={large.pk}", follow=True)
    assert "4" in response.content.decode()
    assert set(standings(large).values()) == {"requested"}
    assert [name for name, _args in jobs_of(large)] == ["build_indexes"]


def test_the_sidebar_says_where_one_is(admin: Client, large: CustomForm) -> None:
    found = re.findall(r'<a href="([^"]+)"[^>]*class="[^"]*\bactive\b', shown(admin))
    assert found == [URL]


def test_a_state_may_be_chosen(admin: Client, large: CustomForm) -> None:
    assert "label of text" in shown(admin, f"?form={large.pk}&state=missing")
    assert "label of text" not in shown(admin, f"?form={large.pk}&state=valid&p=7")
    assert "label of text" in shown(admin, f"?form={large.pk}&p=x")


def test_what_stands_in_the_way_is_named(admin: Client, large: CustomForm, alice: Member) -> None:
    ids = [make_entity(large, alice, text="a") for _n in range(2)]
    key = {"custom_form_id": large.pk, "kind": "grams", "state": FieldIndex.State.FAILED}
    FieldIndex.objects.create(**key, field_id=large.custom_fields.get(name="text").pk, detail={"duplicates": [ids]})
    assert f"{ids[0]}, {ids[1]}" in shown(admin, f"?form={large.pk}")


def test_each_field_has_a_switch(admin: Client, large: CustomForm) -> None:
    number = large.custom_fields.get(name="number")
    address = f"{URL}?form={large.pk}&state=missing"
    assert len(re.findall(r'name="indexed" value="0"', shown(admin, f"?form={large.pk}"))) == 3  # the owner has none
    response = admin.post(address, {"field": number.pk, "indexed": "0"})
    assert response["Location"] == address
    assert "label of number" in shown(admin, f"?form={large.pk}&state=off")
    assert [name for name, _args in jobs_of(large)] == ["tend_form"]
    assert standings(large)["number", "btree"] == "off"
    admin.post(address, {"field": number.pk, "indexed": "1"})
    assert standings(large)["number", "btree"] == "missing"
    assert admin.post(address, {"field": "x"}).status_code == admin.post(address, {"field": 2**40}).status_code == 404


def test_what_a_rule_needs_has_no_switch(admin: Client, custom_app: CustomApp) -> None:
    form = make_form(custom_app, {"u": ("integer_field", {"unique": True})})
    add_field(form, "r", ("relation_field", {"form": form.pk}))
    content = shown(admin, f"?form={form.pk}")
    assert content.count("label of u") == content.count("label of r") == 1
    assert 'name="indexed"' not in content


def test_it_says_what_is_not_used(admin: Client, large: CustomForm) -> None:
    add_field(large, "title", "text_field")
    assert content_of(admin, large, "unused").count("label of title") == 2
    pk = large.custom_fields.get(name="title").pk
    FieldUse.objects.create(custom_form_id=large.pk, field_id=pk, kind="grams")
    assert content_of(admin, large, "unused").count("label of title") == 1
    assert content_of(admin, large, "missing").count("label of title") == 1


@pytest.mark.django_db(transaction=True)
def test_what_the_admin_s_list_is_searched_and_sorted_by_is_noted(admin: Client, large: CustomForm) -> None:
    admin.get(reverse("admin:forms_app_customform_records", args=[large.pk]), {"q": "泵", "o": "-text"})
    assert set(FieldUse.objects.values_list("kind", flat=True)) == {"grams", "order"}


def test_it_says_for_how_long_an_index_was_not_used(admin: Client, large: CustomForm, monkeypatch: Any) -> None:
    assert [_idle(now() - timedelta(days=days)) for days in (0, 29, 30, 400)] == [0, 0, 30, 400]
    assert _idle(None) == 0
    assert "4321" not in shown(admin)
    monkeypatch.setattr("forms_app.admin.forms.indexes._idle", lambda since: 4321)
    assert "4321" in shown(admin)


def test_it_says_what_fields_are_filtered_by_together_and_what_that_cost(admin: Client, large: CustomForm) -> None:
    key = {"custom_form_id": large.pk, "kind": TOGETHER, "field_id": -7}
    FieldUse.objects.create(**key, names="user number", times=40, seconds=2)
    content = content_of(admin, large, "missing")
    assert "负责人 + label of number" in content
    assert "50" in re.findall(r"<div>(.*?)</div>", content)[-1]
    FieldIndex.objects.create(**key, state=FieldIndex.State.FAILED, detail={"error": "no room"})
    content = content_of(admin, large, "failed")
    assert "负责人 + label of number" in content
    assert "no room" in content


def content_of(client: Client, form: CustomForm, state: str) -> str:
    return shown(client, f"?form={form.pk}&state={state}")


def test_it_is_for_those_who_design_forms_and_of_those_forms(
    clerk: Client, large: CustomForm, custom_app: CustomApp, alice: Member, bob: Member
) -> None:
    other = make_form(custom_app, {"number": "float_field"}, name="别的表")
    grow(other, 20)
    assert clerk.get(URL).status_code == 302
    reader, designer = linked(Client(), alice), linked(Client(), bob)
    assert reader.get(URL).status_code == reader.post(URL).status_code == 403
    assert URL not in reader.get(reverse("admin:index")).content.decode()
    only(bob, {"verbs": ["read", "design"], "custom_form": large})
    page = shown(designer)
    assert '<button class="fd-button fd-primary"' in page
    assert "大表" in page and "别的表" not in page
    assert URL in designer.get(reverse("admin:index")).content.decode()
    assert designer.get(f"{URL}?form={other.pk}").status_code == 404
    designer.post(URL)
    assert set(standings(large).values()) == {"requested"}
    assert set(standings(other).values()) == {"missing"}


def test_it_takes_as_many_statements_for_many_indexes_as_for_few(
    admin: Client, large: CustomForm, custom_app: CustomApp
) -> None:
    def statements() -> int:
        shown(admin)  # definitions are read once
        with CaptureQueriesContext(connection) as found:
            shown(admin)
        return len(found)

    few = statements()
    for _n in range(3):
        grow(make_form(custom_app, {"number": "float_field", "text": "text_field"}), 20)
    assert statements() - few <= 3  # a look at each form whether it was changed
