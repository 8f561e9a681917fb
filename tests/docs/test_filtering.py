"""The page of filtering, held to the operators and the settings."""

from __future__ import annotations

import json
import re

import pytest

from forms_app.operators import operators
from tests.docs.pages import FENCE, section, text_of
from tests.docs.write import filtering

NAMES = sorted(operator.name for operator in operators)


def test_every_operator_has_its_section_and_no_other() -> None:
    assert sorted(re.findall(r"^### `(\w+)`", text_of("docs/filtering.md"), re.MULTILINE)) == NAMES


@pytest.mark.parametrize("op", NAMES)
def test_an_operators_samples_use_it(op: str) -> None:
    samples = [json.loads(code) for kind, code in FENCE.findall(section(text_of("docs/filtering.md"), f"### `{op}`"))]
    assert samples
    assert {sample["op"] for sample in samples} == {op}


def test_the_operators_of_each_type_are_tabled() -> None:
    assert filtering() == text_of("docs/filtering.md"), "python -m tests.docs.write writes it"
