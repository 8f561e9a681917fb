"""Webhooks by API: made by who designs the form and reads all of it, told once, changed, asked, sent again, removed."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from forms_app.models import AuditEntry, CustomApp, CustomForm, Member, Role, Webhook
from forms_app.people.role_documents import role_save
from forms_app.webhooks import addresses
from forms_app.webhooks.signing import secret_of
from tests.apaas.conftest import Api, administer
from tests.factories import make_token, make_webhook, system_of

URL = "https://hooks.example.com/apaas"
EVENTS = ["form_entity.created", "ticket.ended"]


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of example.com are in the internet, those of example.net within a network, others nowhere."""
    known = {"hooks.example.com": ["93.184.216.34"], "hooks.example.net": ["10.0.0.7"], "nowhere.example.com": []}
    real = addresses.look_up
    monkeypatch.setattr(addresses, "look_up", lambda host, port: known[host] if host in known else real(host, port))


@pytest.fixture
def admin(alice: Member) -> Api:
    administer(alice)
    return Api(make_token(alice)[1])


def made(api: Api, form: CustomForm, **values: Any) -> Any:
    return api.ok("POST", "webhooks", {"custom_form_id": form.pk, "url": URL, "events": EVENTS, **values})


def test_its_secret_is_told_once(admin: Api, form: CustomForm) -> None:
    answer = made(admin, form)
    secret = answer.pop("secret")
    assert answer == {
        "id": answer["id"],
        "custom_form_id": form.pk,
        "custom_app_id": None,
        "url": URL,
        "events": EVENTS,
        "filters": [],
        "enabled": True,
        "state": "on",
        "stopped": None,
        "error": None,
        "failing_since": None,
        "next_at": None,
        "delivered_at": None,
        "waiting": {"events": 0, "records": 0},
        "uid": 1,
        "created_at": answer["created_at"],
        "updated_at": answer["updated_at"],
    }
    assert secret.startswith("whsec_") and secret == secret_of(Webhook.objects.get().salt)
    assert admin.ok("GET", f"webhooks/{answer['id']}") == answer
    assert admin.ok("GET", "webhooks")["models"] == [answer]
    assert secret not in str(list(Webhook.objects.values()))
    (entry,) = AuditEntry.objects.filter(kind="webhook")
    assert secret not in str(entry.changes) and Webhook.objects.get().salt not in str(entry.changes)


def test_a_change_changes_what_is_sent(admin: Api, form: CustomForm) -> None:
    answer = made(admin, form, filters=[{"name": "amount", "op": "gt", "value": 1}])
    path = f"webhooks/{answer['id']}"
    changed = admin.ok("PUT", path, {"enabled": False, "filters": []})
    assert (changed["state"], changed["filters"], changed["url"], changed["events"]) == ("off", [], URL, EVENTS)
    assert admin.ok("PUT", path, {"url": "http://hooks.example.com:8080/"})["url"] == "http://hooks.example.com:8080/"
    assert admin.faults("PUT", path, {"custom_form_id": form.pk}) == [("custom_form_id", "unknown_parameter", None)]
    assert admin.faults("PUT", path, {"events": []}) == [("events", "required", None)]
    assert admin.ok("DELETE", path) is None
    assert not Webhook.objects.exists()
    admin.refused("GET", path, status=404)


def test_switched_on_again_it_is_tried_at_once(admin: Api, form: CustomForm, alice: Member) -> None:
    webhook = make_webhook(form, alice, url=URL)
    state = {"stopped": "undelivered", "stopped_at": timezone.now(), "failures": 9, "next_at": timezone.now()}
    for name, value in state.items():
        setattr(webhook.state, name, value)
    webhook.state.save()
    assert admin.ok("GET", f"webhooks/{webhook.pk}")["state"] == "stopped"
    answer = admin.ok("PUT", f"webhooks/{webhook.pk}", {"enabled": True})
    assert (answer["state"], answer["stopped"], answer["next_at"]) == ("on", None, None)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/", "private_address"),
        ("https://[::1]/", "private_address"),
        ("http://169.254.169.254/latest/meta-data", "private_address"),
        ("https://hooks.example.net/", "private_address"),
        ("https://nowhere.example.com/", "unknown_host"),
        ("https://a:b@hooks.example.com/", "wrong_url"),
        ("hooks.example.com", "wrong_url"),
        ("https://hooks.example.com/" + "a" * 2_000, "too_long"),
    ],
)
def test_an_address_that_may_not_be_called_is_refused(admin: Api, form: CustomForm, url: str, code: str) -> None:
    body = {"custom_form_id": form.pk, "url": url, "events": EVENTS}
    assert admin.faults("POST", "webhooks", body) == [("url", code, None)]
    path = f"webhooks/{made(admin, form)['id']}"
    assert admin.faults("PUT", path, {"url": url}) == [("url", code, None)]


