"""The Chinese scripts that tests tell apart."""

from __future__ import annotations

import re

import pytest

LOCALES = {"zh_Hans": "zh-hans", "zh_Hant": "zh-hant"}
HAN = re.compile("[\u4e00-\u9fff]")
each_locale = pytest.mark.parametrize("locale", LOCALES)
