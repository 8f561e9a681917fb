"""The page of filtering, held to the operators and the settings."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings

from forms_app.field_types import registry
from forms_app.field_types.base import PRESENCE
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from tests.docs.pages import FENCE, TICKED, rows, section, text_of


def operators() -> dict[str, set[str]]:
    """Type or system column → its operators beside `empty` and `not_empty`."""
    found = {field_type.name: set(field_type.lookups) for field_type in registry}
    return {**found, **{name: set(column.lookups) for name, column in SYSTEM_COLUMNS.items()}}


def test_every_operator_has_its_section_and_no_other() -> None:
    known = {op for ops in operators().values() for op in ops} | set(PRESENCE)
    assert set(re.findall(r"^### `(\w+)`", text_of("docs/filtering.md"), re.MULTILINE)) == known


@pytest.mark.parametrize("op", sorted({op for ops in operators().values() for op in ops} | set(PRESENCE)))
def test_an_operators_samples_use_it(op: str) -> None:
    samples = [json.loads(code) for kind, code in FENCE.findall(section(text_of("docs/filtering.md"), f"### `{op}`"))]
    assert samples
    assert {sample["op"] for sample in samples} == {op}


def test_the_operators_of_each_type_are_tabled() -> None:
    tabled: dict[str, set[str]] = {}
    for types, ops in rows(section(text_of("docs/filtering.md"), "### Operators by type")):
        for name in TICKED.findall(types):
            tabled[name] = set(TICKED.findall(ops))
    expected = operators()
    for told_in_words in (tabled, expected):
        told_in_words.pop("formula_field")
    assert tabled == expected


def test_the_limits_of_requests_are_the_settings() -> None:
    for _what, limit, setting in rows(section(text_of("docs/filtering.md"), "## Limits")):
        name = re.search(r"`([A-Z_]+)`", setting)
        number = re.match(r"[\d,]+", limit)
        assert name and number
        assert int(number[0].replace(",", "")) == getattr(settings, name[1]), name[1]
