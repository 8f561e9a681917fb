"""Amounts in Chinese capitals."""

from decimal import ROUND_HALF_UP, Decimal

from .values import Failure

LARGEST_AMOUNT = Decimal(10) ** 16

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def _four_digits(digits: str) -> str:
    """Writes four digits; a run of zeros inside is one 零, zeros at the end are silent."""
    written = ""
    for place, digit in zip(reversed(_PLACES), digits, strict=True):
        if digit != "0":
            written += _DIGITS[int(digit)] + place
        elif written and not written.endswith("零"):
            written += "零"
    return written.rstrip("零")


def _whole_amount(yuan: int) -> str:
    digits = f"{yuan:016d}"
    groups = [digits[start : start + 4] for start in range(0, 16, 4)]
    written = ""
    for index, group in enumerate(groups):
        text = _four_digits(group)
        if not text:
            continue
        # 零 wherever a zero was skipped between two groups: 1,0005 and 10,0000,0005 alike.
        skipped = index > 0 and (group[0] == "0" or groups[index - 1][-1] == "0")
        if written and skipped:
            written += "零"
        unit = _GROUPS[3 - index]
        # 万亿 says 亿 already unless the group of 亿 is silent.
        if index == 0 and int(groups[1]):
            unit = "万"
        written += text + unit
    return written


def chinese_amount(number: Decimal) -> str:
    """Takes an amount below 10^16, gives it in the capitals used on invoices: 壹仟贰佰叁拾肆元伍角陆分."""
    if abs(number) >= LARGEST_AMOUNT:
        raise Failure("num")
    cents = int((abs(number) * 100).to_integral_value(ROUND_HALF_UP))
    yuan, rest = divmod(cents, 100)
    tens, ones = divmod(rest, 10)
    sign = "负" if number < 0 and cents else ""
    written = f"{_whole_amount(yuan)}元" if yuan else ""
    if not rest:
        return f"{sign}{written or '零元'}整"
    if tens:
        written += f"{_DIGITS[tens]}角"
    elif written:
        written += "零"
    return f"{sign}{written}{_DIGITS[ones]}分" if ones else f"{sign}{written}整"
