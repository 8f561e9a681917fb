"""What the time types share: the forms a time comes in, UTC at fixed width in the store, the zone's ISO-8601 out.

docs/contract.md §1: times come in as `YYYY-MM-DD HH:MM:SS[.mmm]`, `YYYY-MM-DD HH:MM`, `YYYY-MM-DD` or ISO-8601; without
an offset they are in the zone of the setting; kept to the millisecond. Stored text order is time order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from django.utils import timezone as zones
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.exceptions import Refused
from forms_app.field_types._spelling import Names
from forms_app.field_types._text import UniqueSetting
from forms_app.field_types._values import Text, fault
from forms_app.field_types.base import Column, FieldType, ValueField
from forms_app.operators.families import Exact, Family, Ordered, Ranged
from forms_app.operators.index_kinds import BTREE
from forms_app.operators.lookups import TEXT_BOUNDS, Between

_FORM = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(Z|[+-]\d{2}(?::?[0-5]\d(?::?[0-5]\d)?)?))?)?",
    re.ASCII,
)
FORMS = "YYYY-MM-DD HH:MM:SS[.mmm], YYYY-MM-DD HH:MM, YYYY-MM-DD, ISO-8601"


def parsed(text: str, upper: bool = False) -> datetime | None:
    """The moment that `text` means, to the millisecond, in its own or the setting's zone; None if it means none.

    As the upper bound of a filter a time without a clock means the end of its day, one without a fraction the
    whole second.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    milliseconds = int(fraction[:3].ljust(3, "0")) if fraction else 999 if upper else 0
    clock = (int(hour), int(minute), int(second or 0)) if hour else (23, 59, 59) if upper else (0, 0, 0)
    zone = zones.get_default_timezone()
    try:
        aware = datetime(
            int(year), int(month), int(day), *clock, milliseconds * 1000, _offset(offset) if offset else zone
        )
        if not 1 < aware.year < 9999:
            aware.astimezone(UTC), aware.astimezone(zone)  # both must exist: years 1 to 9999
    except (ValueError, OverflowError):
        return None
    return aware


_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号號]?"
    r"(?:[T\s]\s*(\d{1,2})\s*[:：时時点點]\s*(\d{1,2})\s*[:：分]?\s*(?:(\d{1,2})(?:[.,](\d{1,9}))?\s*秒?)?)?",
    re.ASCII,
)
_YEAR_LAST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?:\s.*)?", re.ASCII)


def written_time(text: str) -> str:
    """A time as people write it into a cell (`2023/8/20`, `2023年8月20日 9:05`), as the API takes it. What is no such
    time stays. Raises Refused where day and month may be either."""
    bare = text.strip()
    if parsed(bare) is not None:
        return bare
    if _YEAR_LAST.fullmatch(bare):
        message = _("Day and month may be either; write the year first: {forms}.").format(forms=FORMS)
        raise Refused([fault("ambiguous_time", message, got=text, allowed=FORMS)])
    match = _YEAR_FIRST.fullmatch(bare)
    if match is None:
        return text
    year, month, day, hour, minute, second, fraction = match.groups()
    clock = f" {int(hour):02}:{minute:0>2}:{second or 0:0>2}" if hour else ""
    return f"{year}-{month:0>2}-{day:0>2}{clock}{f'.{fraction}' if fraction else ''}"


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(6, "0")
    # Seconds, as zones had them before they kept to the hour: Shanghai until 1901 +08:05:43.
    delta = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:]))
    return timezone(-delta if text[0] == "-" else delta)


def stored(moment: datetime) -> str:
    """`moment` as it is stored: UTC, `2023-08-20T00:01:00.000Z`."""
    utc = moment.astimezone(UTC)
    return f"{utc.isoformat(timespec='milliseconds')[:23]}Z"


def shown(text: str) -> str:
    """A stored time as clients read it: ISO-8601, three fraction digits, the setting's offset."""
    prefix, offset = _hour(text[:13])
    return f"{prefix}{text[13:23]}{offset}" if prefix else _local(text)


@lru_cache(maxsize=16384)
def _hour(start: str) -> tuple[str, str]:
    """The local `YYYY-MM-DDTHH` and offset of a UTC hour; ("", "") where the zone is off the full hour."""
    local = datetime.fromisoformat(f"{start}:00:00+00:00").astimezone(zones.get_default_timezone())
    if local.minute or local.second:
        return "", ""
    text = local.isoformat()
    return text[:13], text[19:]


def _local(text: str) -> str:
    moment = datetime.fromisoformat(text).astimezone(zones.get_default_timezone())
    return moment.isoformat(timespec="milliseconds")


def local_cell(text: str) -> str:
    """A stored time as people read it in a cell, to the second where that is all of it; with its offset where the clock
    was set back, so that each is read as itself."""
    plain = _plain_day(text[:10])
    if plain is not None:
        days, clock = plain
        day, hour = clock[text[11:13]]
        prefix = days[day] + hour
    else:
        prefix = _plain_hour(text[:13])
        if not prefix:
            return shown(text)
    return f"{prefix}{text[13:19]}" if text[19:23] == ".000" else f"{prefix}{text[13:23]}"


