"""People: numbers that follow on, departments that stay a tree and within their organization."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from forms_app.models import Department, Member, Organization
from tests.factories import DepartmentFactory, OrganizationFactory


def test_a_member_without_a_number_gets_the_next(
    admin: Client, organization: Organization, people: dict[int, Member]
) -> None:
    url = reverse("admin:forms_app_member_add")
    response = admin.post(url, {"organization": organization.pk, "name": "小红", "uid": "", "is_active": "on"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert Member.objects.get(name="小红").uid == 5


def test_the_number_of_a_member_is_fixed(admin: Client, people: dict[int, Member]) -> None:
    member = people[2]
    url = reverse("admin:forms_app_member_change", args=[member.pk])
    response = admin.post(url, {"name": "Robert", "uid": "77", "organization": "1", "is_active": "on"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    member.refresh_from_db()
    assert (member.name, member.uid) == ("Robert", 2)


def test_a_department_of_another_organization_is_refused(
    admin: Client, organization: Organization, people: dict[int, Member]
) -> None:
    foreign = DepartmentFactory(organization=OrganizationFactory())
    fields = {"organization": organization.pk, "name": "x", "is_active": "on", "departments": [foreign.pk]}
    response = admin.post(reverse("admin:forms_app_member_add"), fields)
    assert "departments" in response.context["adminform"].form.errors
    fields = {"organization": organization.pk, "name": "x", "parent": foreign.pk}
    response = admin.post(reverse("admin:forms_app_department_add"), fields)
    assert "parent" in response.context["adminform"].form.errors


def test_a_department_can_not_stand_below_itself(admin: Client, people: dict[int, Member]) -> None:
    top, bottom = Department.objects.get(did=1), Department.objects.get(did=4)
    url = reverse("admin:forms_app_department_change", args=[top.pk])
    response = admin.post(url, {"name": top.name, "parent": bottom.pk})
    assert "parent" in response.context["adminform"].form.errors


def test_the_list_of_departments_shows_their_path(admin: Client, people: dict[int, Member]) -> None:
    content = admin.get(reverse("admin:forms_app_department_changelist")).content.decode()
    assert "department 1 / department 3 / department 4" in content
