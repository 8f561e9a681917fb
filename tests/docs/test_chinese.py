"""The pages in Chinese say what the English ones say: the same headings, blocks, tables and pictures."""

from __future__ import annotations

import re

import pytest

from forms_app.field_types import FieldType, registry
from tests.docs import chinese
from tests.docs.pages import FENCE, ROOT, TICKED, rows, section, text_of

CHINESE = sorted(path.name for path in (ROOT / "docs/zh-CN").glob("*.md"))
LARGEST = 1_500_000
"""Bytes of all pictures together."""


def shape(text: str) -> list[str]:
    return re.findall(r"^(#+) ", FENCE.sub("", text), re.MULTILINE)


def pictures(text: str) -> list[str]:
    return [name.rpartition("/")[2] for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)]


@pytest.mark.parametrize("name", CHINESE)
def test_a_page_in_chinese_is_built_as_the_english_one(name: str) -> None:
    english, mainland = text_of(f"docs/{name}"), text_of(f"docs/zh-CN/{name}")
    assert FENCE.findall(mainland) == FENCE.findall(english)
    assert shape(mainland) == shape(english)
    assert len(rows(mainland)) == len(rows(english))
    assert pictures(mainland) == pictures(english)


def test_the_pages_that_are_promised_in_chinese_are_there() -> None:
    promised = {"tutorial", "guide", "flows", "formulas", "field-types", "tickets", "index"}
    assert promised == {name.removesuffix(".md") for name in CHINESE}


def test_the_functions_are_told_in_the_words_of_the_designer() -> None:
    assert chinese.formulas() == text_of(chinese.FORMULAS), "python -m tests.docs.chinese writes it"


@pytest.mark.parametrize("field_type", [*registry], ids=lambda field_type: str(field_type.name))
def test_a_field_type_has_the_same_samples_operators_and_settings(field_type: FieldType) -> None:
    pages = [text_of(f"docs/{folder}field-types.md") for folder in ("", "zh-CN/")]
    english, inside = (section(page, f"### `{field_type.name}`") for page in pages)
    assert inside.startswith(chinese.heading(field_type) + "\n")
    assert rows(inside) == rows(english)
    for word, mainland in (("Operators", "操作符"), ("Settings", "设置")):
        told = re.search(rf"^- {word}: (.*)$", english, re.MULTILINE)
        translated = re.search(rf"^- {mainland}：(.*)$", inside, re.MULTILINE)
        assert told and translated
        assert TICKED.findall(translated[1]) == TICKED.findall(told[1])


def test_each_picture_is_shown_and_all_together_are_small() -> None:
    there = sorted((ROOT / "docs/images").glob("*/*.png"))
    shown = {*pictures(text_of("docs/guide.md"))}
    assert {path.name for path in there} == shown
    assert len(there) == 2 * len(shown)
    assert sum(path.stat().st_size for path in there) < LARGEST
