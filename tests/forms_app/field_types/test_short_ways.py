"""The short ways by which the commonest values are checked take nothing that the long ones refuse."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from forms_app.exceptions import Refused
from forms_app.field_types import Text, registry
from forms_app.field_types.mobile_field import CHINESE, is_mobile
from tests.forms_app.field_types.every_type import column_alone


def test_a_number_that_looks_chinese_and_mobile_is_one_for_the_library() -> None:
    """Of every start of four digits, and of no length but eleven."""
    random = Random(1)
    taken = 0
    for start in range(1000, 2000):
        text = f"{start}{random.randrange(10**7):07}"
        if CHINESE.fullmatch(text):
            taken += 1
            assert is_mobile(text), text
        assert not CHINESE.fullmatch(text[:-1]) and not CHINESE.fullmatch(f"{text}0")
    assert taken > 400
    assert not CHINESE.fullmatch("１３８００１３８０００")


@pytest.mark.parametrize(
    ("spelt", "fits"),
    [
        ("1" * 38, True),
        ("1" * 39, False),
        (f"{'1' * 38}e99", True),
        (f"{'1' * 38}e270", True),
        (f"{'1' * 38}e271", True),
        (f"{'1' * 38}e272", False),
        ("1e308", True),
        ("1e309", False),
        ("1e-308", True),
        ("1e-309", False),
        (f"0.{'0' * 200}1", True),
        (f"{'1' * 20}{'0' * 60}", True),
        (f"1{'0' * 40}.10", False),
        ("0e346", True),
        ("0e347", False),
        ("-0.000", True),
    ],
)
def test_a_number_may_have_38_significant_digits_and_an_exponent_of_308(spelt: str, fits: bool) -> None:
    column = column_alone(registry.get("float_field"))
    assert cleaned(column, spelt) == (Decimal(spelt) if fits else "too_many_digits")


@pytest.mark.parametrize(
    ("spelt", "stored"),
    [
        ("0001-01-01 08:06", "0001-01-01T00:00:17.000Z"),  # the zone was 8:05:43 ahead, before there were zones
        ("0001-01-01 08:00", "invalid_time"),
        ("0001-01-01T14:00:00+14:00", "0001-01-01T00:00:00.000Z"),
        ("0001-01-01T13:59:59+14:00", "invalid_time"),
        ("9999-12-31 23:59:59", "9999-12-31T15:59:59.000Z"),
        ("9999-12-31T23:59:59Z", "invalid_time"),  # in the setting's zone it would be in the year 10000
        ("2000-02-29 24:00", "invalid_time"),
    ],
)
def test_a_time_exists_in_utc_and_in_the_settings_zone(spelt: str, stored: str) -> None:
    assert cleaned(column_alone(registry.get("datetime_field")), spelt) == stored


def cleaned(column: Any, spelt: str) -> Any:
    """What is stored for the text, or the code of its one fault."""
    try:
        return column.clean(Text(spelt))
    except Refused as refused:
        (fault,) = refused.faults
        return fault.code
