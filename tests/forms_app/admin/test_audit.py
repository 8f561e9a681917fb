"""What happened to a thing, beside its page; and all changes of an organization."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from forms_app.design.fields import field_change
from forms_app.models import AuditEntry, CustomApp, CustomForm, Member, Role
from forms_app.people.tokens import token_create
from forms_app.staff.leaving import member_leave
from tests.accounts import administrator, linked, only
from tests.factories import make_form, system_of

LIST = reverse("admin:forms_app_auditentry_changelist")


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"title": ("text_field", {"max_length": 10}), "amount": "integer_field"})


@pytest.fixture
def boss(client: Client, people: dict[int, Member]) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    return linked(client, administrator(people[1]), username="wang")


def history(thing: Any) -> str:
    return reverse(f"admin:forms_app_{thing._meta.model_name}_history", args=[thing.pk])


def shown(response: Any) -> list[tuple[str, str, str, list[tuple[str, Any, Any]]]]:
    return [
        (thing.action, thing.kind, thing.label, [(each.label, each.before, each.after) for each in thing.changes])
        for event in response.context["events"]
        for thing in event.things
    ]


def test_a_forms_history_tells_what_changed_in_its_readers_words(boss: Client, form: CustomForm) -> None:
    field = form.custom_fields.get(name="title")
    field_change(field=field, setting={"max_length": 20, "unique": True})
    page = boss.get(history(form))
    changes = shown(page)[0][3]
    assert shown(page)[0][:3] == ("修改", "字段", field.label)
    assert sorted(changes) == [("唯一", "否", "是"), ("最大长度", "10", "20")]


def test_one_request_is_one_card_with_who_made_it(boss: Client, people: dict[int, Member]) -> None:
    member = people[3]
    url = reverse("admin:forms_app_member_change", args=[member.pk])
    form = boss.get(url).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value is not None}
    data |= {"departments": [each.pk for each in member.departments.all()], "name": "王芳", "phone": "13900000000"}
    assert boss.post(url, {key: getattr(value, "pk", value) for key, value in data.items()}).status_code == 302
    page = boss.get(history(member))
    event = page.context["events"][0]
    (thing,) = event.things
    assert (thing.kind, {change.after for change in thing.changes}) == ("成员", {"王芳", "13900000000"})
    assert (event.first.who, event.first.account, event.first.call) == (people[1].name, "wang", f"POST {url}")
    assert "王芳" in page.content.decode()


def test_a_members_history_tells_of_roles_and_account(boss: Client, people: dict[int, Member]) -> None:
    role = Role.objects.get(organization=people[2].organization, name="管理员")
    role.members.add(people[2])
    member_leave(member=people[2], successor=None, actor=system_of(people[2].organization_id))
    told = shown(boss.get(history(people[2])))
    assert [each[:3] for each in told[:2]] == [("修改", "成员", people[2].name), ("修改", "角色", "管理员")]
    assert told[1][3] == [("成员", None, people[2].name)]


def test_old_changes_are_a_page_further(boss: Client, form: CustomForm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forms_app.admin.history_page.AT_ONCE", 2)
    for number in range(5):
        form.description = f"{number}"
        form.save()
    first = boss.get(history(form))
    assert [each[3][0][2] for each in shown(first)] == ["4", "3"]
    second = boss.get(history(form), {"before": first.context["older"]})
    assert [each[3][0][2] for each in shown(second)] == ["2", "1"]
    assert boss.get(history(form), {"before": "x"}).status_code == 200


@pytest.mark.parametrize("count", [1, 30])
def test_a_history_costs_the_same_for_many_changes(
    boss: Client, form: CustomForm, count: int, django_assert_max_num_queries: Any, settings: Any
) -> None:
    settings.VERSION_CHECK_SECONDS = 60  # at 0 each look at the tags is a statement
    for number in range(count):
        group = form.field_groups.create(label=f"{number}")
        form.custom_fields.filter(name="title").update(custom_field_group=group)
    boss.get(history(form))
    with django_assert_max_num_queries(14):
        boss.get(history(form))


def test_a_token_tells_whose_it_is_and_nothing_secret(boss: Client, people: dict[int, Member]) -> None:
    row, token = token_create(member=people[2], name="ERP", verbs=["read"])
    page = boss.get(history(row))
    ((action, kind, label, changes),) = shown(page)
    assert (action, kind, label) == ("新建", "访问令牌", "ERP")
    told = {label: after for label, _before, after in changes}
    assert told == {"代表成员": people[2].name, "名称": "ERP", "令牌开头": row.hint, "操作": "查看"}
    assert token not in page.content.decode()
    assert row.digest not in page.content.decode()


def test_the_list_holds_the_own_organization_and_finds(
    boss: Client, charlie: Member, people: dict[int, Member]
) -> None:
    Member.objects.filter(pk=people[2].pk).update(name="张三丰")
    Member.objects.filter(pk=charlie.pk).update(name="查理")
    page = boss.get(LIST)
    assert "张三丰" in page.content.decode()
    assert "查理" not in page.content.decode()
    found = boss.get(LIST, {"q": "张三丰", "kind": "member", "action": "changed"})
    assert len(found.context["cl"].result_list) == 1
    foreign = AuditEntry.objects.filter(organization_id=charlie.organization_id).first()
    assert foreign
    entry = AuditEntry.objects.get(label="张三丰")
    url = reverse("admin:forms_app_auditentry_change", args=[entry.pk])
    assert shown(boss.get(url))[0][2] == "张三丰"
    assert boss.get(reverse("admin:forms_app_auditentry_change", args=[foreign.pk])).status_code == 404
    assert boss.post(reverse("admin:forms_app_auditentry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    assert boss.get(reverse("admin:forms_app_auditentry_add")).status_code == 403


def test_who_may_not_manage_people_sees_no_list_and_no_persons_history(
    client: Client, people: dict[int, Member], form: CustomForm
) -> None:
    designer = linked(client, people[2])
    only(people[2], {"verbs": ["read", "design"]})
    assert designer.get(history(form)).status_code == 200
    assert designer.get(LIST).status_code == 403
    assert designer.get(history(people[1])).status_code in (403, 404)


def test_who_manages_people_sees_of_forms_what_they_design(
    client: Client, people: dict[int, Member], form: CustomForm
) -> None:
    other = make_form(form.custom_app, {"title": "text_field"}, name="other")
    keeper = linked(client, people[2])
    only(people[2], {"verbs": ["people"]}, {"verbs": ["design"], "custom_form": form})
    pages = set(keeper.get(LIST).context["cl"].queryset.values_list("page_kind", "page_id"))
    assert ("customform", form.pk) in pages
    assert ("member", people[1].pk) in pages
    assert ("customform", other.pk) not in pages
    assert ("customapp", form.custom_app_id) not in pages


def test_what_is_not_audited_has_no_history(admin_client: Client) -> None:
    assert admin_client.get(reverse("admin:forms_app_region_history", args=["1"])).status_code == 404
