"""`manage.py create_organization` and `create_token`: first steps for scripts."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from forms_app.models import AccessToken, CustomApp, Department, Member, Organization
from forms_app.models.role import ADMINISTRATORS
from forms_app.people.tokens import digest
from tests.factories import make_form

pytestmark = pytest.mark.django_db
NAMES = ("Acme", "--administrator", "李雷", "--username", "lilei")


def run(command: str, *arguments: object) -> dict[str, Any]:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def rows(path: Path, *found: dict[str, Any]) -> Path:
    path.write_text(json.dumps(found))
    return path


def test_an_organization_has_an_administrator_who_sets_a_password_by_the_link() -> None:
    found = run("create_organization", *NAMES, "--email", "lilei@example.com")
    member = Member.objects.get(organization_id=found["organization_id"], uid=found["member_uid"])
    assert (member.name, member.organization.name) == ("李雷", "Acme")
    assert [role.name for role in member.roles.all()] == [ADMINISTRATORS]
    assert member.user and (member.user.get_username(), member.user.email) == (found["username"], "lilei@example.com")
    client, password = Client(), "a long enough 密码"
    page = client.get(found["invitation"]).headers["Location"]
    assert client.post(page, {"new_password1": password, "new_password2": password}).status_code == 302
    assert get_user_model().objects.get(username="lilei").check_password(password)


def test_departments_members_and_a_token_come_with_it(tmp_path: Path) -> None:
    departments = rows(tmp_path / "d.json", {"third_dept_id": "sales", "name": "销售部"})
    members = rows(tmp_path / "m.json", {"third_userid": "h1", "name": "韩梅梅", "third_dept_ids": ["sales"]})
    options = ("--departments", departments, "--members", members, "--token", "crm")
    found = run("create_organization", *NAMES, *options)
    token = AccessToken.objects.get(digest=digest(found["token"]))
    assert (token.name, token.member.uid) == ("crm", found["member_uid"])
    (sales,) = Department.objects.filter(organization_id=found["organization_id"])
    assert [member.name for member in sales.members.all()] == ["韩梅梅"]
    answer = Client().get("/apaas/api/v2/user/list", headers={"ACCESS-TOKEN": found["token"]})
    assert answer.status_code == 200 and "韩梅梅" in answer.content.decode()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("\u3000", "--administrator", "\u200b\ufe0f", "--username", "a b"),
            ["name: ", "administrator: ", "username: "],
        ),
        (("x" * 101, "--administrator", "a", "--username", ""), ["name: ", "username: "]),
        ((*NAMES, "--email", "none"), ["email: "]),
        ((*NAMES[:-1], "TAKEN"), ["username: "]),
    ],
)
def test_what_is_wrong_is_said_at_once_and_nothing_is_made(arguments: tuple[str, ...], told: list[str]) -> None:
    get_user_model().objects.create_user("taken")
    with pytest.raises(CommandError) as refused:
        run("create_organization", *arguments)
    assert [line[: line.find(" ") + 1] for line in str(refused.value).splitlines()] == told
    assert not Organization.objects.exists() and not Member.objects.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "no list of objects"),
        ("[1]", "no list of objects"),
        ("[", "no JSON"),
        ('[{"third_userid": "1"}]', "row 0"),
    ],
)
def test_wrong_members_leave_no_organization(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "members.json"
    path.write_text(text)
    with pytest.raises(CommandError, match=told):
        run("create_organization", *NAMES, "--members", path)
    with pytest.raises(CommandError, match="No such file"):
        run("create_organization", *NAMES, "--members", tmp_path / "none.json")
    assert not Organization.objects.exists()
    assert not get_user_model().objects.exists()


def test_a_token_has_the_limits_that_are_asked_for(alice: Member, custom_app: CustomApp) -> None:
    form = make_form(custom_app, {"text": "text_field"})
    end = (timezone.now() + timedelta(days=9)).isoformat()
    limits = ("--verbs", "read", "create", "--forms", form.pk, "--networks", "10.0.0.0/8", "--expires", end)
    found = run("create_token", alice.organization_id, alice.uid, "crm", *limits, "--calls-per-minute", 9)
    token = AccessToken.objects.get(pk=found["id"])
    assert token.digest == digest(found["token"])
    assert (token.member_id, token.name, token.verbs) == (alice.pk, "crm", ["read", "create"])
    assert (token.networks, token.calls_per_minute, token.calls_at_once) == (["10.0.0.0/8"], 9, None)
    assert token.expires_at is not None and token.expires_at.isoformat()[:19] == end[:19]
    assert token.restricted and list(token.custom_forms.all()) == [form]


def test_a_token_without_limits_has_none(alice: Member) -> None:
    token = AccessToken.objects.get(pk=run("create_token", alice.organization_id, alice.uid, "crm")["id"])
    assert (token.verbs, token.restricted, token.networks, token.expires_at) == (None, False, [], None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--verbs", "fly", "--networks", "x", "--expires", "2020-01-01T00:00"),
            ["verbs: ", "networks: ", "expires_at: "],
        ),
        (("--forms", "999999"), ["custom_form_ids: "]),
        (("--calls-at-once", "0"), ["--calls-at-once: "]),
    ],
)
def test_wrong_limits_make_no_token(alice: Member, arguments: tuple[str, ...], told: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        run("create_token", alice.organization_id, alice.uid, "crm", *arguments)
    assert [line[: line.find(" ") + 1] for line in str(refused.value).splitlines()] == told
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(("known", "uid"), [(False, 1), (True, 10**6)])
def test_a_token_is_somebody_s(alice: Member, known: bool, uid: int) -> None:
    with pytest.raises(CommandError, match="uid: "):
        run("create_token", alice.organization_id if known else 0, uid, "crm")


def test_a_time_is_a_time(alice: Member) -> None:
    with pytest.raises(CommandError, match="no time such as"):
        run("create_token", alice.organization_id, alice.uid, "crm", "--expires", "tomorrow")
