"""docs/security.md: each promise names the test that holds it, and that test is there."""

from __future__ import annotations

import re

import pytest

from tests.source import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))


def test_many_tests_are_named() -> None:
    assert len(NAMED) > 25


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_is_named_is_there(path: str, name: str) -> None:
    text = (ROOT / path).read_text()
    assert not name or f"def {name}(" in text


def test_every_promise_names_one() -> None:
    rows = PAGE.partition("## What is kept")[2].partition("## What is not")[0].splitlines()
    promises = [row for row in rows if row.startswith("|") and not row.startswith(("| promise", "|---"))]
    assert [row for row in promises if "`tests/" not in row] == []
