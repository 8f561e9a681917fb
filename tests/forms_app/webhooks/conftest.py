"""A form of Alice's, a receiver on this machine, and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from forms_app.models import CustomApp, CustomForm, Member, Webhook
from forms_app.people.accounts import acting
from forms_app.records.writes import entity_update
from forms_app.webhooks import schedule, source
from tests.apaas.conftest import administer
from tests.factories import make_form, make_webhook, schema_of
from tests.forms_app.webhooks.receivers import LocalReceiver


class Clock:
    """The time of what is scheduled."""

    def __init__(self) -> None:
        self.now = datetime(2030, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(schedule, "now", clock)
    return clock


@pytest.fixture
def receiver(settings: Any) -> Iterator[LocalReceiver]:
    """Reachable, since its network is allowed."""
    settings.WEBHOOK_NETWORKS = ["127.0.0.1/32"]
    receiver = LocalReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"title": "text_field", "amount": "float_field", "due": "datetime_field"})


@pytest.fixture
def designer(alice: Member) -> Member:
    """Alice, who may do everything."""
    administer(alice)
    return alice


Hook = Callable[..., Webhook]


@pytest.fixture
def hook(
    form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Hook:
    """Makes a webhook of the form that calls the receiver. The test's own transaction counts as committed."""
    monkeypatch.setattr(source, "horizon", lambda: ("9223372036854775807::bigint", []))
    monkeypatch.setattr(source, "horizon_now", lambda: 2**63 - 1)

    def make(**values: Any) -> Webhook:
        setter = values.pop("member", designer)
        webhook = make_webhook(form, setter, **{"url": receiver.url, "enabled": True, **values})
        webhook.state.began = 0
        webhook.state.save()
        return webhook

    return make


def changed(form: CustomForm, member: Member, record_id: int, **values: Any) -> None:
    """Change a record as this member."""
    entity_update(schema=schema_of(form), record_id=record_id, values=values, actor=acting(member))
