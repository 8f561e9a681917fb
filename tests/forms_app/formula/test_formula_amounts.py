"""Amounts of money, written in Chinese capitals."""

from decimal import Decimal

import pytest

from forms_app.formula.number_writing import chinese_amount


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("0.004", "零元整"),
        ("-0.001", "零元整"),
        ("0.05", "伍分"),
        ("0.5", "伍角整"),
        ("0.55", "伍角伍分"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("100.05", "壹佰元零伍分"),
        ("1004", "壹仟零肆元整"),
        ("1040.5", "壹仟零肆拾元伍角整"),
        ("10001", "壹万零壹元整"),
        ("10010", "壹万零壹拾元整"),
        ("100000", "壹拾万元整"),
        ("101000", "壹拾万零壹仟元整"),
        ("12345678.9", "壹仟贰佰叁拾肆万伍仟陆佰柒拾捌元玖角整"),
        ("100000000", "壹亿元整"),
        ("100000005", "壹亿零伍元整"),
        ("1000000000000", "壹万亿元整"),
        ("1000100000000", "壹万零壹亿元整"),
        ("1234567890123.45", "壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元肆角伍分"),
        ("-1.2", "负壹元贰角整"),
    ],
)
def test_amounts_are_written_in_capitals(amount, words):
    assert chinese_amount(Decimal(amount)) == words
