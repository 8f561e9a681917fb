"""The pages of sign-ins and API calls: read only, and each organization its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from forms_app.admin.people import noted as pages
from forms_app.models import AccessEvent, ApiCall, CustomForm, Member
from tests.accounts import administrator, linked
from tests.factories import CustomAppFactory, make_form, make_token

EVENTS = "admin:forms_app_accessevent"
CALLS = "admin:forms_app_apicall"


def event(member: Member | None, account: str, **more: Any) -> AccessEvent:
    at = more.pop("at", timezone.now())
    whose = {"organization": member.organization, "member": member} if member else {}
    values = {"kind": "signed_in", "account": account, "at": at, "last_at": at, **whose, **more}
    return AccessEvent.objects.create(**values)


def call(member: Member | None, request_id: str, **more: Any) -> ApiCall:
    values = {"method": "GET", "path": "/apaas/api/v2/roles", "status": 200, "milliseconds": 1.25, **more}
    whose = {"organization": member.organization, "member": member} if member else {}
    values.setdefault("at", timezone.now())
    return ApiCall.objects.create(request_id=request_id, **whose, **values)


@pytest.fixture
def rows(alice: Member, charlie: Member) -> dict[str, Any]:
    """Of ours, theirs and nobody's one event and one call each."""
    return {
        name: (event(member, f"{name}-account"), call(member, f"{name}-request"))
        for name, member in (("ours", alice), ("theirs", charlie), ("nobodys", None))
    }


def pages_of(rows: Any) -> list[str]:
    event, call = rows
    return [reverse(f"{EVENTS}_change", args=[event.pk]), reverse(f"{CALLS}_change", args=[call.pk])]


LISTS = (f"{EVENTS}_changelist", f"{CALLS}_changelist")


def test_an_administrator_sees_their_own_organization_s_alone(client: Client, alice: Member, rows: Any) -> None:
    linked(client, administrator(alice))
    for name in LISTS:
        for given in ({}, {"q": "theirs"}, {"member__id__exact": rows["theirs"][1].member_id}):
            shown = client.get(reverse(name), given).content.decode()
            assert "theirs-" not in shown and "nobodys-" not in shown and "Charlie" not in shown
            assert given or "ours-" in shown
    assert [client.get(url).status_code for url in pages_of(rows["ours"])] == [200, 200]
    for other in ("theirs", "nobodys"):
        assert [client.get(url).status_code for url in pages_of(rows[other])] == [404, 404]
    index = client.get("/admin/").content.decode()
    assert all(f'href="{reverse(name)}"' in index for name in LISTS)


def test_an_operator_sees_all(admin: Client, rows: Any) -> None:
    for name in LISTS:
        shown = admin.get(reverse(name)).content.decode()
        assert all(f"{whose}-" in shown for whose in rows)
    assert [admin.get(url).status_code for each in rows.values() for url in pages_of(each)] == [200] * 6


def test_who_does_not_manage_people_sees_none(client: Client, alice: Member, rows: Any) -> None:
    linked(client, alice, "read", "update", "design")
    assert [client.get(reverse(name)).status_code for name in LISTS] == [403, 403]
    assert {client.get(url).status_code for url in pages_of(rows["ours"])} <= {403, 404}
    assert reverse(LISTS[0]) not in client.get("/admin/").content.decode()


def test_nobody_changes_or_removes_what_was_noted(admin: Client, rows: Any) -> None:
    for name, row in zip((EVENTS, CALLS), rows["ours"], strict=True):
        assert admin.get(reverse(f"{name}_add")).status_code == 403
        assert admin.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert admin.post(reverse(f"{name}_change", args=[row.pk]), {"account": "x", "path": "x"}).status_code == 403
    assert (AccessEvent.objects.count(), ApiCall.objects.count()) == (3, 3)


def test_whom_a_row_names_may_be_gone(admin: Client, bob: Member) -> None:
    row, _token = make_token(bob)
    user = User.objects.create(username="gone")
    kept = (event(bob, "gone", user=user, token=row, token_name="test"), call(bob, "kept", token=row, form_id=77))
    row.delete()
    user.delete()
    bob.delete()
    assert [admin.get(url).status_code for url in pages_of(kept)] == [200, 200]
    listed = admin.get(reverse(LISTS[1])).content.decode()
    assert f"#{row.pk or kept[1].token_id}" in listed and "#77" in listed


