"""The page of limits, held to the settings; no other page has a table of them."""

from __future__ import annotations

import re

from django.conf import settings

from config.checks import SMALLEST
from tests.docs.pages import rows, text_of


def test_each_limit_is_what_its_setting_is_by_itself() -> None:
    told = rows(text_of("docs/limits.md"))
    assert len(told) > 20
    for _what, limit, setting in told:
        name = re.search(r"`([A-Z_]+)`", setting)
        assert name
        assert int(limit.replace(",", "")) == getattr(settings, name[1]), name[1]


def test_each_limit_of_a_request_or_value_is_there() -> None:
    page = text_of("docs/limits.md")
    left_out = {name for name in SMALLEST if name.startswith("MAX_") and f"`{name}`" not in page}
    of_indexes = {"MAX_FIELD_INDEXES", "MAX_INDEXES_TOGETHER", "MAX_PARTITION_INDEXES"}
    assert left_out == {"MAX_DRAIN_BYTES", *of_indexes}  # no request passes these
