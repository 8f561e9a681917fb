"""Whatever time is read can be written: it comes back as the moment that it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from forms_app.field_types import _times
from forms_app.field_types._times import local_cell, parsed, shown, stored

# Offsets of seconds before the zones kept to the hour, of half and quarter hours since, and of a whole year's days.
ZONES = ["Asia/Shanghai", "Asia/Taipei", "Asia/Kathmandu", "Africa/Monrovia", "Pacific/Apia", "America/New_York", "UTC"]


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name = str(request.param)
    monkeypatch.setattr(timezone, "get_default_timezone", lambda: ZoneInfo(name))
    for cached in (_times._hour, _times._plain_hour, _times._plain_day):
        cached.cache_clear()
    return name


@given(moment=some.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 30), timezones=some.just(UTC)))
def _comes_back(moment: datetime) -> None:
    text = stored(moment)
    again = parsed(shown(text))
    assert again is not None, shown(text)
    assert stored(again) == text


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    for cached in (_times._hour, _times._plain_hour, _times._plain_day):
        cached.cache_clear()


def test_every_moment_that_is_shown_is_read_back(zone: str) -> None:
    _comes_back()


NEAR_CHANGES = some.sampled_from(
    [datetime(2011, 12, 30), datetime(2023, 3, 12), datetime(2023, 11, 5), datetime(1919, 4, 1)]
)
SOMEWHERE = some.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31))


@given(
    moment=SOMEWHERE
    | some.builds(lambda day, hours: day + timedelta(hours=hours), NEAR_CHANGES, some.integers(-60, 60))
)
def _is_told_in_a_cell(moment: datetime) -> None:
    """As the hour by itself is told; that of a day is a quicker way to the same."""
    text = f"{moment.isoformat(timespec='milliseconds')[:23]}Z"
    prefix = _times._plain_hour(text[:13])
    assert local_cell(text) == (f"{prefix}{text[13 : 19 if text[19:23] == '.000' else 23]}" if prefix else shown(text))
    again = parsed(local_cell(text))
    assert again is not None and stored(again) == text


def test_every_moment_is_told_in_a_cell_as_itself(zone: str) -> None:
    _is_told_in_a_cell()


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
