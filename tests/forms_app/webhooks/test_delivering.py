"""Events reach the receiver: signed, as whoever set the webhook up may read them, each at least once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from standardwebhooks import Webhook as Verifier

from forms_app.models import CustomForm, Member, Role, WebhookDelivery
from forms_app.operators.empty import Empty
from forms_app.operators.gte import AtLeast
from forms_app.people.accounts import acting
from forms_app.people.role_documents import role_save
from forms_app.records.mass_writes import entity_mass_create
from forms_app.records.writes import entity_mass_destroy, entity_transfer
from forms_app.webhooks.delivering import deliver
from forms_app.webhooks.signing import secret_of
from tests.factories import add_field, make_entity, make_form, schema_of, system_of
from tests.forms_app.webhooks.conftest import Hook, changed
from tests.forms_app.webhooks.receivers import LocalReceiver, is_signed


def types(receiver: LocalReceiver) -> list[str]:
    return [message.body["type"] for message in receiver.accepted]


def test_a_record_is_told_as_it_was_after_each_change(
    hook: Hook, form: CustomForm, designer: Member, bob: Member, receiver: LocalReceiver
) -> None:
    webhook = hook()
    record = make_entity(form, designer, title="甲", amount=1)
    changed(form, designer, record, amount=2.50, due="2030-05-01 08:00")
    changed(form, designer, record, amount=None)
    entity_transfer(schema=schema_of(form), ids=[record], to_user_uid=bob.uid, actor=acting(designer))
    entity_mass_destroy(schema=schema_of(form), ids=[record], actor=acting(designer))
    assert deliver(webhook.pk) is False
    assert types(receiver) == [
        f"form_entity.{action}" for action in ("created", "updated", "updated", "transferred", "destroyed")
    ]
    told = [message.data for message in receiver.accepted]
    assert [data["version"] for data in told][:4] == [1, 2, 3, 4]
    assert [data["record"]["amount"] for data in told] == [1, 2.5, None, None, None]
    assert [data["record"]["user"]["uid"] for data in told] == [1, 1, 1, bob.uid, bob.uid]
    assert {data["record"]["title"] for data in told} == {"甲"}
    assert {(data["id"], data["custom_form_id"]) for data in told} == {(record, form.pk)}
    assert {data["user"]["uid"] for data in told} == {designer.uid}
    assert told[1]["changes"] == [
        {"field": "amount", "label": "label of amount", "before": 1, "after": 2.5},
        {"field": "due", "label": "label of due", "before": None, "after": "2030-05-01T08:00:00.000+08:00"},
    ]
    assert [(c["field"], c["before"]["uid"], c["after"]["uid"]) for c in told[3]["changes"]] == [("user", 1, bob.uid)]


def test_each_message_is_signed_and_has_one_name(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver
) -> None:
    webhook = hook()
    make_entity(form, designer, title="甲")
    deliver(webhook.pk)
    (message,) = receiver.accepted
    secret = secret_of(webhook.salt)
    assert is_signed(message, secret)
    assert not is_signed(message, secret_of("another"))
    Verifier(secret).verify(message.raw, message.headers)  # the library of the standard
    row = webhook.deliveries.get()
    assert (row.message_id, row.status, row.answer_status, row.answer) == (message.id, "delivered", 200, "ok")
    assert message.path == "/hook?from=apaas"
    assert deliver(webhook.pk) is False and len(receiver.seen) == 1


def test_only_its_events_and_what_its_filters_match_are_told(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver
) -> None:
    created, all_events = "form_entity.created", ["form_entity.created", "form_entity.updated", "form_entity.destroyed"]
    some = hook(events=all_events, filters=[{"name": "amount", "op": AtLeast.name, "value": 10}])
    only = hook(events=[created])
    small, large = make_entity(form, designer, amount=9), make_entity(form, designer, amount=10)
    changed(form, designer, small, amount=11)
    changed(form, designer, large, amount=1)
    changed(form, designer, large, title="still small")
    entity_mass_destroy(schema=schema_of(form), ids=[small, large], actor=acting(designer))
    deliver(some.pk)
    told = [(message.body["type"].rpartition(".")[2], message.data["id"]) for message in receiver.accepted]
    assert sorted(told) == sorted([("created", large), ("updated", small), ("destroyed", small)])
    receiver.accepted.clear()
    deliver(only.pk)
    assert types(receiver) == [created, created]


def test_all_rows_of_a_mass_call_are_told_and_what_a_formula_computes(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, custom_app: Any
) -> None:
    relation = ("relation_field", {"form": form.pk})
    orders = make_form(custom_app, {"name": "text_field", "customer": relation}, name="orders")
    add_field(orders, "price", ("formula_field", {"formula": "{customer.amount} * 2"}))
    webhook = hook(custom_form=orders)
    customer = make_entity(form, designer, title="甲", amount=1)
    rows = [{"name": str(number), "customer": {"value": customer}} for number in range(20)]
    entity_mass_create(schema=schema_of(orders), rows=rows, actor=acting(designer))
    changed(form, designer, customer, amount=5)
    deliver(webhook.pk)
    assert sorted(types(receiver)) == ["form_entity.computed"] * 20 + ["form_entity.created"] * 20
    created, computed = receiver.accepted[0].data, receiver.accepted[-1].data
    assert (created["record"]["price"], computed["record"]["price"]) == (2, 10)
    assert created["record"]["customer"]["label"] == "甲"
    assert [(c["field"], c["before"], c["after"]) for c in computed["changes"]] == [("price", 2, 10)]
    assert computed["version"] == 1


def test_what_is_hidden_from_who_set_it_up_is_not_told(
    hook: Hook, form: CustomForm, designer: Member, bob: Member, receiver: LocalReceiver
) -> None:
    grant = {"verbs": ["read", "design"], "rows": "all", "hidden": ["amount"]}
    values = {"name": "keeper", "members": [bob.uid], "grants": [{"custom_form_id": form.pk, **grant}]}
    Role.objects.filter(organization_id=form.organization_id, everyone=True).delete()
    role_save(organization_id=form.organization_id, values=values, actor=system_of(form.organization_id))
    webhook = hook(member=bob)
    record = make_entity(form, designer, title="甲", amount=1)
    changed(form, designer, record, amount=2)
    changed(form, designer, record, title="乙", amount=3)
    deliver(webhook.pk)
    assert types(receiver) == ["form_entity.created", "form_entity.updated"]
    assert b"amount" not in b"".join(message.raw for message in receiver.seen)
    assert receiver.accepted[1].data["version"] == 3


@pytest.mark.parametrize("why", ["deactivated", "no rows", "no design", "no filters"])
def test_it_stops_when_who_set_it_up_lost_a_right(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, why: str
) -> None:
    filters = [{"name": "due", "op": Empty.name, "value": True}] if why == "no filters" else []
    webhook = hook(filters=filters)
    make_entity(form, designer, title="甲")
    if why == "deactivated":
        Member.objects.filter(pk=designer.pk).update(is_active=False)
    elif why == "no filters":
        due = form.custom_fields.get(name="due")
        due.status = "disable"
        due.save()
    else:
        Role.objects.filter(organization_id=form.organization_id).delete()
        grant = {"verbs": ["read"] if why == "no design" else ["read", "design"], "rows": "own"}
        values = {"name": "less", "members": [designer.uid], "grants": [grant]}
        role_save(organization_id=form.organization_id, values=values, actor=system_of(form.organization_id))
    assert deliver(webhook.pk) is False
    assert receiver.seen == []
    webhook.refresh_from_db()
    assert (webhook.enabled, webhook.state.stopped) == (False, "filters" if why == "no filters" else "rights")


def test_what_happened_before_it_was_made_is_not_told(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver
) -> None:
    webhook = hook()
    make_entity(form, designer, title="甲")
    with connection.cursor() as cursor:
        cursor.execute("SELECT form_change_tx() + 1")
        webhook.state.began = cursor.fetchone()[0]
    webhook.state.save()
    deliver(webhook.pk)
    assert receiver.seen == []
    assert not WebhookDelivery.objects.exists()


def test_a_webhook_of_an_app_is_told_of_all_its_forms(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, custom_app: Any
) -> None:
    webhook = hook(custom_form=None, custom_app=custom_app)
    other = make_form(custom_app, {"name": "text_field"}, name="other")
    ids = {(form.pk, make_entity(form, designer, title="甲")), (other.pk, make_entity(other, designer, name="乙"))}
    other.history_since = None
    other.save()
    deliver(webhook.pk)
    assert {(m.data["custom_form_id"], m.data["id"]) for m in receiver.accepted} == {
        one for one in ids if one[0] == form.pk
    }
