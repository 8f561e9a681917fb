"""Alice signed in, who designs her organization's forms, and a receiver of webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from forms_app.models import Member
from tests.accounts import administrator
from tests.factories import UserFactory
from tests.forms_app.webhooks.receivers import LocalReceiver


@pytest.fixture
def designer(alice: Member) -> Member:
    """Alice, who may do everything in her organization, with an account."""
    alice.user = UserFactory(username="alice", is_staff=False)
    alice.save()
    return administrator(alice)


@pytest.fixture
def signed(designer: Member) -> Client:
    client = Client()
    client.force_login(designer.user)
    return client


@pytest.fixture
def receiver(settings: Any) -> Iterator[LocalReceiver]:
    settings.WEBHOOK_NETWORKS = ["127.0.0.1/32"]
    receiver = LocalReceiver()
    yield receiver
    receiver.close()
