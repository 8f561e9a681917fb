"""Pages of webhooks: set one up, see how it fares, send a test, a new secret, switch it off, remove it."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from forms_app.models import CustomApp, CustomForm, Member, Webhook
from forms_app.webhooks.signing import secret_of
from tests.accounts import only
from tests.factories import CustomAppFactory, UserFactory, make_form, make_webhook
from tests.forms_app.webhooks.receivers import LocalReceiver, is_signed

ADD = "admin:forms_app_webhook_add"
LIST = "admin:forms_app_webhook_changelist"
EVENTS = ["form_entity.created", "ticket.ended"]


def change(webhook: Webhook) -> str:
    return reverse("admin:forms_app_webhook_change", args=[webhook.pk])


def errors(response: Any) -> Any:
    return response.context["adminform"].form.errors


def button(client: Client, url: str, name: str) -> str:
    (found,) = re.findall(rf'name="(\w*{name})"', client.get(url).content.decode())
    return str(found)


def test_its_secret_is_shown_once_and_kept_nowhere(signed: Client, form: CustomForm, receiver: LocalReceiver) -> None:
    filled = {"custom_form": form.pk, "url": receiver.url, "events": EVENTS, "enabled": "on", "filters": ""}
    response = signed.post(reverse(ADD), filled)
    assert response.status_code == 200, errors(response)
    webhook = Webhook.objects.get()
    secret = secret_of(webhook.salt)
    assert secret in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert (webhook.custom_form, webhook.events, webhook.enabled, webhook.filters) == (form, EVENTS, True, [])
    for url in (reverse(LIST), change(webhook), reverse("admin:forms_app_webhook_history", args=[webhook.pk])):
        shown = signed.get(url).content.decode()
        assert secret not in shown and webhook.salt not in shown
    assert all(secret not in str(session.get_decoded()) for session in Session.objects.all())


def test_faults_stand_at_their_fields(signed: Client, form: CustomForm, custom_app: CustomApp) -> None:
    filled: dict[str, Any] = {"custom_form": form.pk, "url": "http://127.0.0.1/", "events": EVENTS, "enabled": "on"}
    wrong = '[{"name": "nothing", "op": "gt", "value": 1}]'
    response = signed.post(reverse(ADD), {**filled, "filters": wrong})
    assert set(errors(response)) == {"url", "filters"}
    assert set(errors(signed.post(reverse(ADD), {**filled, "filters": "[1"}))) == {"filters"}
    assert set(errors(signed.post(reverse(ADD), {**filled, "custom_app": custom_app.pk}))) == {"custom_form"}
    assert set(errors(signed.post(reverse(ADD), {**filled, "events": []}))) == {"events"}
    form.history_since = None
    form.save()
    assert set(errors(signed.post(reverse(ADD), filled))) == {"custom_form"}
    assert not Webhook.objects.exists()


def test_it_is_changed_and_switched_on_again(
    signed: Client, form: CustomForm, designer: Member, receiver: LocalReceiver
) -> None:
    webhook = make_webhook(form, designer, url=receiver.url)
    webhook.state.stopped, webhook.state.stopped_at = "undelivered", timezone.now()
    webhook.state.error = "500"
    webhook.state.save()
    assert "有 1 个 Webhook 无法继续" in signed.get(reverse("admin:index")).content.decode()
    shown = signed.get(change(webhook)).content.decode()
    assert "三天内没有任何内容被接受" in shown and "500" in shown
    title = form.custom_fields.first()
    assert title is not None
    filled = {"url": receiver.url, "events": EVENTS[:1], "enabled": "on"}
    response = signed.post(change(webhook), filled)
    assert response.status_code == 302, errors(response)
    webhook = Webhook.objects.get(pk=webhook.pk)
    assert (webhook.enabled, webhook.state.stopped, webhook.events) == (True, "", EVENTS[:1])
    assert webhook.custom_form == form


def test_a_test_is_sent_and_its_answer_shown(
    signed: Client, form: CustomForm, designer: Member, receiver: LocalReceiver
) -> None:
    webhook = make_webhook(form, designer, url=receiver.url)
    pressed = button(signed, change(webhook), "test")
    receiver.reply = lambda message: (202, {}, b"thanks")
    filled = {"url": receiver.url, "events": EVENTS, pressed: "1"}
    shown = signed.post(change(webhook), filled, follow=True).content.decode()
    assert "202" in shown and "thanks" in shown
    (message,) = receiver.accepted
    assert message.body == {
        "type": "webhook.test",
        "timestamp": message.body["timestamp"],
        "data": {"webhook_id": webhook.pk},
    }
    assert is_signed(message, secret_of(webhook.salt))
    assert (webhook.deliveries.get().event, webhook.deliveries.get().answer) == ("webhook.test", "thanks")
    receiver.close()
    signed.post(change(webhook), filled)
    assert webhook.deliveries.order_by("-id")[0].error == "no_connection"


def test_a_new_secret_is_shown_once(
    signed: Client, form: CustomForm, designer: Member, receiver: LocalReceiver
) -> None:
    webhook = make_webhook(form, designer, url=receiver.url)
    pressed = button(signed, change(webhook), "new_secret")
    shown = signed.post(change(webhook), {"url": receiver.url, "events": EVENTS, pressed: "1"}).content.decode()
    after = Webhook.objects.get().salt
    assert after != webhook.salt and secret_of(after) in shown


def test_it_is_removed(signed: Client, form: CustomForm, designer: Member) -> None:
    webhook = make_webhook(form, designer)
    signed.post(reverse("admin:forms_app_webhook_delete", args=[webhook.pk]), {"post": "yes"})
    assert not Webhook.objects.exists()


def test_an_operator_sees_all_and_sets_none_up(
    admin: Client, form: CustomForm, designer: Member, receiver: LocalReceiver
) -> None:
    webhook = make_webhook(form, designer, url=receiver.url)
    assert webhook.url in admin.get(reverse(LIST)).content.decode()
    assert admin.get(reverse(ADD)).status_code == 403
    admin.post(change(webhook), {"url": "http://127.0.0.1/other", "events": EVENTS})
    assert Webhook.objects.get().url == receiver.url
    assert admin.post(reverse("admin:forms_app_webhook_deliveries", args=[webhook.pk]), {"one": 1}).status_code == 403


def test_who_designs_another_form_sees_none_of_it(
    form: CustomForm, custom_app: CustomApp, designer: Member, bob: Member, charlie: Member
) -> None:
    webhook = make_webhook(form, designer)
    other = make_form(custom_app, {"name": "text_field"}, name="other")
    bob.user = UserFactory(username="bob")
    bob.save()
    only(bob, {"custom_form": other, "verbs": ["read", "design"], "rows": "all"})
    client = Client()
    client.force_login(bob.user)
    assert webhook.url not in client.get(reverse(LIST)).content.decode()
    for url in (change(webhook), reverse("admin:forms_app_webhook_deliveries", args=[webhook.pk])):
        assert client.get(url).status_code == 404
    filled = {"custom_form": form.pk, "url": "https://203.0.113.9/", "events": EVENTS}
    assert "custom_form" in errors(client.post(reverse(ADD), filled))
    foreign = make_form(CustomAppFactory(organization=charlie.organization))
    assert "custom_form" in errors(client.post(reverse(ADD), {**filled, "custom_form": foreign.pk}))
