"""Roles written as documents: every fault found, nothing given that the writer lacks."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.exceptions import Forbidden, Refused
from forms_app.models import CustomApp, CustomForm, Grant, Member, Role
from forms_app.people.actor import Actor
from forms_app.people.role_documents import member_roles_save, role_delete, role_document, role_save
from tests.factories import CustomAppFactory, DepartmentFactory, actor_of, make_form, schema_of, system_of

VERBS = ["read", "create"]


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    form = make_form(custom_app, {"title": "text_field", "pay": "integer_field"})
    form.tabs.create(name="open", label="open")
    return form


@pytest.fixture
def administrator(people: dict[int, Member]) -> Actor:
    member = people[1]
    member.roles.add(Role.objects.get(organization=member.organization_id, name="管理员"))
    return actor_of(member)


def save(actor: Actor, role: Role | None = None, **values: Any) -> Role:
    return role_save(organization_id=actor.organization_id, values=values, actor=actor, role=role)


def limited(member: Member, *grants: dict[str, Any]) -> Actor:
    """The member with these grants and the verb `people`, and nothing that everyone has."""
    Role.objects.get(organization=member.organization_id, name="全员").delete()
    role_save(
        organization_id=member.organization_id,
        values={"name": "limited", "members": [member.uid], "grants": [{"verbs": ["people"]}, *grants]},
        actor=system_of(member.organization_id),
    )
    return actor_of(member)


def test_a_document_is_what_was_saved(administrator: Actor, form: CustomForm) -> None:
    document = {
        "name": "填报人",
        "everyone": False,
        "members": [2, 3],
        "departments": [1],
        "grants": [
            {"verbs": ["read"], "rows": "own", "hidden": [], "read_only": []},
            {"custom_app_id": form.custom_app_id, "verbs": ["read"], "rows": "all", "hidden": [], "read_only": []},
            {
                "custom_form_id": form.pk,
                "verbs": ["read", "update"],
                "rows": {"tab": "open"},
                "hidden": ["pay"],
                "read_only": ["title"],
            },
        ],
    }
    role = save(administrator, **document)
    assert role_document(role) == {"id": role.pk, **document}
    save(administrator, role, **role_document(role))
    assert role_document(Role.objects.get(pk=role.pk)) == {"id": role.pk, **document}


def test_of_a_role_what_is_left_out_stays(administrator: Actor) -> None:
    role = save(administrator, name="a", members=[2], grants=[{"verbs": VERBS}])
    save(administrator, role, name="b")
    assert role_document(role)["members"] == [2]
    assert role_document(role)["grants"][0]["verbs"] == VERBS
    assert role_document(role)["name"] == "b"


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"name": ""}, "name", "required"),
        ({"name": 5}, "name", "wrong_text"),
        ({"name": "x" * 101}, "name", "too_long"),
        ({"name": "a\0b"}, "name", "invalid_text"),
        ({"name": "全员"}, "name", "repeated_name"),
        ({"everyone": "yes"}, "everyone", "wrong_boolean"),
        ({"colour": 1}, "colour", "unknown_key"),
        ({"members": 5}, "members", "wrong_list"),
        ({"members": [99]}, "members", "unknown_member"),
        ({"members": [True]}, "members", "wrong_id"),
        ({"members": [0]}, "members", "wrong_id"),
        ({"members": [2**63]}, "members", "wrong_id"),
        ({"departments": [99]}, "departments", "unknown_department"),
        ({"grants": {}}, "grants", "wrong_list"),
        ({"grants": [5]}, "grants", "wrong_object"),
        ({"grants": [{"verbs": VERBS}] * 1001}, "grants", "too_many_items"),
        ({"grants": [{"verbs": []}]}, "grants[0].verbs", "required"),
        ({"grants": [{"verbs": ["fly"]}]}, "grants[0].verbs", "unknown_value"),
        ({"grants": [{"verbs": [["read"]]}]}, "grants[0].verbs", "unknown_value"),
        ({"grants": [{"verbs": VERBS, "rows": "mine"}]}, "grants[0].rows", "unknown_value"),
        ({"grants": [{"verbs": VERBS, "rows": ["all"]}]}, "grants[0].rows", "unknown_value"),
        ({"grants": [{"verbs": VERBS, "rows": {"tab": "open"}}]}, "grants[0].rows", "only_on_a_form"),
        ({"grants": [{"verbs": VERBS, "hidden": ["pay"]}]}, "grants[0].hidden", "only_on_a_form"),
        ({"grants": [{"verbs": VERBS, "custom_form_id": 10**9}]}, "grants[0].custom_form_id", "unknown_form"),
        ({"grants": [{"verbs": VERBS, "custom_form_id": "x"}]}, "grants[0].custom_form_id", "wrong_id"),
        ({"grants": [{"verbs": VERBS, "custom_app_id": 10**9}]}, "grants[0].custom_app_id", "unknown_app"),
        ({"grants": [{"verbs": VERBS, "wings": 2}]}, "grants[0].wings", "unknown_key"),
    ],
)
def test_what_is_wrong_is_refused_by_name(administrator: Actor, values: Any, field: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        save(administrator, **{"name": "a", **values})
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [(field, code)]
    assert Role.objects.filter(organization=administrator.organization_id).count() == 2


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"verbs": ["people"]}, "grants[0].verbs", "only_on_all_forms"),
        ({"verbs": VERBS, "rows": {"tab": "shut"}}, "grants[0].rows", "unknown_scope"),
        ({"verbs": VERBS, "hidden": ["nope"]}, "grants[0].hidden", "unknown_field"),
        ({"verbs": VERBS, "read_only": [5]}, "grants[0].read_only", "unknown_field"),
    ],
)
def test_what_is_wrong_on_a_form_is_refused_by_name(
    administrator: Actor, form: CustomForm, values: Any, field: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        save(administrator, name="a", grants=[{"custom_form_id": form.pk, **values}])
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [(field, code)]


def test_all_faults_are_told_at_once(administrator: Actor) -> None:
    with pytest.raises(Refused) as refused:
        save(administrator, name="", members=[2, 99], grants=[{"verbs": ["read", "fly"]}, {"verbs": []}])
    assert [(f.field, f.index, f.code) for f in refused.value.faults] == [
        ("name", None, "required"),
        ("members", 1, "unknown_member"),
        ("grants[0].verbs", 1, "unknown_value"),
        ("grants[1].verbs", None, "required"),
    ]


def test_nothing_of_another_organization_is_known(administrator: Actor, charlie: Member) -> None:
    other = make_form(CustomAppFactory(organization=charlie.organization), {"title": "text_field"})
    DepartmentFactory(organization=charlie.organization, did=77)
    charlie.uid = 55
    charlie.save()
    grants = [{"verbs": VERBS, "custom_form_id": other.pk}, {"verbs": VERBS, "custom_app_id": other.custom_app_id}]
    with pytest.raises(Refused) as refused:
        save(administrator, name="a", members=[55], departments=[77], grants=grants)
    codes = [fault.code for fault in refused.value.faults]
    assert codes == ["unknown_member", "unknown_department", "unknown_form", "unknown_app"]


def test_who_left_may_stay_in_a_role_but_not_come(administrator: Actor, bob: Member) -> None:
    role = save(administrator, name="a", members=[2])
    bob.is_active = False
    bob.save()
    save(administrator, role, name="b", members=[2])
    assert role_document(role)["members"] == [2]
    with pytest.raises(Refused):
        save(administrator, name="c", members=[2])


def test_a_field_that_was_removed_may_stay_in_a_grant(administrator: Actor, form: CustomForm) -> None:
    grant = {"custom_form_id": form.pk, "verbs": VERBS, "hidden": ["pay"]}
    role = save(administrator, name="a", grants=[grant])
    form.custom_fields.get(name="pay").delete()
    save(administrator, role, grants=[grant])
    assert role_document(role)["grants"][0]["hidden"] == ["pay"]


def test_who_lacks_the_verb_people_writes_no_role(bob: Member) -> None:
    role = Role.objects.get(organization=bob.organization_id, name="全员")
    for act in (
        lambda: save(actor_of(bob), name="a"),
        lambda: save(actor_of(bob), role, name="a"),
        lambda: role_delete(role=role, actor=actor_of(bob)),
        lambda: member_roles_save(member=bob, roles=[role], actor=actor_of(bob)),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_token_without_the_verb_people_writes_no_role(administrator: Actor) -> None:
    member = Member.objects.get(pk=administrator.member_id)
    with pytest.raises(Forbidden):
        save(actor_of(member, verbs=frozenset(VERBS)), name="a")


def test_an_administrator_of_another_organization_writes_no_role(administrator: Actor, charlie: Member) -> None:
    with pytest.raises(Forbidden):
        role_save(organization_id=charlie.organization_id, values={"name": "a"}, actor=administrator)


MORE: list[dict[str, Any]] = [
    {"verbs": ["read"]},
    {"verbs": ["update"], "rows": "own"},
    {"verbs": ["design"], "rows": "own"},
    {"verbs": ["read"], "rows": "department"},
    {"custom_app_id": True, "verbs": ["read"], "rows": "own"},
    {"custom_form_id": True, "verbs": ["read"], "rows": "own"},
    {"custom_form_id": True, "verbs": ["read"], "rows": "own", "hidden": ["title"]},
    {"custom_form_id": True, "verbs": ["create"], "rows": "own", "hidden": ["pay"]},
    {"custom_form_id": True, "verbs": ["transfer"], "rows": "own", "hidden": ["pay"]},
]


@pytest.mark.parametrize("grant", MORE)
def test_nobody_gives_more_than_they_have(people: dict[int, Member], form: CustomForm, grant: dict[str, Any]) -> None:
    """They read their own records of the form less `pay`, and create with `title` held back."""
    own = {"custom_form_id": form.pk, "rows": "own", "hidden": ["pay"]}
    actor = limited(people[1], {**own, "verbs": VERBS, "read_only": ["title"]})
    grant = {**grant}
    grant |= {key: form.pk if key == "custom_form_id" else form.custom_app_id for key in grant if grant[key] is True}
    with pytest.raises(Forbidden) as forbidden:
        save(actor, name="a", members=[1], grants=[{"verbs": ["people"]}, grant])
    assert [(f.code, f.field, f.index) for f in forbidden.value.faults] == [("beyond_own_rights", "grants", 1)]


def test_what_one_has_one_may_give(people: dict[int, Member], form: CustomForm) -> None:
    own = {"custom_form_id": form.pk, "rows": "own", "hidden": ["pay"]}
    actor = limited(people[1], {**own, "verbs": VERBS, "read_only": ["title"]})
    save(actor, name="a", grants=[{"verbs": ["people"]}, {**own, "verbs": VERBS, "read_only": ["title"]}])
    save(actor, name="b", grants=[{**own, "verbs": ["read"]}])


def test_a_role_that_gives_more_is_neither_changed_nor_given_nor_deleted(
    people: dict[int, Member], form: CustomForm
) -> None:
    actor = limited(people[1], {"verbs": ["read"]})
    more = Role.objects.get(organization=people[1].organization_id, name="管理员")
    for act in (
        lambda: save(actor, more, members=[1]),
        lambda: save(actor, more, name="other", grants=[]),
        lambda: role_delete(role=more, actor=actor),
        lambda: member_roles_save(member=people[1], roles=[more], actor=actor),
    ):
        with pytest.raises(Forbidden) as forbidden:
            act()
        assert forbidden.value.faults[0].code == "beyond_own_rights"
    assert not more.members.exists()
    assert Grant.objects.filter(role=more).count() == 1


def test_a_role_that_one_may_give_is_deleted(administrator: Actor) -> None:
    role = save(administrator, name="a", grants=[{"verbs": VERBS}])
    role_delete(role=role, actor=administrator)
    assert not Role.objects.filter(pk=role.pk).exists()


def test_the_verb_people_shows_no_record(people: dict[int, Member], form: CustomForm) -> None:
    """It is given on all forms, with all rows and fields: of records it gives none."""
    actor = limited(people[1], {"custom_form_id": form.pk, "verbs": ["read"], "rows": "own", "hidden": ["pay"]})
    rights = schema_of(form).rights(actor)
    assert (rights.rows, rights.hidden) == ({"own"}, {"pay"})
