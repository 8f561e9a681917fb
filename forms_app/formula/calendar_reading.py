"""Reading of dates: text in the usual spellings."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from .values import Failure, in_zone
from .words import _

_DATE = r"(?P<year>\d{4})(?P<mark>[-/.年])(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(:(?P<second>\d{2})(\.(?P<fraction>\d{1,6})\d*)?)?"
_ZONE = r"(?P<zone>Z|[+-]\d{2}:?\d{2})"
_MOMENT = re.compile(rf"{_DATE}((T|\s+){_TIME}\s?{_ZONE}?)?", re.ASCII)


def _offset_of(zone: str) -> tzinfo:
    if zone == "Z":
        return UTC
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return timezone(timedelta(minutes=minutes if zone[0] == "+" else -minutes))


def read_moment(text: str, zone: tzinfo) -> datetime:
    """Takes text such as `2024-02-29`, `2024/2/29 8:05`, `2024年2月29日` or ISO with an offset,
    gives the time in the zone; raises `Failure` when the text is no time."""
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise Failure("value", _("The text is not a date."))
    parts = match.groupdict()
    try:
        day = date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
        clock = time(
            int(parts["hour"] or 0),
            int(parts["minute"] or 0),
            int(parts["second"] or 0),
            int((parts["fraction"] or "").ljust(6, "0")),
        )
        written = datetime.combine(day, clock, _offset_of(parts["zone"]) if parts["zone"] else zone)
    except ValueError:
        raise Failure("date") from None
    return in_zone(written, zone)
