"""The page of field types, held to the registry."""

from __future__ import annotations

import re
from typing import Any

import pytest

from forms_app.exact_json import dumps
from forms_app.field_types import registry
from tests.docs.pages import TICKED, rows, section, text_of
from tests.docs.write import field_types


def type_names() -> list[str]:
    return [field_type.name for field_type in registry]


def test_each_field_type_has_its_section_its_operators_and_its_settings() -> None:
    assert field_types() == text_of("docs/field-types.md"), "python -m tests.docs.write writes it"


def test_no_other_field_type_has_a_section() -> None:
    assert set(re.findall(r"^### `(\w+)`", text_of("docs/field-types.md"), re.MULTILINE)) == set(type_names())


@pytest.mark.parametrize("name", type_names())
def test_a_field_types_settings_are_explained(name: str) -> None:
    line = re.search(r"^- Settings: (.*)$", section(text_of("docs/field-types.md"), f"### `{name}`"), re.MULTILINE)
    assert line
    explained = {key for row in rows(section(text_of("docs/field-types.md"), "## Settings")) for key in row[:1]}
    assert set(TICKED.findall(line[1])) <= {key for cell in explained for key in TICKED.findall(cell)}


@pytest.mark.parametrize("name", type_names())
def test_a_field_types_samples_are_its_worked_examples(name: str) -> None:
    field_type = registry.get(name)
    accepted = [[dumps(sent).decode(), dumps(read).decode()] for sent, read in field_type.accepts]
    rejected = [[sent, code] for value, code in field_type.rejects if (sent := said(value)) is not None]
    for row in rows(section(text_of("docs/field-types.md"), f"### `{name}`")):
        assert [cell.strip("`") for cell in row] in accepted + rejected


def said(value: Any) -> str | None:
    try:
        return dumps(value).decode()
    except (TypeError, ValueError):  # a lone surrogate: JSON can't say it
        return None
