"""The zone of TIME_ZONE. Django ends with a traceback at one that the machine does not know, before any check runs."""

import zoneinfo
from pathlib import Path

INSTEAD = "UTC"
ZONES = Path("/usr/share/zoneinfo")
"""Where Django looks for the zone's file if it is there."""


def is_known(name: str) -> bool:
    """Whether this machine knows the zone of that name."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError):  # OSError: of a folder of zones
        return False
    return not ZONES.exists() or ZONES.joinpath(*name.split("/")).exists()


def zone(wanted: str) -> str:
    """The zone for Django to start with; the check config.E008 then names what was wanted, and nothing is served."""
    return wanted if is_known(wanted) else INSTEAD
