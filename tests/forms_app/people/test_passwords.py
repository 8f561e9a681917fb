"""A new password ends what was opened with the old one, however it is set; and each way holds it to the rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from config.management.commands.quickstart import _new_secrets
from forms_app.people.security_codes import security_code_issue, security_code_user
from tests.factories import UserFactory

OLD, NEW = "old horse battery", "new horse battery"
WEAK = ("short", "password123", "18446744073709551615", "somebody1")


@pytest.fixture
def account(db: None) -> User:
    user: User = UserFactory(username="somebody", is_superuser=True)
    user.set_password(OLD)
    user.save()
    return user


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def signed_in(client: Client) -> bool:
    return client.get(reverse("admin:index")).status_code == 200


def by_administrator(user: User, new: str) -> None:
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    data = {"usable_password": "true", "password1": new, "password2": new}
    browser(UserFactory(is_superuser=True)).post(url, data)


def by_own_page(user: User, new: str) -> None:
    data = {"old_password": OLD, "new_password1": new, "new_password2": new}
    browser(user).post(reverse("admin:password_change"), data)


def by_command(user: User, new: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changepassword.Command, "_get_pass", lambda *args, **kwargs: new)
        call_command("changepassword", user.username, verbosity=0)


def by_save(user: User, new: str) -> None:
    again = User.objects.get(pk=user.pk)
    again.set_password(new)
    again.save()


def by_statement(user: User, new: str) -> None:
    again = User.objects.get(pk=user.pk)
    again.set_password(new)
    User.objects.filter(pk=user.pk).update(password=again.password)


CHECKED = [by_administrator, by_own_page, by_command]
Change = Callable[[User, str], None]


@pytest.mark.parametrize("change", [*CHECKED, by_save, by_statement])
def test_a_new_password_ends_codes_and_sessions_at_once(account: User, change: Change) -> None:
    code, other, elsewhere = security_code_issue(user=account), security_code_issue(user=account), browser(account)
    assert security_code_user(code) == account
    assert signed_in(elsewhere)
    change(account, NEW)
    assert User.objects.get(pk=account.pk).check_password(NEW)
    assert security_code_user(code) is security_code_user(other) is None
    assert not signed_in(elsewhere)
    assert security_code_user(security_code_issue(user=User.objects.get(pk=account.pk))) == account


def test_who_changes_their_own_password_stays_signed_in(account: User) -> None:
    client = browser(account)
    client.post(reverse("admin:password_change"), {"old_password": OLD, "new_password1": NEW, "new_password2": NEW})
    assert signed_in(client)


def test_another_account_s_password_ends_nothing(account: User) -> None:
    code, client = security_code_issue(user=account), browser(account)
    by_save(UserFactory(), NEW)
    assert security_code_user(code) == account
    assert signed_in(client)


def test_a_deactivated_account_s_code_and_session_end_at_once(account: User) -> None:
    code, client = security_code_issue(user=account), browser(account)
    url = reverse("admin:auth_user_change", args=[account.pk])
    data = {"username": account.username, "date_joined_0": "2026-01-01", "date_joined_1": "00:00"}
    browser(UserFactory(is_superuser=True)).post(url, data)
    assert not User.objects.get(pk=account.pk).is_active
    assert security_code_user(code) is None
    assert not signed_in(client)


@pytest.mark.parametrize("weak", WEAK)
@pytest.mark.parametrize("change", CHECKED)
def test_each_way_refuses_a_password_that_is_easily_guessed(account: User, change: Change, weak: str) -> None:
    if change is by_command:
        with pytest.raises(CommandError):
            change(account, weak)
    else:
        change(account, weak)
    assert User.objects.get(pk=account.pk).check_password(OLD)


@pytest.mark.parametrize("weak", WEAK)
def test_a_new_account_has_no_such_password(db: None, weak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser(UserFactory(username="boss", is_superuser=True))
    data = {"username": "somebody", "usable_password": "true", "password1": weak, "password2": weak}
    assert client.post(reverse("admin:auth_user_add"), data).status_code == 200
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", weak)
    options: dict[str, Any] = {"username": "somebody", "email": "a@example.org", "verbosity": 0}
    with pytest.raises(CommandError, match="DJANGO_SUPERUSER_PASSWORD"):
        call_command("createsuperuser", interactive=False, **options)
    assert not User.objects.filter(username="somebody").exists()
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", NEW)
    call_command("createsuperuser", interactive=False, **options)
    assert User.objects.get(username="somebody").check_password(NEW)


def test_the_demo_s_own_passwords_keep_the_rules() -> None:
    for _n in range(20):
        secrets = json.loads(_new_secrets())
        validate_password(secrets["admin_password"], User(username=secrets["admin_username"]))