def test_while_it_is_off_its_name_may_be_none_yet(admin: Api, form: CustomForm) -> None:
    answer = made(admin, form, url="https://nowhere.example.com/", enabled=False)
    path = f"webhooks/{answer['id']}"
    assert admin.faults("PUT", path, {"enabled": True}) == [("url", "unknown_host", None)]
    body = {"custom_form_id": form.pk, "url": "https://hooks.example.net/", "events": EVENTS, "enabled": False}
    assert admin.faults("POST", "webhooks", body) == [("url", "private_address", None)]


def test_each_fault_is_named_and_all_at_once(admin: Api, form: CustomForm, custom_app: CustomApp) -> None:
    both = {"custom_form_id": form.pk, "custom_app_id": custom_app.pk, "url": URL, "events": EVENTS}
    assert admin.faults("POST", "webhooks", both) == [("custom_form_id", "required", None)]
    assert admin.faults("POST", "webhooks") == [("url", "required", None), ("events", "required", None)]
    wrong = {"url": "ftp://x", "events": ["ticket.returned", "form_entity.created", "form_entity.flown"]}
    filters = [{"name": "nothing", "op": "gt", "value": 1}, {"name": "amount", "op": "fly", "value": 1}]
    assert admin.faults("POST", "webhooks", {"custom_form_id": form.pk, **wrong, "filters": filters}) == [
        ("events", "not_supported", 0),
        ("events", "unknown_value", 2),
        ("filters[0].name", "unknown_field", None),
        ("filters[1].op", "unknown_operator", None),
        ("url", "wrong_url", None),
    ]
    of_app = {"custom_app_id": custom_app.pk, "url": URL, "events": EVENTS, "filters": filters}
    assert admin.faults("POST", "webhooks", of_app) == [("filters", "not_supported", None)]
    form.history_since = None
    form.save()
    body = {"custom_form_id": form.pk, "url": URL, "events": EVENTS}
    assert admin.faults("POST", "webhooks", body, status=409) == [("custom_form_id", "history_off", None)]
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("event", ["ticket.returned", "ticket.withdrawn"])
def test_what_tickets_can_not_do_yet_is_refused_by_name(admin: Api, form: CustomForm, event: str) -> None:
    """docs/contract.md §5.5 names both; they come with what tickets will do later."""
    path = f"webhooks/{made(admin, form)['id']}"
    body = {"custom_form_id": form.pk, "url": URL}
    for method, to, sent in (("POST", "webhooks", body), ("PUT", path, {})):
        errors = admin.refused(method, to, {**sent, "events": ["ticket.pushed", event]})["errors"]
        assert [(e["field"], e["index"], e["code"], e["got"]) for e in errors] == [
            ("events", 1, "not_supported", event)
        ]
        assert event not in errors[0]["allowed"] and "ticket.pushed" in errors[0]["allowed"]
    assert Webhook.objects.get().events == EVENTS


def only_role(member: Member, **grant: Any) -> Api:
    """A token of a member who has this grant alone."""
    Role.objects.filter(organization_id=member.organization_id, everyone=True).delete()
    values = {"name": "some", "members": [member.uid], "grants": [grant]}
    role_save(organization_id=member.organization_id, values=values, actor=system_of(member.organization_id))
    return Api(make_token(member)[1])


