"""Each page of the admin: there for whom it should be, with a number of statements that doesn't grow with the rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_app.models import CustomApp, CustomForm, Department, Member, Organization, StoredFile
from tests.accounts import linked
from tests.factories import (
    CustomAppFactory,
    DepartmentFactory,
    MemberFactory,
    OrganizationFactory,
    RegionFactory,
    make_entity,
    make_form,
    make_token,
)

LISTS = ["organization", "department", "member", "customapp", "customform", "region", "accesstoken", "storedfile"]


def more_of_everything(organization: Organization) -> None:
    """Another row for each list."""
    other = OrganizationFactory()
    for _n in range(3):
        member = MemberFactory(organization=organization)
        member.departments.add(DepartmentFactory(organization=organization, did=None or 100 + member.pk))
        make_form(CustomAppFactory(organization=other))
        RegionFactory(parent=RegionFactory())
        make_token(member)
        StoredFile.objects.create(organization=organization, member=member, name="a", content_type="b", size=1)


def statements(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        response = client.get(url)
    assert response.status_code == 200, response.content[:500]
    return len(found)


@pytest.mark.parametrize("model", LISTS)
def test_a_list_takes_as_many_statements_for_many_rows_as_for_few(
    admin: Client, form: CustomForm, organization: Organization, model: str
) -> None:
    url = reverse(f"admin:forms_app_{model}_changelist")
    more_of_everything(organization)
    few = statements(admin, url)
    more_of_everything(organization)
    assert statements(admin, url) == few <= 12


@pytest.mark.parametrize("model", ["organization", "department", "member", "customapp", "customform", "region"])
def test_a_new_one_can_be_begun(admin: Client, model: str) -> None:
    statements(admin, reverse(f"admin:forms_app_{model}_add"))


@pytest.mark.parametrize("model", [*LISTS[:3], "customapp"])
def test_an_existing_one_can_be_opened(admin: Client, form: CustomForm, model: str) -> None:
    models: dict[str, Any] = {
        "organization": Organization,
        "department": Department,
        "member": Member,
        "customapp": CustomApp,
    }
    found = models[model].objects.first()
    statements(admin, reverse(f"admin:forms_app_{model}_change", args=[found.pk]))


def test_the_first_page_shows_the_way(admin: Client, db: None) -> None:
    content = admin.get(reverse("admin:index")).content.decode()
    assert reverse("admin:forms_app_customform_add") in content
    assert reverse("admin:auth_user_changelist") in content


@pytest.mark.parametrize("page", ["design", "records"])
def test_who_is_not_signed_in_is_asked_to(client: Client, form: CustomForm, page: str) -> None:
    response = client.get(reverse(f"admin:forms_app_customform_{page}", args=[form.pk]))
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def test_who_belongs_to_no_member_is_asked_to_sign_in_as_another(clerk: Client, form: CustomForm) -> None:
    for model in LISTS:
        assert clerk.get(reverse(f"admin:forms_app_{model}_changelist")).status_code == 302, model
    page = clerk.get(reverse("admin:index"), follow=True, headers={"accept-language": "en"})
    assert "belongs to no active member" in page.content.decode()


def test_a_member_with_what_everyone_has_sees_no_list(client: Client, form: CustomForm, alice: Member) -> None:
    linked(client, alice)
    for page in ("design", "formula"):
        url = reverse(f"admin:forms_app_customform_{page}", args=[form.pk])
        assert client.post(url).status_code == 403, page
    for model in LISTS:
        assert client.get(reverse(f"admin:forms_app_{model}_changelist")).status_code == 403, model


def test_the_right_to_records_is_not_the_right_to_the_design(client: Client, form: CustomForm, alice: Member) -> None:
    linked(client, alice, "read")
    assert client.get(reverse("admin:forms_app_customform_records", args=[form.pk])).status_code == 200
    assert client.get(reverse("admin:forms_app_customform_design", args=[form.pk])).status_code == 403


@pytest.mark.parametrize(
    ("verb", "seen"),
    [
        ("people", ["department", "member", "role", "accesstoken"]),
        ("design", ["customapp", "customform", "flow", "ticket"]),
        ("read", []),
    ],
)
def test_the_sidebar_shows_what_one_may_see(client: Client, alice: Member, verb: str, seen: list[str]) -> None:
    content = linked(client, alice, verb).get(reverse("admin:index")).content.decode()
    for model in ("customapp", "customform", "flow", "ticket", *LISTS, "role"):
        url = reverse(f"admin:forms_app_{model}_changelist")
        assert (f'href="{url}"' in content) is (model in seen), model
        assert client.get(url).status_code == (200 if model in seen else 403), model
    assert client.get(reverse("admin:auth_user_changelist")).status_code == (200 if verb == "people" else 403)


def test_a_new_form_is_made_by_the_service_and_then_designed(admin: Client, custom_app: CustomApp) -> None:
    url = reverse("admin:forms_app_customform_add")
    response = admin.post(url, {"custom_app": custom_app.pk, "name": "订单", "description": ""})
    form = CustomForm.objects.get(name="订单")
    assert response["Location"] == reverse("admin:forms_app_customform_design", args=[form.pk])
    assert form.data_table_name.startswith(f"data_{custom_app.organization_id}_{custom_app.pk}_")
    assert form.field_groups.count() == 1


def test_opening_a_form_opens_its_designer(admin: Client, form: CustomForm) -> None:
    response = admin.get(reverse("admin:forms_app_customform_change", args=[form.pk]))
    assert response["Location"] == reverse("admin:forms_app_customform_design", args=[form.pk])


def test_forms_and_files_are_not_deleted_here(admin: Client, form: CustomForm) -> None:
    assert admin.post(reverse("admin:forms_app_customform_delete", args=[form.pk])).status_code == 403


def test_the_forms_list_counts_records(admin: Client, form: CustomForm, alice: Member) -> None:
    for _n in range(3):
        make_entity(form, alice, title="x")
    content = admin.get(reverse("admin:forms_app_customform_changelist")).content.decode()
    assert "field-record_count" in content
    assert ">3<" in "".join(content.split())
