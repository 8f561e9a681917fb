"""A token is shown once, can be revoked, and never lends sight of another organization."""

from __future__ import annotations

import re

from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from forms_app.models import AccessToken, CustomForm, Member
from forms_app.people.tokens import digest
from tests.factories import CustomAppFactory, make_form, make_token

ADD = "admin:forms_app_accesstoken_add"
LIST = "admin:forms_app_accesstoken_changelist"


def test_the_token_is_shown_once_and_kept_nowhere(admin: Client, alice: Member, form: CustomForm) -> None:
    response = admin.post(reverse(ADD), {"member": alice.pk, "name": "ERP", "custom_forms": [form.pk]})
    assert response.status_code == 200, response.content[:500]
    found = re.search(r'value="(apaas_[\w-]+)"', response.content.decode())
    assert found
    token = found[1]
    row = AccessToken.objects.get(name="ERP")
    assert row.digest == digest(token)
    assert row.restricted and list(row.custom_forms.all()) == [form]
    assert "no-store" in response["Cache-Control"]
    for url in (reverse(LIST), reverse("admin:forms_app_accesstoken_change", args=[row.pk])):
        content = admin.get(url).content.decode()
        assert token not in content
        assert row.digest not in content
    assert all(token not in str(session.get_decoded()) for session in Session.objects.all())


def test_a_form_of_another_organization_is_refused(admin: Client, alice: Member, charlie: Member) -> None:
    foreign = make_form(CustomAppFactory(organization=charlie.organization))
    response = admin.post(reverse(ADD), {"member": alice.pk, "name": "ERP", "custom_forms": [foreign.pk]})
    assert "custom_forms" in response.context["adminform"].form.errors
    assert not AccessToken.objects.exists()


def test_a_limited_token_does_not_come_to_open_everything(admin: Client, alice: Member, form: CustomForm) -> None:
    row, _token = make_token(alice, custom_forms=[form])
    response = admin.post(reverse("admin:forms_app_accesstoken_change", args=[row.pk]), {"name": "x"})
    assert "custom_forms" in response.context["adminform"].form.errors


def test_one_token_is_revoked_on_its_page(admin: Client, alice: Member) -> None:
    row, _token = make_token(alice)
    url = reverse("admin:forms_app_accesstoken_change", args=[row.pk])
    (button,) = re.findall(r'name="(\w*revoke)"', admin.get(url).content.decode())
    response = admin.post(url, {"name": "test", button: "1"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    row.refresh_from_db()
    assert row.revoked_at
    assert button not in admin.get(url).content.decode()


def test_many_are_revoked_from_the_list(admin: Client, alice: Member) -> None:
    rows = [make_token(alice)[0] for _n in range(2)]
    chosen = {"action": "revoke_selected", "_selected_action": [row.pk for row in rows]}
    admin.post(reverse(LIST), chosen)
    assert not AccessToken.objects.filter(revoked_at=None).exists()


def test_a_token_can_be_deleted(admin: Client, alice: Member) -> None:
    row, _token = make_token(alice)
    admin.post(reverse("admin:forms_app_accesstoken_delete", args=[row.pk]), {"post": "yes"})
    assert not AccessToken.objects.exists()
