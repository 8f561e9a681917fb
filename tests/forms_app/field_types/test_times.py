"""Whatever time is read can be written: it comes back as the moment that it was."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from forms_app.field_types import _times
from forms_app.field_types._times import parsed, shown, stored

# Offsets of seconds before the zones kept to the hour, of half and quarter hours since, and of a whole year's days.
ZONES = ["Asia/Shanghai", "Asia/Taipei", "Asia/Kathmandu", "Africa/Monrovia", "Pacific/Apia", "America/New_York", "UTC"]


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name = str(request.param)
    monkeypatch.setattr(timezone, "get_default_timezone", lambda: ZoneInfo(name))
    _times._hour.cache_clear()
    return name


@given(moment=some.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 30), timezones=some.just(UTC)))
def _comes_back(moment: datetime) -> None:
    text = stored(moment)
    again = parsed(shown(text))
    assert again is not None, shown(text)
    assert stored(again) == text


def test_every_moment_that_is_shown_is_read_back(zone: str) -> None:
    _comes_back()
    _times._hour.cache_clear()


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("1900-01-01T00:00:00+08:05:43", "1899-12-31T15:54:17.000Z"),
        ("1900-01-01T00:00:00-00:44:30", "1900-01-01T00:44:30.000Z"),
        ("1900-01-01T00:00:00+080543", "1899-12-31T15:54:17.000Z"),
        ("1900-01-01T00:00:00+08", "1899-12-31T16:00:00.000Z"),
        ("1900-01-01T00:00:00+0805", "1899-12-31T15:55:00.000Z"),
    ],
)
def test_an_offset_may_have_seconds(text: str, utc: str) -> None:
    moment = parsed(text)
    assert moment is not None and stored(moment) == utc


@pytest.mark.parametrize("offset", ["+24:00", "+08:60", "+08:05:60", "+8", "+08:05:4", "+08:05:43:00"])
def test_an_offset_that_is_none_is_refused(offset: str) -> None:
    assert parsed(f"1900-01-01T00:00:00{offset}") is None
