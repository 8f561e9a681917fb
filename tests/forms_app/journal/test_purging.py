"""Notes go by their age, batch by batch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from forms_app.journal import purging
from forms_app.journal.jobs import purge
from forms_app.models import AccessEvent, ApiCall

pytestmark = pytest.mark.django_db


def at(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def event(days: float, organization_id: int | None = 1) -> None:
    AccessEvent.objects.create(
        kind="signed_in", at=at(days), last_at=at(days), organization_id=organization_id, account=f"{days}"
    )


def call(days: float) -> None:
    ApiCall.objects.create(method="GET", path=f"{days}", status=200, milliseconds=1, at=at(days))


def test_what_is_old_goes_and_what_is_not_stays(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ACCESS_EVENT_DAYS, settings.CALL_LOG_DAYS = 10, 5
    monkeypatch.setattr(purging, "BATCH", 2)
    for days in (0, 4.9, 5.1, 9.9, 10.1, 11, 12, 13, 14):
        event(days)
        call(days)
    purge(0)
    assert list(AccessEvent.objects.order_by("id").values_list("account", flat=True)) == ["0", "4.9", "5.1", "9.9"]
    assert list(ApiCall.objects.order_by("id").values_list("path", flat=True)) == ["0", "4.9"]
    assert purging.purge() == {"forms_app_accessevent": 0, "forms_app_apicall": 0}


def test_of_what_is_nobodys_only_so_much_is_kept(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ACCESS_EVENT_DAYS = 180
    monkeypatch.setattr(purging, "MOST_UNKNOWN", 3)
    monkeypatch.setattr(purging, "BATCH", 2)
    for _n in range(8):
        event(1, None)
        event(2)
    assert purging.purge()["forms_app_accessevent"] == 5
    assert AccessEvent.objects.filter(organization=None).count() == 3
    assert AccessEvent.objects.filter(organization=1).count() == 8
