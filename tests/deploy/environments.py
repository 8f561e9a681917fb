"""Files of environment variables, and the settings that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.docs.test_pages import settings_read


def settings_of(text: str) -> dict[str, str]:
    """What an environment file says."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: value for name, _equals, value in (line.partition("=") for line in lines)}


def wrong_names(given: Mapping[str, object] | Iterable[str]) -> list[str]:
    """Which of them the product doesn't read."""
    return sorted(set(given) - set(settings_read()))