@lru_cache(maxsize=16384)
def _plain_day(day: str) -> tuple[tuple[str, str, str], Mapping[str, tuple[int, str]]] | None:
    """The UTC day `YYYY-MM-DD`, the one after and the one before, and of each hour of UTC on which of them it is
    locally, and its text; None where local time is not the same number of full hours ahead in all three."""
    noon = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    try:
        around = [noon + timedelta(days=days) for days in (-2, -1, 0, 1, 2)]
        offsets = {moment.astimezone(zones.get_default_timezone()).utcoffset() for moment in around}
    except OverflowError:  # the first or the last days that there are
        return None
    offset = offsets.pop() or timedelta()
    if offsets or offset % timedelta(hours=1):
        return None
    before, _same, after = (moment.isoformat()[:10] for moment in around[1:4])
    return (day, after, before), _clock(offset // timedelta(hours=1))


@lru_cache(64)
def _clock(offset: int) -> Mapping[str, tuple[int, str]]:
    """Of each hour of UTC how many days later it is locally (-1: one earlier), and ` HH`."""
    hours = ((hour, hour + offset) for hour in range(24))
    return {f"{hour:02}": (local // 24, f" {local % 24:02}") for hour, local in hours}


@lru_cache(maxsize=16384)
def _plain_hour(start: str) -> str:
    """The local `YYYY-MM-DD HH` of a UTC hour; "" where it says not which, since the clock was set back or is off the
    full hour."""
    prefix = _hour(start)[0].replace("T", " ")
    ends = [(parsed(f"{prefix}:{end}"), f"{start}:{end}.000Z") for end in ("00:00", "59:59")] if prefix else []
    return prefix if ends and all(time is not None and stored(time) == text for time, text in ends) else ""


def local_text(text: str) -> str:
    """A shown time as a browser writes a local one: without offset, and without the zeros at its end."""
    local = text[:19] if text[19:23] == ".000" else text[:23].rstrip("0")
    return local.removesuffix(":00") if len(local) == 19 else local


def moment(text: str) -> datetime:
    """A stored time as an aware datetime in the setting's zone."""
    return datetime.fromisoformat(text).astimezone(zones.get_default_timezone())


class TimeValue(ValueField):
    """A moment in one of the accepted forms."""

    default_error_messages = {
        "invalid_time": _("This is no time; expected one of {forms}."),
        "wrong_range": _("Expected [from, to] with from not after to; null leaves an end open."),
    }
    expected = _("a time as text")

    def moment(self, raw: Any, upper: bool = False) -> datetime:
        """`raw` as an aware datetime. Raises Refused."""
        if not isinstance(raw, str):
            self.wrong_type(raw)
        time = parsed(raw, upper)
        if time is None:
            self.refuse("invalid_time", got=raw, forms=FORMS, allowed=FORMS)
        return time

    def stored(self, time: datetime) -> str:
        return stored(time)

    def parse(self, raw: Any, current: Any = None) -> Any:
        return self.stored(self.moment(raw))

    def written_schema(self) -> dict[str, Any]:
        return {"type": "string", "description": FORMS}

    def shown_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}

    def start(self, raw: Any) -> str:
        return self.stored(self.moment(raw))

    def end(self, raw: Any) -> str:
        return self.stored(self.moment(raw, upper=True))

    def single(self, raw: Any) -> tuple[str, str]:
        # A day or a second is a span of moments: equal to it means within it.
        return self.start(raw), self.end(raw)


class DateValue(TimeValue):
    """A day, cut from a moment."""

    def stored(self, time: datetime) -> str:
        """The day of the moment in the setting's zone."""
        return time.astimezone(zones.get_default_timezone()).date().isoformat()

    def shown_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class TimeSetting(UniqueSetting):
    default = serializers.CharField(required=False, allow_blank=True, label=_("Default"))

    def validate_default(self, value: str) -> str:
        if value and parsed(value) is None:
            raise serializers.ValidationError(_("This is no time; expected one of {forms}.").format(forms=FORMS))
        return value


def times(cast: str = "jsonb") -> tuple[Family, ...]:
    """The families of moments kept as jsonb text, or in a column of type `cast`."""
    between = Between(cast, TEXT_BOUNDS if cast == "jsonb" else None)
    return Exact(between), Ranged(between), Ordered(between)


class TimeType(FieldType):
    """Base of the types whose value is one moment."""

    group = _("Numbers and time")
    Field = TimeValue
    Setting = TimeSetting
    families = times()
    sortable = True
    indexes = (BTREE,)
    unique_expression = "({json})"

    def from_text(self, column: Column, text: str, names: Names) -> Any:
        return Text(written_time(text))
