"""A second way to the test database, by which nothing may be written: to a reader, a standby that follows at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from forms_app.replicas import reading

ALIAS = "replica_1"


@pytest.fixture(scope="module")
def alias(django_db_setup: None) -> Iterator[str]:
    """Known before the tests, which have to name it."""
    default = connections.databases["default"]
    options = {**default["OPTIONS"], "options": "-c default_transaction_read_only=on"}
    test = {**default["TEST"], "MIRROR": "default"}
    connections.databases[ALIAS] = {**default, "OPTIONS": options, "TEST": test}
    yield ALIAS
    del connections.databases[ALIAS]


@pytest.fixture
def standby(alias: str, transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Whatever may be read at a replica is read there."""
    settings.REPLICA_URLS = [alias]
    monkeypatch.setattr(reading, "_near", lambda *asked: alias)
    yield alias
    connections[alias].close()
