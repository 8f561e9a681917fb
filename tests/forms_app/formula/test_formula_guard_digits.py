"""Guard digits: what a division leaves over is seen nowhere."""

from datetime import date
from decimal import Decimal

import pytest
from formula_samples import computed

D = Decimal
WAYS = [
    ("INT({n} / 3 * 3)", D(100)),
    ("FLOOR({n} / 3 * 3)", D(100)),
    ("CEILING({n} / 3 * 3)", D(100)),
    ("ROUNDDOWN({n} / 3 * 3, 2)", D(100)),
    ("TRUNC({n} / 3 * 3)", D(100)),
    ("ROUNDUP({n} / 7 * 7)", D(100)),
    ("QUOTIENT({n}, {n} / 3)", D(3)),
    ("MOD({n}, {n} / 3)", D(0)),
    ("{n} / 3 * 3", D(100)),
    ("{n} / 3 * 3 = {n}", True),
    ("{n} / 3 * 3 < {n}", False),
    ("{n} / 3 * 3 - {n} = 0", True),
    ("{n} - {n} / 3 * 3 > 0", False),
    ("{n} / 3 * 3 & ''", "100"),
    ('TEXT({n} / 3 * 3, "General")', "100"),
    ("STRING({n} / 3 * 3)", "100"),
    ("SUM({n} / 3, {n} / 3, {n} / 3) = {n}", True),
    ("SUM({n} / 3, {n} / 3, {n} / 3, -{n})", D(0)),
    ("AVERAGE({n} / 3, {n} / 3, {n} / 3) * 3", D(100)),
    ("SIGN({n} / 3 * 3 - {n})", D(0)),
    ("IN({n}, {n} / 3 * 3)", True),
    ("SWITCH({n} / 3 * 3, {n}, 'same', 'other')", "same"),
    ("SIZE(UNIQUE(LIST({n}, {n} / 3 * 3)))", D(1)),
    ("COUNTIF(LIST({n} / 3 * 3), {n})", D(1)),
    ("LEFT('abc', {n} / 3 * 3 / 50)", "ab"),
    ("INDEX(LIST(1, 2, 3), {n} / 3 * 3 / 50)", D(2)),
    ("DATE(2024, 1, {n} / 3 * 3 / 50)", date(2024, 1, 2)),
    ("DATE(2024, 1, 1) + {n} / 3 * 3 / 50", date(2024, 1, 3)),
    ("EDATE(DATE(2024, 1, 1), {n} / 3 * 3 / 50)", date(2024, 3, 1)),
    ("REPT('a', {n} / 3 * 3 / 50)", "aa"),
    ("CHINESEAMOUNT({n} / 3 * 3)", "壹佰元整"),
    ("INT(SQRT(2) ^ 2)", D(2)),
    ("INT(8 ^ (1 / 3))", D(2)),
    ("INT(LOG(1000, 10))", D(3)),
    ("INT(LOG(8, 2))", D(3)),
    ("1 / 3", D("0." + "3" * 38)),
    ("1e-40 + 0", D("1e-40")),
    ("1 - 1e-37", D("0." + "9" * 37)),
]


@pytest.mark.parametrize(("text", "value"), WAYS)
def test_what_a_division_leaves_over_is_seen_nowhere(text, value):
    assert computed(text, {"n": D(100)}) == value


@pytest.mark.parametrize("amount", ["1", "7", "0.1", "99.99", "123456789012.34", "-100", "2e20"])
@pytest.mark.parametrize("divisor", ["3", "7", "9", "11", "13", "0.3"])
def test_an_amount_divided_and_multiplied_is_itself(amount, divisor):
    record = {"n": D(amount), "m": D(divisor)}
    assert computed("{n} / {m} * {m}", record) == D(amount)
    assert computed("{n} / {m} * {m} = {n}", record) is True
    assert computed("{n} / {m} * {m} - {n}", record) == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("CEILING(-2.5, -2)", D(-4)),
        ("CEILING(-2.5, 2)", D(-2)),
        ("CEILING(2.5, 1)", D(3)),
        ("FLOOR(-2.5, -2)", D(-2)),
        ("FLOOR(-2.5, 2)", D(-4)),
        ("IFERROR(CEILING(2.5, -2), 'num')", "num"),
        ("IFERROR(FLOOR(2.5, -2), 'num')", "num"),
        ("IFERROR(FLOOR(2.5, 0), 'div0')", "div0"),
    ],
)
def test_a_negative_step_is_as_in_spreadsheets(text, value):
    assert computed(text) == value
