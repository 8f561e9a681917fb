"""The pages in Chinese say what the English ones say: the same headings, blocks, tables and pictures."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import FENCE, ROOT, rows, text_of

CHINESE = sorted(path.name for path in (ROOT / "docs/zh-CN").glob("*.md"))
LARGEST = 1_500_000
"""Bytes of all pictures together."""


def shape(text: str) -> list[str]:
    return re.findall(r"^(#+) ", FENCE.sub("", text), re.MULTILINE)


def pictures(text: str) -> list[str]:
    return [name.rpartition("/")[2] for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)]


@pytest.mark.parametrize("name", CHINESE)
def test_a_page_in_chinese_is_built_as_the_english_one(name: str) -> None:
    english, chinese = text_of(f"docs/{name}"), text_of(f"docs/zh-CN/{name}")
    assert FENCE.findall(chinese) == FENCE.findall(english)
    assert shape(chinese) == shape(english)
    assert len(rows(chinese)) == len(rows(english))
    assert pictures(chinese) == pictures(english)


def test_the_pages_that_are_promised_in_chinese_are_there() -> None:
    assert {"tutorial.md", "guide.md", "index.md"} <= set(CHINESE)


def test_each_picture_is_shown_and_all_together_are_small() -> None:
    there = sorted((ROOT / "docs/images").glob("*/*.png"))
    shown = {*pictures(text_of("docs/guide.md"))}
    assert {path.name for path in there} == shown
    assert len(there) == 2 * len(shown)
    assert sum(path.stat().st_size for path in there) < LARGEST
