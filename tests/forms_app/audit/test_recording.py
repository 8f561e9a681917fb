"""What the audit tells: every way in which a definition, a person or a right changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from forms_app.audit import source
from forms_app.audit.differences import MASK
from forms_app.audit.source import Account, Source
from forms_app.design.fields import field_add, field_change, field_remove
from forms_app.flows.publishing import flow_create, flow_publish, flow_save
from forms_app.models import AccessToken, AuditEntry, CustomApp, CustomForm, Department, Member, Role
from forms_app.people.role_documents import role_document, role_save
from forms_app.people.tokens import token_create, token_revoke
from forms_app.staff.leaving import member_leave
from forms_app.staff.members import member_mass_upsert
from tests.factories import MemberFactory, UserFactory, make_form, system_of


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"title": ("text_field", {"max_length": 10}), "amount": "integer_field"})


@pytest.fixture
def told() -> Callable[[], list[AuditEntry]]:
    """The entries since the test began or asked last, oldest first."""
    last = [0]

    def entries() -> list[AuditEntry]:
        found = list(AuditEntry.objects.filter(pk__gt=last[0]).order_by("pk"))
        last[0] = found[-1].pk if found else last[0]
        return found

    return entries


def lines(entries: list[AuditEntry]) -> list[tuple[str, str, str, Any]]:
    return [(each.action, each.kind, each.label, each.changes) for each in entries]


def test_a_field_tells_what_its_setting_was_and_is(form: CustomForm, told: Any) -> None:
    field = form.custom_fields.get(name="title")
    told()
    field_change(field=field, label="标题", setting={"max_length": 20})
    entries = told()
    assert lines(entries) == [
        ("changed", "customfield", "标题", [{"name": "label", "before": "label of title", "after": "标题"}]),
        ("changed", "customfield", "标题", [{"name": "setting", "path": ["max_length"], "before": 10, "after": 20}]),
    ]
    assert {(each.page_kind, each.page_id, each.organization_id) for each in entries} == {
        ("customform", form.pk, form.organization_id)
    }


def test_options_are_told_on_their_form(form: CustomForm, told: Any) -> None:
    options = [{"label": "高"}, {"label": "低"}]
    group = form.field_groups.get()
    told()
    field = field_add(form=form, group=group, field_type="select_field", label="等级", options=options)
    entries = told()
    assert [(each.action, each.label) for each in entries if each.kind == "fieldoption"] == [
        ("created", "高"),
        ("created", "低"),
    ]
    assert {each.page_id for each in entries} == {form.pk}
    field_remove(field=field)
    assert [(each.action, each.kind, each.label) for each in told()] == [("deleted", "customfield", "等级")]


def test_what_changes_nothing_is_not_told(form: CustomForm, told: Any) -> None:
    form.refresh_from_db()
    told()
    form.save()
    field = form.custom_fields.get(name="title")
    field_change(field=field, label=field.label)
    CustomForm.objects.filter(pk=form.pk).update(definition_version=7)
    assert told() == []


def test_what_is_rolled_back_is_not_told(form: CustomForm, told: Any) -> None:
    told()
    with pytest.raises(RuntimeError), transaction.atomic():
        form.description = "new"
        form.save()
        raise RuntimeError
    assert told() == []


def test_a_role_tells_the_grant_that_changed_and_no_other(
    people: dict[int, Member], form: CustomForm, told: Any
) -> None:
    organization_id = form.organization_id
    actor = system_of(organization_id)
    grants = [{"verbs": ["read"]}, {"custom_form_id": form.pk, "verbs": ["read", "update"]}]
    role = role_save(organization_id=organization_id, values={"name": "客服", "grants": grants}, actor=actor)
    told()
    document = role_document(role)
    document["grants"][1]["hidden"] = ["amount"]
    role_save(organization_id=organization_id, values={**document, "members": [2]}, actor=actor, role=role)
    assert lines(told()) == [
        ("changed", "role", "客服", [{"name": "members", "added": [people[2].pk]}]),
        ("changed", "grant", "form", [{"name": "hidden", "before": [], "after": ["amount"]}]),
    ]


def test_related_rows_are_told_from_either_side(people: dict[int, Member], told: Any) -> None:
    role = Role.objects.get(organization=people[1].organization, name="管理员")
    told()
    people[1].roles.add(role)
    role.members.add(people[1], people[2])
    people[2].roles.remove(role)
    role.members.clear()
    one, two = people[1].pk, people[2].pk
    assert lines(told()) == [
        ("changed", "role", "管理员", [{"name": "members", "added": [one]}]),
        ("changed", "role", "管理员", [{"name": "members", "added": [two]}]),
        ("changed", "role", "管理员", [{"name": "members", "removed": [two]}]),
        ("changed", "role", "管理员", [{"name": "members", "removed": [one]}]),
    ]


def test_a_token_tells_that_it_was_made_and_revoked_and_no_secret(alice: Member, told: Any) -> None:
    row, token = token_create(member=alice, name="ERP")
    token_revoke(access_token=row)
    AccessToken.objects.filter(pk=row.pk).update(last_used_at="2026-01-01T00:00:00Z")
    made, revoked = [each for each in told() if each.kind == "accesstoken"]
    assert (made.action, revoked.action) == ("created", "changed")
    assert [change["name"] for change in revoked.changes] == ["revoked_at"]
    assert token not in str(made.changes)
    assert row.digest not in str(made.changes)


def test_an_account_tells_of_its_password_only_that_it_changed(alice: Member, told: Any) -> None:
    user = UserFactory(username="wang")
    alice.user = user
    alice.save()
    told()
    user.set_password("a very long secret")
    user.save()
    (entry,) = told()
    assert (entry.kind, entry.page_kind, entry.page_id) == ("user", "member", alice.pk)
    assert entry.changes == [{"name": "password", "after": MASK}]  # before, it had none


def test_people_written_at_once_are_told_one_by_one(people: dict[int, Member], told: Any) -> None:
    organization_id = people[1].organization_id
    Member.objects.filter(pk=people[2].pk).update(third_userid="b", name="Bob")
    told()
    rows = [{"third_userid": "b", "phone": "139", "departments": [1]}, {"third_userid": "n", "name": "新"}]
    member_mass_upsert(organization_id=organization_id, rows=rows, actor=system_of(organization_id))
    top = Department.objects.get(organization=organization_id, did=1)
    made, changed, moved = told()
    assert lines([changed, moved]) == [
        ("changed", "member", "Bob", [{"name": "phone", "after": "139"}]),
        ("changed", "member", "Bob", [{"name": "departments", "added": [top.pk]}]),
    ]
    assert (made.action, made.label, made.page_id) == ("created", "新", Member.objects.get(third_userid="n").pk)


def test_many_people_cost_no_more_statements(organization: Any) -> None:
    def statements(count: int, first: int) -> int:
        rows = [{"third_userid": f"{n}", "name": f"{n}"} for n in range(first, first + count)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            member_mass_upsert(organization_id=organization.pk, rows=rows, actor=system_of(organization.pk))
        return len(captured)

    assert statements(2, 0) == statements(90, 10)


def test_who_leaves_takes_account_and_tokens_along(people: dict[int, Member], told: Any) -> None:
    bob = people[2]
    bob.user = UserFactory()
    bob.save()
    token_create(member=bob, name="ERP")
    told()
    member_leave(member=bob, successor=None, actor=system_of(bob.organization_id))
    assert [(each.kind, each.changes[0]["name"]) for each in told()] == [
        ("member", "is_active"),
        ("accesstoken", "revoked_at"),
        ("user", "is_active"),
    ]


def test_a_flow_tells_the_parts_of_its_draft_that_changed(form: CustomForm, told: Any) -> None:
    flow = flow_create(custom_form=form, name="审批")
    definition = {**flow.draft, "components": [dict(each) for each in flow.draft["components"]]}
    definition["components"][0]["name"] = "申请"
    told()
    flow_save(flow=flow, design={"definition": definition})
    (entry,) = told()
    component = flow.draft["components"][0]
    assert [change["path"] for change in entry.changes] == [["components", component["id"], "name"]]
    version = flow_publish(flow=flow)
    (entry,) = told()
    assert [(change["name"], change["after"]) for change in entry.changes] == [("published_id", version.pk)]


WAYS: dict[str, Callable[[Any], Any]] = {
    "save": lambda member: setattr(member, "name", "new") or member.save(),
    "save some": lambda member: setattr(member, "name", "new") or member.save(update_fields=["name"]),
    "update": lambda member: Member.objects.filter(pk=member.pk).update(name="new"),
    "update or create": lambda member: Member.objects.update_or_create(pk=member.pk, defaults={"name": "new"}),
    "bulk update": lambda member: setattr(member, "name", "new") or Member.objects.bulk_update([member], ["name"]),
    "bulk create": lambda member: (
        setattr(member, "name", "new")
        or Member.objects.bulk_create([member], update_conflicts=True, unique_fields=["pk"], update_fields=["name"])
    ),
    "the other side": lambda member: member.organization.member_set.update(name="new"),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_write_is_told(organization: Any, told: Any, way: str) -> None:
    member = MemberFactory(organization=organization, name="old")
    told()
    WAYS[way](member)
    assert lines(told()) == [("changed", "member", "new", [{"name": "name", "before": "old", "after": "new"}])]


DELETIONS: dict[str, Callable[[Model], Any]] = {
    "delete": lambda member: member.delete(),
    "delete many": lambda member: Member.objects.filter(pk=member.pk).delete(),
}


@pytest.mark.parametrize("way", DELETIONS)
def test_every_way_to_delete_is_told(organization: Any, told: Any, way: str) -> None:
    member = MemberFactory(organization=organization, name="old")
    token_create(member=member, name="ERP")  # goes along, and is not told by itself
    told()
    DELETIONS[way](member)
    (entry,) = told()
    assert (entry.action, entry.kind, entry.label) == ("deleted", "member", "old")
    assert {change["name"] for change in entry.changes} >= {"name", "uid"}


def test_an_entry_says_who_and_by_what(alice: Member, told: Any) -> None:
    row, _token = token_create(member=alice, name="ERP")
    told()

    def changed(name: str) -> AuditEntry:
        Department.objects.filter(organization=alice.organization_id, did=1).update(name=name)
        return told()[0]  # type: ignore[no-any-return]

    by_command = changed("a")
    assert (by_command.who, by_command.account_id, by_command.call) == ("", None, source.command())
    account = Account(7, "wang", alice.pk, "王")
    by_page = Source("POST /admin/", "r1", lambda: "10.0.0.1", lambda: account)
    with source.acting(by_page):
        entry = changed("b")
    assert (entry.who, entry.account, entry.member_id, entry.call) == ("王", "wang", alice.pk, "POST /admin/")
    assert (entry.request_id, entry.address, entry.token_id) == ("r1", "10.0.0.1", None)
    with source.acting(Source("PUT /apaas/")):
        source.by_token(row.pk)
        entry = changed("c")
    assert (entry.who, entry.token, entry.token_id, entry.account) == (alice.name, "ERP", row.pk, "")
