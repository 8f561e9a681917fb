"""Members and departments by API: looked up by who has any right, written by who may manage people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forms_app.models import CustomForm, Department, Member
from forms_app.people.role_documents import role_save
from tests.apaas.conftest import Api
from tests.apaas.test_tokens_by_api import manager, only_role
from tests.factories import UserFactory, make_form, make_token, system_of

USERS, DEPARTMENTS = "users/mass_upsert", "departments/mass_upsert"


@pytest.fixture
def admin(alice: Member) -> Api:
    return manager(alice)


@pytest.mark.parametrize("path", ["user/list", "departments"])
def test_who_has_no_right_at_all_looks_nobody_up(path: str, bob: Member, form: CustomForm) -> None:
    """A right on one form suffices, or that to manage people; for a token, one that it may use."""
    role = only_role(bob.organization_id, name="some", members=[2], grants=[{"verbs": ["read"]}])
    token = Api(make_token(bob)[1])
    for grant in ({"custom_form": form, "verbs": ["create"]}, {"verbs": ["people"]}):
        role.grants.all().delete()
        role.grants.create(**grant)
        token.ok("GET", path)
    assert Api(make_token(bob, verbs=["read"])[1]).faults("GET", path, status=403) == [("", "missing_verb", None)]
    role.grants.all().delete()
    role.grants.create(custom_form=form, verbs=["read"])
    limited, other = (
        make_token(bob, custom_forms=forms)[1] for forms in ([form], [make_form(form.custom_app, name="b")])
    )
    Api(limited).ok("GET", path)
    for lacking in (other, make_token(bob, verbs=["create"])[1]):
        Api(lacking).refused("GET", path, status=403)
    role.grants.update(verbs=["update"])  # which means nothing without reading
    role.grants.first().save()
    assert token.refused("GET", path, status=403)["code"] == 100403


def standing(third: str) -> set[int]:
    return set(Member.objects.get(third_userid=third).departments.values_list("did", flat=True))


def test_every_member_lists_the_active_ones(people: dict[int, Member], charlie: Member) -> None:
    people[1].user = UserFactory(email="one@example.org")
    people[1].save()
    people[4].departments.add(Department.objects.get(organization=people[1].organization, did=1))
    Member.objects.filter(pk=people[2].pk).update(is_active=False)
    api = Api(make_token(people[3])[1])
    answer = api.ok("GET", "user/list")
    assert list(answer) == ["users", "page", "per_page", "total_count"]
    assert (answer["page"], answer["per_page"], answer["total_count"]) == (1, 15, 3)
    assert [user["uid"] for user in answer["users"]] == [1, 3, 4]
    assert answer["users"][0] == {
        "id": people[1].pk,
        "uid": 1,
        "name": "member 1",
        "phone": None,
        "email": "one@example.org",
        "path_uid": None,
        "third_userid": None,
        "organization_id": people[1].organization_id,
        "organization_name": "好公司",
        "department_id": 1,
        "department_name": "department 1",
        "assist_departments": [],
    }
    assert (answer["users"][2]["department_id"], answer["users"][2]["assist_departments"]) == (
        1,
        [{"id": 4, "name": "department 4"}],
    )


@pytest.mark.parametrize(
    ("query", "uids"),
    [
        ("name=BER%203", [3]),
        ("department_id=3", [3, 4]),
        ("department_id=99", []),
        ("user_id=2", [2]),
        ("phone=139", [4]),
        ("sort=name&order=desc", [4, 3, 2, 1]),
        ("sort=phone&order=asc", [4, 1, 2, 3]),
        ("page=2&per_page=3", [4]),
        ("page=9", []),
    ],
)
def test_each_parameter_does_what_it_says(people: dict[int, Member], api: Api, query: str, uids: list[int]) -> None:
    Member.objects.filter(pk=people[4].pk).update(phone="139")
    assert [user["uid"] for user in api.ok("GET", f"user/list?{query}")["users"]] == uids


def test_a_list_of_members_asks_a_fixed_number_of_statements(people: dict[int, Member], admin: Api) -> None:
    def asked() -> int:
        admin.ok("GET", "user/list?per_page=1000")
        with CaptureQueriesContext(connection) as found:
            admin.ok("GET", "user/list?per_page=1000")
        return len(found)

    few = asked()
    admin.ok("PUT", USERS, {"users": [{"third_userid": f"u{n}", "name": "x", "departments": [1]} for n in range(9)]})
    assert asked() == few


def test_members_are_created_changed_or_left_alone(admin: Api, people: dict[int, Member]) -> None:
    rows: list[dict[str, Any]] = [
        {"third_userid": "zhang", "name": "张三", "phone": "139", "departments": [1, 4]},
        {"third_userid": "li", "name": "李四"},
    ]
    answer = admin.ok("PUT", USERS, {"users": rows})
    members = list(Member.objects.filter(third_userid__isnull=False).order_by("uid"))
    assert answer == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "refused": 0,
        "results": [
            {"index": n, "status": "created", "id": member.pk, "uid": member.uid} for n, member in enumerate(members)
        ],
    }
    assert [(m.uid, m.name, m.phone, m.is_active) for m in members] == [
        (5, "张三", "139", True),
        (6, "李四", None, True),
    ]
    assert standing("zhang") == {1, 4}
    assert admin.ok("PUT", USERS, {"users": rows})["unchanged"] == 2
    answer = admin.ok("POST", USERS, {"users": [{"third_userid": "zhang", "phone": None, "departments": [4]}, rows[1]]})
    assert [result["status"] for result in answer["results"]] == ["updated", "unchanged"]
    member = Member.objects.get(third_userid="zhang")
    assert (member.name, member.phone, standing("zhang")) == ("张三", None, {4})
    admin.ok("PUT", USERS, {"users": [{"third_userid": "zhang", "departments": []}]})
    assert standing("zhang") == set()


def test_what_was_written_is_read_at_once(admin: Api) -> None:
    admin.ok("GET", "user/list?department_id=1")
    admin.ok("PUT", USERS, {"users": [{"third_userid": "zhang", "name": "张三", "departments": [3]}]})
    names = [user["name"] for user in admin.ok("GET", "user/list?department_id=1")["users"]]
    assert "张三" in names


def test_departments_may_be_named_by_the_other_system_s_number(admin: Api) -> None:
    admin.ok("PUT", DEPARTMENTS, {"departments": [{"third_dept_id": "sales", "name": "销售部"}]})
    admin.ok("PUT", USERS, {"users": [{"third_userid": "zhang", "name": "张三", "third_dept_ids": ["sales"]}]})
    assert standing("zhang") == {5}


def test_all_rows_or_none_and_each_fault_names_its_row(admin: Api, bob: Member) -> None:
    Member.objects.filter(pk=bob.pk).update(third_userid="twice")
    Member.objects.filter(uid=3).update(third_userid="twice")
    rows = [
        {"third_userid": "fine", "name": "x"},
        {"name": "x"},
        {"third_userid": "new"},
        {"third_userid": "fine", "name": "y"},
        {"third_userid": "a", "name": "x" * 101, "phone": 1, "colour": "red"},
        {"third_userid": "b", "name": "x", "departments": [1, 99], "is_active": "no"},
        {"third_userid": "c", "name": "x", "departments": [1], "third_dept_ids": ["y"]},
        {"third_userid": "twice"},
        {"third_userid": "d", "name": "x", "third_dept_ids": ["nope"], "successor_uid": 1},
    ]
    expected = {
        1: [("third_userid", "required")],
        2: [("name", "required")],
        3: [("third_userid", "repeated")],
        4: [("name", "too_long"), ("phone", "wrong_text"), ("colour", "unknown_key")],
        5: [("is_active", "wrong_boolean"), ("departments", "unknown_department")],
        6: [("third_dept_ids", "one_of_two")],
        7: [("third_userid", "not_unique")],
        8: [("third_dept_ids", "unknown_department"), ("successor_uid", "no_leaver")],
    }
    answer = admin.refused("PUT", USERS, {"users": rows})
    found: dict[int, list[tuple[str, str]]] = {}
    for fault in answer["errors"]:
        found.setdefault(fault["row"], []).append((fault["field"], fault["code"]))
    assert found == expected
    assert not Member.objects.filter(third_userid="fine").exists()
    answer = admin.ok("PUT", USERS, {"users": rows, "partial": True})
    assert (answer["created"], answer["refused"]) == (1, 8)
    assert {result["index"] for result in answer["results"] if "errors" in result} == set(expected)
    assert Member.objects.get(third_userid="fine").name == "x"


def test_as_many_rows_as_the_limit_says(admin: Api, settings: Any) -> None:
    settings.MAX_MASS_IDS = 3
    rows = [{"third_userid": str(n), "name": "x"} for n in range(4)]
    admin.ok("PUT", USERS, {"users": rows[:3]})
    admin.refused("PUT", USERS, {"users": rows}, status=413)
    assert admin.faults("PUT", USERS, {"users": []}) == [("users", "required", None)]
    assert admin.faults("PUT", USERS, {"users": [1]}) == [("users", "wrong_object", 0)]


def test_a_mass_call_asks_a_fixed_number_of_statements(admin: Api, settings: Any) -> None:
    settings.VERSION_CHECK_SECONDS = 60  # else the tags are read at each question

    def asked(prefix: str, count: int, change: Callable[[int], dict[str, Any]]) -> int:
        rows = [{"third_userid": f"{prefix}{n}", **change(n)} for n in range(count)]
        with CaptureQueriesContext(connection) as found:
            admin.ok("PUT", USERS, {"users": rows})
        return len(found)

    def new(n: int) -> dict[str, Any]:
        return {"name": f"n{n}", "departments": [1, 3]}

    def changed(n: int) -> dict[str, Any]:
        return {"name": f"m{n}", "departments": [4]}

    asked("first", 1, new)
    assert asked("a", 2, new) == asked("b", 40, new)
    assert asked("a", 2, changed) == asked("b", 40, changed)


def test_only_the_verb_people_writes(api: Api, charlie: Member) -> None:
    for path, body in (
        (USERS, {"users": [{"third_userid": "x", "name": "x"}]}),
        (DEPARTMENTS, {"departments": [{"third_dept_id": "x", "name": "x"}]}),
    ):
        assert api.refused("PUT", path, body, status=403)["errors"][0]["code"] == "missing_verb"


def test_another_organization_s_people_are_not_touched(admin: Api, charlie: Member) -> None:
    Member.objects.filter(pk=charlie.pk).update(third_userid="charlie")
    Department.objects.create(organization=charlie.organization, did=77, name="theirs", third_dept_id="theirs")
    answer = admin.ok("PUT", USERS, {"users": [{"third_userid": "charlie", "name": "mine"}]})
    assert answer["created"] == 1
    charlie.refresh_from_db()
    assert charlie.name == "Charlie"
    for departments in ({"departments": [77]}, {"third_dept_ids": ["theirs"]}):
        row = {"third_userid": "x", "name": "x", **departments}
        assert [f[1] for f in admin.faults("PUT", USERS, {"users": [row]})] == ["unknown_department"]


def test_nobody_is_put_where_roles_give_more_than_the_editor_has(alice: Member, bob: Member) -> None:
    organization_id = alice.organization_id
    only_role(organization_id, name="clerk", members=[1], grants=[{"verbs": ["people"]}, {"verbs": ["read"]}])
    for name, did, verbs in (("bosses", 3, ["destroy", "read"]), ("readers", 1, ["read"])):
        values = {"name": name, "departments": [did], "grants": [{"verbs": verbs}]}
        role_save(organization_id=organization_id, values=values, actor=system_of(organization_id))
    clerk = Api(make_token(alice)[1])
    rows = [{"third_userid": f"u{did}", "name": "x", "departments": [did]} for did in (1, 3, 4)]
    answer = clerk.ok("PUT", USERS, {"users": rows, "partial": True})
    assert [result["status"] for result in answer["results"]] == ["created", "refused", "refused"]
    refused = clerk.refused("PUT", USERS, {"users": rows[1:]}, status=403)
    assert [(fault["row"], fault["code"]) for fault in refused["errors"]] == [
        (0, "beyond_own_rights"),
        (1, "beyond_own_rights"),
    ]
    # Who stands there already may stay, and be renamed.
    Member.objects.filter(organization_id=organization_id, uid=3).update(third_userid="boss")
    assert clerk.ok("PUT", USERS, {"users": [{"third_userid": "boss", "name": "Boss", "departments": [3]}]})["updated"]
    # Nor is a department put below such a one.
    clerk.ok("PUT", DEPARTMENTS, {"departments": [{"third_dept_id": "mine", "name": "mine", "parent_did": 1}]})
    moved = [{"third_dept_id": "mine", "parent_did": 3}]
    assert [f[1] for f in clerk.faults("PUT", DEPARTMENTS, {"departments": moved}, status=403)] == ["beyond_own_rights"]
