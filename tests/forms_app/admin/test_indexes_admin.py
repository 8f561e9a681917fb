"""The page of indexes: how each stands, and the button that has them built."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_app.models import CustomApp, CustomForm, FieldIndex, Member
from tests.factories import UserFactory, make_entity, make_form
from tests.forms_app.services.index_world import grow, jobs_of, standings

URL = "/admin/forms_app/customform/indexes/"


@pytest.fixture(autouse=True)
def _small(settings: Any) -> None:
    settings.INDEX_THRESHOLD = 20


@pytest.fixture
def large(custom_app: CustomApp) -> CustomForm:
    form = make_form(custom_app, {"number": "float_field", "text": "text_field"}, name="大表")
    grow(form, 20)
    return form


def with_permission(*names: str) -> Client:
    user = UserFactory(username="-".join(names))
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    return client


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
    assert "3" in response.content.decode()
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


def test_it_is_for_those_who_see_forms_and_the_button_for_those_who_change_them(
    clerk: Client, large: CustomForm
) -> None:
    assert clerk.get(URL).status_code == 403
    viewer = with_permission("view_customform")
    assert '<button class="fd-button fd-primary"' not in shown(viewer)
    assert viewer.post(URL).status_code == 403
    assert standings(large)["number", "btree"] == "missing"
    designer = with_permission("change_customform")
    assert '<button class="fd-button fd-primary"' in shown(designer)
    assert URL in designer.get(reverse("admin:index")).content.decode()
    assert URL not in clerk.get(reverse("admin:index")).content.decode()


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
