"""Roles in the administration: the grid, its templates, and what a member may do."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from forms_app.models import CustomForm, Member, Role
from forms_app.people.role_documents import role_document
from tests.accounts import administrator, linked, only
from tests.factories import make_form

ADD, LIST, RIGHTS = (reverse(f"admin:forms_app_role_{page}") for page in ("add", "changelist", "rights"))
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def boss_of_people(client: Client, people: dict[int, Member]) -> Client:
    return linked(client, administrator(people[1]))


def url(role: Role) -> str:
    return reverse("admin:forms_app_role_change", args=[role.pk])


def rows_of(response: Any) -> list[Any]:
    apps = response.context["apps"]
    return [*response.context["everything"], *(row for app in apps for row in (app.row, *app.forms))]


def row_for(response: Any, target: Any) -> Any:
    return next(row for row in rows_of(response) if row.target == target)


def posted(response: Any, given: dict[Any, dict[str, Any]], **values: Any) -> dict[str, Any]:
    """What a browser posts of the page when these rows are filled in."""
    post: dict[str, Any] = {"row": [], **values}
    for row in rows_of(response):
        post["row"].append(str(row.place))
        kind = {None: "", "custom_app_id": "app", "custom_form_id": "form"}[row.target[0] if row.target else None]
        post[f"{row.place}-target"] = f"{kind}:{row.target[1]}" if row.target else ""
        filled = given.get(row.target, {})
        post[f"{row.place}-verbs"] = filled.get("verbs", [])
        post[f"{row.place}-rows"] = filled.get("rows", "all")
        post[f"{row.place}-fields"] = list(filled.get("fields", {}))
        post |= {f"{row.place}-field-{name}": way for name, way in filled.get("fields", {}).items()}
    return post


def test_a_role_is_made_in_the_grid(boss_of_people: Client, form: CustomForm, people: dict[int, Member]) -> None:
    form.tabs.create(name="open", label="未完成")
    page = boss_of_people.get(ADD)
    given = {
        None: {"verbs": ["read"], "rows": "own"},
        ("custom_app_id", form.custom_app_id): {"verbs": ["read", "export"], "rows": "department"},
        ("custom_form_id", form.pk): {
            "verbs": ["read", "update"],
            "rows": "tab:open",
            "fields": {"amount": "hidden", "title": "read_only", "source": ""},
        },
    }
    member = people[2]
    answer = boss_of_people.post(ADD, posted(page, given, name="审核", members=[member.pk], departments=[]))
    assert answer.status_code == 302, answer.context["faults"]
    role = Role.objects.get(name="审核")
    assert role_document(role) == {
        "id": role.pk,
        "name": "审核",
        "everyone": False,
        "members": [2],
        "departments": [],
        "grants": [
            {"verbs": ["read"], "rows": "own", "hidden": [], "read_only": []},
            {
                "custom_app_id": form.custom_app_id,
                "verbs": ["read", "export"],
                "rows": "department",
                "hidden": [],
                "read_only": [],
            },
            {
                "custom_form_id": form.pk,
                "verbs": ["read", "update"],
                "rows": {"tab": "open"},
                "hidden": ["amount"],
                "read_only": ["title"],
            },
        ],
    }
    again = boss_of_people.get(url(role))
    row = row_for(again, ("custom_form_id", form.pk))
    assert [value for value, _label, chosen in row.rows if chosen] == ["tab:open"]
    assert {name: way for name, _label, way in row.access if way} == {"amount": "hidden", "title": "read_only"}
    assert "member 2" in again.content.decode()


@pytest.mark.parametrize(
    ("template", "verbs", "rows"),
    [
        ("read_only", ["read", "export"], "all"),
        ("filler", ["read", "create", "update"], "own"),
        ("head", ["read", "create", "update", "destroy", "transfer", "export"], "department_below"),
    ],
)
def test_a_new_role_may_begin_with_a_template(
    boss_of_people: Client, template: str, verbs: list[str], rows: str
) -> None:
    page = boss_of_people.get(ADD, {"template": template})
    row = row_for(page, None)
    assert {verb for verb, _label, given in row.verbs if given} == set(verbs)
    assert [value for value, _label, chosen in row.rows if chosen] == [rows]
    assert page.context["form"]["name"].value()


def test_what_is_wrong_stands_beside_it(boss_of_people: Client, form: CustomForm) -> None:
    page = boss_of_people.get(ADD)
    target = ("custom_form_id", form.pk)
    post = posted(page, {target: {"verbs": ["read"], "rows": "tab:gone"}}, name="")
    answer = boss_of_people.post(ADD, post, headers=ENGLISH)
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"] == ["A role needs a name."]
    assert row_for(answer, target).faults == ["There is no such tab."]
    assert not answer.context["faults"]


def test_who_lacks_a_right_is_told_at_the_row(client: Client, form: CustomForm, people: dict[int, Member]) -> None:
    linked(client, people[1])
    only(people[1], {"verbs": ["people"]}, {"verbs": ["read"], "custom_form": form})
    page = client.get(ADD)
    assert [row.target for row in rows_of(page)] == [
        None,
        ("custom_app_id", form.custom_app_id),
        ("custom_form_id", form.pk),
    ]
    target = ("custom_form_id", form.pk)
    answer = client.post(ADD, posted(page, {target: {"verbs": ["update"]}}, name="a"), headers=ENGLISH)
    assert row_for(answer, target).faults == ["This gives more than you have yourself."]
    assert not Role.objects.filter(name="a").exists()


def test_a_role_that_gives_more_can_only_be_looked_at(client: Client, people: dict[int, Member]) -> None:
    linked(client, people[1])
    only(people[1], {"verbs": ["people"]})
    role = Role.objects.get(name="管理员", organization=people[1].organization)
    page = client.get(url(role))
    assert page.context["editable"] is False
    post = posted(page, {None: {"verbs": ["people"]}}, name="a", members=[people[1].pk])
    assert client.post(url(role), post).status_code == 422
    assert client.post(reverse("admin:forms_app_role_delete", args=[role.pk]), {"post": "yes"}).status_code == 403
    assert not role.members.exists()
    role.refresh_from_db()
    assert role.name == "管理员"


def test_only_forms_that_exist_for_the_editor_are_offered(
    client: Client, form: CustomForm, people: dict[int, Member]
) -> None:
    other = make_form(form.custom_app, {"title": "text_field"}, name="秘密")
    linked(client, people[1])
    only(people[1], {"verbs": ["people"]}, {"verbs": ["read"], "custom_form": form})
    assert "秘密" not in client.get(ADD).content.decode()
    assert client.get(reverse("admin:forms_app_role_limits", args=[other.pk]), {"row": "3"}).status_code == 404
    shown = client.get(reverse("admin:forms_app_role_limits", args=[form.pk]), {"row": "3"}).content.decode()
    assert "label of amount" in shown and 'name="3-field-amount"' in shown


def test_what_is_gone_or_off_is_shown_as_such(
    boss_of_people: Client, form: CustomForm, people: dict[int, Member]
) -> None:
    grant = {"verbs": ["read"], "custom_form": form, "hidden": ["amount", "total"]}
    role = only(people[2], grant)
    Member.objects.filter(pk=people[2].pk).update(is_active=False)
    form.custom_fields.get(name="total").delete()
    form.status = "disable"
    form.save()
    page = boss_of_people.get(url(role), headers=ENGLISH)
    text = page.content.decode()
    assert "member 2 (deactivated)" in text
    assert "total (removed)" in text
    assert row_for(page, ("custom_form_id", form.pk)).state == "disabled"


def test_the_page_says_what_a_member_may_and_which_role_gives_it(
    boss_of_people: Client, form: CustomForm, people: dict[int, Member]
) -> None:
    only(people[2], {"verbs": ["read", "update"], "custom_form": form, "rows": "own", "hidden": ["amount"]})
    page = boss_of_people.get(RIGHTS, {"member": people[2].pk}, headers=ENGLISH)
    (row,) = page.context["forms"]
    assert row["verbs"] == [("read, change", "only 2")]
    assert row["rows"] == [("one's own", "only 2")]
    assert row["hidden"] == ["label of amount"]
    assert "only 2" in page.content.decode()
    assert boss_of_people.get(RIGHTS).status_code == 200


def test_of_another_organization_no_role_and_no_member_is_shown(boss_of_people: Client, charlie: Member) -> None:
    theirs = Role.objects.get(organization=charlie.organization, name="全员")
    for ask in (boss_of_people.get, boss_of_people.post):
        assert ask(url(theirs)).status_code == 404
    assert boss_of_people.get(RIGHTS, {"member": charlie.pk}).status_code == 404
    assert url(theirs) not in boss_of_people.get(LIST).content.decode()


def test_a_role_is_deleted_from_its_page(boss_of_people: Client, people: dict[int, Member]) -> None:
    role = only(people[2], {"verbs": ["read"]})
    address = reverse("admin:forms_app_role_delete", args=[role.pk])
    assert address in boss_of_people.get(url(role)).content.decode()
    boss_of_people.post(address, {"post": "yes"})
    assert not Role.objects.filter(pk=role.pk).exists()


def test_an_operator_says_in_which_organization_a_role_is(admin: Client, form: CustomForm, alice: Member) -> None:
    assert f"?organization={alice.organization_id}" in admin.get(ADD).content.decode()
    address = f"{ADD}?organization={alice.organization_id}"
    page = admin.get(address)
    assert admin.post(address, posted(page, {None: {"verbs": ["people"]}}, name="甲")).status_code == 302
    assert Role.objects.get(name="甲").organization_id == alice.organization_id
