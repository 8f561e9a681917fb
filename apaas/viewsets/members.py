"""Members and departments: read by who has any right in the organization, written by who may manage people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from apaas.errors import fault_body
from apaas.pagination import page_values
from apaas.people_definitions import user_of
from apaas.viewsets.exactly_once import exactly_once
from apaas.viewsets.people import PeopleViewSet
from forms_app.staff.departments import department_mass_upsert, department_tree
from forms_app.staff.listing import active_members
from forms_app.staff.members import member_mass_upsert
from forms_app.staff.rows import Row, result


class UserViewSet(PeopleViewSet):
    """The members of the caller's organization."""

    calls = {"list": "user_list", "upsert": "users_upsert"}

    def list(self, request: Request) -> HttpResponseBase:
        """A page of the active members."""
        values = self.checked_values()
        members = active_members(
            self.actor,
            name=values["name"],
            uid=values["user_id"],
            did=values["department_id"],
            phone=values["phone"],
        )
        page, per_page = page_values(values)
        sign = "-" if values["order"] == "desc" else ""
        ordered = members.order_by(f"{sign}{values['sort']}", f"{sign}uid").select_related("organization", "user")
        rows = ordered.prefetch_related("departments")[(page - 1) * per_page : page * per_page]
        users = [user_of(member) for member in rows]
        return self.answer({"users": users, "page": page, "per_page": per_page, "total_count": members.count()})

    @exactly_once
    def upsert(self, request: Request) -> HttpResponseBase:
        """Create or change members by their third_userid."""
        values = self.checked_values()
        rows = member_mass_upsert(
            organization_id=self.actor.organization_id,
            rows=values["users"],
            partial=values["partial"],
            actor=self.actor,
        )
        return self.answer(told(rows, "uid"))


class DepartmentViewSet(PeopleViewSet):
    """The departments of the caller's organization."""

    calls = {"list": "departments", "upsert": "departments_upsert"}

    def list(self, request: Request) -> HttpResponseBase:
        """The tree."""
        self.checked_values()
        return self.answer({"departments": department_tree(self.actor)})

    @exactly_once
    def upsert(self, request: Request) -> HttpResponseBase:
        """Create or change departments by their third_dept_id."""
        values = self.checked_values()
        rows = department_mass_upsert(
            organization_id=self.actor.organization_id,
            rows=values["departments"],
            partial=values["partial"],
            actor=self.actor,
        )
        return self.answer(told(rows, "did"))


def told(rows: Sequence[Row], number: str) -> dict[str, Any]:
    """The result of a mass call, its faults as failures tell them."""
    answer = result(rows, number)
    for found in answer["results"]:
        if "errors" in found:
            found["errors"] = [fault_body(fault) for fault in found["errors"]]
    return answer
