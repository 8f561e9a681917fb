"""Boxes of choice: things of one name are told apart by where they belong."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_app.flows.publishing import flow_create
from forms_app.models import CustomApp, CustomForm, Department, Member, Organization
from forms_app.people.telling import told
from tests.accounts import administrator, linked
from tests.factories import CustomAppFactory, make_form


def found(client: Client, model: str, field: str, term: str = "") -> list[str]:
    given = {"app_label": "forms_app", "model_name": model, "field_name": field, "term": term}
    response = client.get(reverse("admin:autocomplete"), given)
    assert response.status_code == 200
    return [each["text"] for each in response.json()["results"]]


@pytest.fixture
def twins(organization: Organization, charlie: Member) -> list[CustomApp]:
    """Two apps of one name, of two companies."""
    return [CustomAppFactory(organization=each, name="销售") for each in (organization, charlie.organization)]


def test_an_operator_reads_whose_an_app_is(admin: Client, twins: list[CustomApp]) -> None:
    wanted = [f"销售 #{app.pk} · {app.organization}" for app in twins]
    assert found(admin, "customform", "custom_app", "销售") == wanted
    content = admin.get(reverse("admin:forms_app_customform_add"), {"custom_app": twins[1].pk}).content.decode()
    assert wanted[1] in content


def test_a_member_reads_their_own_company_s_alone(client: Client, twins: list[CustomApp], alice: Member) -> None:
    linked(client, administrator(alice))
    second = CustomAppFactory(organization=alice.organization, name="销售")
    assert found(client, "customform", "custom_app", "销售") == [f"销售 #{twins[0].pk}", f"销售 #{second.pk}"]


def test_forms_and_departments_say_what_they_stand_in(admin: Client, twins: list[CustomApp], alice: Member) -> None:
    forms = [make_form(app, {"title": "text_field"}, name="客户") for app in twins]
    wanted = {f"客户 #{form.pk} · 销售 · {form.organization}" for form in forms}
    assert set(found(admin, "flow", "custom_form", "客户")) == wanted
    Department.objects.create(organization=alice.organization, did=90, name="一组", parent=Department.objects.first())
    (said,) = found(admin, "member", "departments", "一组")
    assert said == f"一组 · {Department.objects.first()} · {alice.organization}"


def test_what_is_told_costs_no_statement_for_each(admin: Client, twins: list[CustomApp]) -> None:
    counts = []
    for _ in range(2):
        make_form(twins[0], {"title": "text_field"}, name="客户")
        with CaptureQueriesContext(connection) as asked:
            found(admin, "flow", "custom_form", "客户")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_flow_is_told_with_its_form(form: CustomForm) -> None:
    flow = flow_create(custom_form=form, name="请假")
    assert told(flow, to_operator=False) == "请假 · 客户"
    assert told(flow, to_operator=True) == f"请假 · 客户 · {form.organization}"
