"""The page of field types, held to the registry."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from django.utils import translation

from forms_app.exact_json import dumps
from forms_app.field_types import registry
from forms_app.field_types.base import PRESENCE, FieldType
from tests.docs.pages import TICKED, rows, section, text_of


def type_names() -> list[str]:
    return [field_type.name for field_type in registry]


def chinese_of(field_type: FieldType) -> str:
    """The word that the type's module begins with."""
    return (sys.modules[type(field_type).__module__].__doc__ or "").partition(":")[0]


@pytest.mark.parametrize("name", type_names())
def test_a_field_type_has_its_section(name: str) -> None:
    field_type = registry.get(name)
    with translation.override("en"):
        english = str(field_type.label)
    with translation.override("zh-hans"):
        chinese = str(field_type.label)
    word = chinese_of(field_type) if chinese == english else chinese
    assert f"### `{name}` · {word} · {english}\n" in text_of("docs/field-types.md")


def test_no_other_field_type_has_a_section() -> None:
    assert set(re.findall(r"^### `(\w+)`", text_of("docs/field-types.md"), re.MULTILINE)) == set(type_names())


@pytest.mark.parametrize("name", [name for name in type_names() if name != "formula_field"])
def test_a_field_types_operators_are_listed(name: str) -> None:
    line = re.search(r"^- Operators: (.*)$", section(text_of("docs/field-types.md"), f"### `{name}`"), re.MULTILINE)
    assert line
    assert TICKED.findall(line[1]) == [*registry.get(name).lookups, *PRESENCE]


@pytest.mark.parametrize("name", type_names())
def test_a_field_types_settings_are_listed_and_explained(name: str) -> None:
    line = re.search(r"^- Settings: (.*)$", section(text_of("docs/field-types.md"), f"### `{name}`"), re.MULTILINE)
    assert line
    fields = registry.get(name).Setting().fields
    own = [key for key, field in fields.items() if not field.read_only and type(field).__name__ != "HiddenField"]
    assert TICKED.findall(line[1]) == own
    explained = {key for row in rows(section(text_of("docs/field-types.md"), "## Settings")) for key in row[:1]}
    assert set(own) <= {key for cell in explained for key in TICKED.findall(cell)}


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