@pytest.mark.parametrize(
    ("grant", "status", "code"),
    [
        ({"verbs": ["read", "update", "destroy", "transfer", "create", "export"], "rows": "all"}, 403, "missing_verb"),
        ({"verbs": ["read", "design"], "rows": "own"}, 403, "needs_all_rows"),
        ({"verbs": ["design"], "rows": "all"}, 403, "needs_all_rows"),
    ],
)
def test_who_lacks_a_right_makes_none_and_sees_none(
    form: CustomForm, alice: Member, bob: Member, custom_app: CustomApp, grant: Any, status: int, code: str
) -> None:
    webhook = make_webhook(form, alice)
    less = only_role(bob, custom_form_id=form.pk, **grant)
    body = {"custom_form_id": form.pk, "url": URL, "events": EVENTS}
    answer = less.refused("POST", "webhooks", body, status=status)
    assert [fault["code"] for fault in answer["errors"]] == [code]
    seen = 1 if "design" in grant["verbs"] else 0
    assert less.ok("GET", "webhooks")["total_count"] == seen
    if not seen:
        for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/deliveries"), ("POST", "/replay")):
            less.refused(
                method,
                f"webhooks/{webhook.pk}{path}",
                {"since": "2020-01-01"} if path == "/replay" else None,
                status=404,
            )
    else:
        less.refused("PUT", f"webhooks/{webhook.pk}", {"enabled": False}, status=403)
    of_app = {"custom_app_id": custom_app.pk, "url": URL, "events": EVENTS}
    less.refused("POST", "webhooks", of_app, status=404)


def test_another_organization_and_a_token_of_less_see_none(
    form: CustomForm, other_form: CustomForm, alice: Member, stranger: Api, custom_app: CustomApp
) -> None:
    administer(alice)
    webhook = make_webhook(form, alice)
    stranger.refused("GET", f"webhooks/{webhook.pk}", status=404)
    assert stranger.ok("GET", "webhooks")["models"] == []
    limited = Api(make_token(alice, custom_forms=[other_form])[1])
    assert limited.ok("GET", "webhooks")["models"] == []
    body = {"url": URL, "events": EVENTS}
    limited.refused("POST", "webhooks", {**body, "custom_form_id": form.pk}, status=404)
    limited.refused("POST", "webhooks", {**body, "custom_app_id": custom_app.pk}, status=404)
    limited.ok("POST", "webhooks", {**body, "custom_form_id": other_form.pk})
    reading = Api(make_token(alice, verbs=["read"])[1])
    reading.refused("POST", "webhooks", {**body, "custom_form_id": form.pk}, status=403)


def test_it_reads_as_who_changed_it_last_with_the_limits_of_their_token(
    form: CustomForm, alice: Member, bob: Member
) -> None:
    administer(alice)
    administer(bob)
    answer = made(Api(make_token(alice)[1]), form)
    token = make_token(bob, verbs=["read", "design"], custom_forms=[form])[1]
    changed = Api(token).ok("PUT", f"webhooks/{answer['id']}", {"events": EVENTS})
    assert changed["uid"] == bob.uid
    webhook = Webhook.objects.get()
    assert (webhook.member_id, webhook.verbs, webhook.form_ids) == (bob.pk, ["design", "read"], [form.pk])


def test_who_reads_less_does_not_take_over_filters_on_what_they_do_not_see(
    form: CustomForm, alice: Member, bob: Member
) -> None:
    administer(alice)
    filters = [{"name": "amount", "op": "gt", "value": 1}]
    answer = made(Api(make_token(alice)[1]), form, filters=filters)
    less = only_role(bob, custom_form_id=form.pk, verbs=["read", "design"], rows="all", hidden=["amount"])
    assert less.faults("PUT", f"webhooks/{answer['id']}", {"url": URL}) == [("filters[0].name", "unknown_field", None)]
    assert less.ok("PUT", f"webhooks/{answer['id']}", {"url": URL, "filters": []})["uid"] == bob.uid


def test_a_key_makes_a_change_once_and_none_is_taken_for_a_secret(admin: Api, form: CustomForm) -> None:
    answer = made(admin, form)
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}
    first = admin.call("PUT", f"webhooks/{answer['id']}", {"enabled": False}, **key)
    again = admin.call("PUT", f"webhooks/{answer['id']}", {"enabled": False}, **key)
    assert (first.content, again["Idempotency-Replayed"]) == (again.content, "true")
    body = {"custom_form_id": form.pk, "url": URL, "events": EVENTS}
    admin.refused("POST", "webhooks", body, **key)


def test_an_organization_has_so_many_at_most(admin: Api, form: CustomForm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forms_app.webhooks.writes.MOST", 1)
    made(admin, form)
    body = {"custom_form_id": form.pk, "url": URL, "events": EVENTS}
    assert admin.faults("POST", "webhooks", body) == [("", "too_many_webhooks", None)]
