"""Of what was sent, names are kept and values are not."""

from __future__ import annotations

import time
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_app.field_types import Text
from forms_app.journal.masking import LONGEST, masked

pytestmark = pytest.mark.slow

SECRETS = st.text(alphabet="QXZ语_ -@", min_size=4, max_size=80)
"""Of letters that no word of a mask is made of."""
NUMBERS = st.integers(min_value=10_000) | st.floats(min_value=10_000, allow_infinity=False)
VALUES = st.recursive(
    SECRETS | NUMBERS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "value", "uid"]), inner),
    max_leaves=10,
)
BODIES = st.dictionaries(st.sampled_from(["custom_form_id", "form_entity", "security", "password", "ids"]), VALUES)


def values_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in values_in(item)]
    if isinstance(value, list):
        return [text for item in value for text in values_in(item)]
    return [str(value)] if isinstance(value, str | int | float) and not isinstance(value, bool) else []


@given(BODIES)
def test_no_value_is_in_what_is_kept(body: dict[str, Any]) -> None:
    text = masked(body)
    assert len(text) <= LONGEST
    assert [value for value in values_in(body) if value in text] == []


@given(st.dictionaries(SECRETS, SECRETS))
def test_nor_is_what_stands_where_a_name_should(body: dict[str, Any]) -> None:
    text = masked({**body, "apaas_QXZQXZ": 1, "0e8fad5b-d9cb-469f-a165-70867728950e": 1, "deadbeefdeadbeef": 1})
    assert "QXZQXZ" not in text and "d9cb" not in text and "deadbeef" not in text
    assert [name for name in body if len(name) > 64 and name in text] == []


def test_kinds_and_lengths_are_told() -> None:
    body = {
        "custom_form_id": Text("12"),
        "form_entity": {"title": "hello", "amount": 1.5, "done": True, "none": None, "tags": ["a", "b", "c", "d"]},
    }
    assert masked(body) == (
        "{custom_form_id: text(2), form_entity: {title: text(5), amount: number, done: boolean, none: null, "
        "tags: [text(1), text(1), text(1), … 4]}}"
    )
    assert masked({"exact": Decimal("1.10"), "papers": [BytesIO()]}) == "{exact: number, papers: [file]}"


def test_what_is_large_is_cut_and_takes_no_time() -> None:
    deep: Any = "x"
    for _n in range(400):
        deep = [deep]
    wide = {f"field_{n}": "x" * 1000 for n in range(200_000)}
    began = time.perf_counter()
    for body in (deep, wide, {"a": wide, "b": deep}, [wide] * 1000):
        assert len(masked(body)) <= LONGEST
    assert time.perf_counter() - began < 0.5
    assert masked(wide).endswith("…")