def test_events_are_found_by_kind_name_and_time(admin: Client, alice: Member) -> None:
    event(alice, "early", at=timezone.now() - timedelta(days=3), address="203.0.113.9")
    event(alice, "late", reason="unknown")
    AccessEvent.objects.filter(account="late").update(kind="token_refused", token_name="ERP", hint="…wxyz")
    day = timezone.localtime(timezone.now() - timedelta(days=3)).date().isoformat()

    def found(**given: Any) -> set[str]:
        shown = admin.get(reverse(LISTS[0]), given)
        assert shown.status_code == 200
        return {name for name in ("early", "late") if f"({name})" in shown.content.decode()}

    assert found() == {"early", "late"}
    assert found(kind__exact="token_refused") == {"late"}
    assert found(q="ERP") == {"late"}
    assert found(q="203.0.113") == {"early"}
    assert found(at_from_0=day, at_to_0=day) == {"early"}
    assert found(at_from_0=timezone.localdate().isoformat(), at_from_1="00:00:00") == {"late"}
    for wrong in ("nonsense", "2026-02-31", "9" * 40, "99999-01-01"):
        assert found(at_from_0=wrong, at_from_1="99:99") == {"early", "late"}


def test_calls_are_found_by_form_status_method_and_id(admin: Client, alice: Member, form: CustomForm) -> None:
    row, _token = make_token(alice)
    call(alice, "first", form_id=form.pk, token=row)
    call(alice, "second", status=404, code="100100", method="PUT")

    def found(**given: Any) -> set[str]:
        shown = admin.get(reverse(LISTS[1]), given)
        assert shown.status_code == 200
        return {name for name in ("first", "second") if f">{name}<" in shown.content.decode()}

    assert found() == {"first", "second"}
    assert found(form=form.pk) == found(status="2") == found(method="GET") == found(q="first") == {"first"}
    assert found(token__id__exact=row.pk) == {"first"}
    assert found(status="4") == found(method="PUT") == {"second"}
    assert found(form="x" * 30, status="9", method="x") == {"first", "second"}
    assert found(q="f") == set()
    page = admin.get(reverse("admin:forms_app_accesstoken_change", args=[row.pk])).content.decode()
    assert f'{reverse(LISTS[1])}?token__id__exact={row.pk}"' in page


def test_a_form_that_is_another_organization_s_is_a_number(
    client: Client, alice: Member, charlie: Member, form: CustomForm
) -> None:
    foreign = make_form(CustomAppFactory(organization=charlie.organization), name="their form")
    row = call(alice, "theirs", form_id=foreign.pk)
    call(alice, "ours", form_id=form.pk)
    linked(client, administrator(alice))
    for url in (reverse(LISTS[1]), reverse(f"{CALLS}_change", args=[row.pk])):
        shown = client.get(url).content.decode()
        assert "their form" not in shown and f"#{foreign.pk}" in shown
    assert form.name in client.get(reverse(LISTS[1])).content.decode()


def test_what_was_sent_is_shown_as_text(admin: Client, alice: Member) -> None:
    row = call(alice, "first", body="{<script>: text(5)}", weight=19.6)
    shown = admin.get(reverse(f"{CALLS}_change", args=[row.pk])).content.decode()
    assert "{&lt;script&gt;: text(5)}" in shown
    assert "19.6" in shown


def test_an_event_leads_to_its_call(admin: Client, alice: Member) -> None:
    row = event(alice, "late", request_id="abc-1")
    shown = admin.get(reverse(f"{EVENTS}_change", args=[row.pk])).content.decode()
    assert f'href="{reverse(LISTS[1])}?q=abc-1"' in shown


def test_a_list_counts_no_further_than_it_shows(
    admin: Client, alice: Member, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(pages, "MOST", 60)
    for number in range(70):
        call(alice, f"r{number}", form_id=number + 1)
    with django_assert_max_num_queries(14):
        shown = admin.get(reverse(LISTS[1]))
    assert shown.context["cl"].result_count == 60
    assert len(shown.context["cl"].result_list) == 50
