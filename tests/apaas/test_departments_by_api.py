"""Departments by API: a tree that everyone looks up, written by who may manage people."""

from __future__ import annotations

import pytest

from forms_app.models import Department, Member
from tests.apaas.conftest import Api
from tests.apaas.test_tokens_by_api import manager

USERS, DEPARTMENTS = "users/mass_upsert", "departments/mass_upsert"


@pytest.fixture
def admin(alice: Member) -> Api:
    return manager(alice)


def test_departments_are_a_tree(people: dict[int, Member], api: Api, stranger: Api) -> None:
    (top,) = api.ok("GET", "departments")["departments"]
    assert {**top, "children": []} == {
        "id": 1,
        "did": 1,
        "name": "department 1",
        "parent_id": None,
        "third_dept_id": None,
        "children": [],
    }
    (middle,) = top["children"]
    assert (middle["did"], middle["parent_id"], [each["did"] for each in middle["children"]]) == (3, 1, [4])
    assert stranger.ok("GET", "departments")["departments"] == []


def test_departments_are_created_moved_and_renamed(admin: Api, people: dict[int, Member]) -> None:
    rows = [
        {"third_dept_id": "east", "name": "华东", "third_parent_id": "sales"},
        {"third_dept_id": "sales", "name": "销售部", "parent_did": 1},
    ]
    answer = admin.ok("PUT", DEPARTMENTS, {"departments": rows})
    assert [(result["status"], result["did"]) for result in answer["results"]] == [("created", 5), ("created", 6)]
    east = Department.objects.get(third_dept_id="east")
    assert east.parent is not None and east.parent.parent is not None
    assert (east.parent.did, east.parent.parent.did) == (6, 1)
    assert admin.ok("PUT", DEPARTMENTS, {"departments": rows})["unchanged"] == 2
    change = [{"third_dept_id": "east", "name": "East", "parent_did": None}]
    assert admin.ok("PUT", DEPARTMENTS, {"departments": change})["updated"] == 1
    east.refresh_from_db()
    assert (east.name, east.parent) == ("East", None)


def test_no_department_stands_below_itself(admin: Api) -> None:
    admin.ok(
        "PUT",
        DEPARTMENTS,
        {
            "departments": [
                {"third_dept_id": "a", "name": "a"},
                {"third_dept_id": "b", "name": "b", "third_parent_id": "a"},
            ]
        },
    )
    rows = [{"third_dept_id": "a", "third_parent_id": "b"}]
    faults = admin.refused("PUT", DEPARTMENTS, {"departments": rows})["errors"]
    assert [(fault["row"], fault["code"]) for fault in faults] == [(0, "below_itself")]
    rows = [{"third_dept_id": "c", "name": "c", "third_parent_id": "c"}]
    faults = admin.refused("PUT", DEPARTMENTS, {"departments": rows})["errors"]
    assert [fault["code"] for fault in faults] == ["below_itself"]


def test_what_stands_below_a_refused_one_is_refused_too(admin: Api) -> None:
    rows = [
        {"third_dept_id": "a", "name": "a", "third_parent_id": "nowhere"},
        {"third_dept_id": "b", "name": "b", "third_parent_id": "a"},
        {"third_dept_id": "c", "name": "c", "third_parent_id": "b"},
        {"third_dept_id": "d", "name": "d"},
    ]
    answer = admin.ok("PUT", DEPARTMENTS, {"departments": rows, "partial": True})
    assert [result["status"] for result in answer["results"]] == ["refused", "refused", "refused", "created"]
