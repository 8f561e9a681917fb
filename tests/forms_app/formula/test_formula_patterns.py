"""The patterns of TEXT: written as spreadsheets write them, or refused; never a wrong text."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from formula_samples import codes, computed, error_code, faults

D = Decimal
RECORD = {
    "n": D("1234.5"),
    "d": date(2024, 2, 29),
    "dt": datetime(2024, 2, 29, 15, 4, 5, 123456, timezone(timedelta(hours=8))),
    "any": date(2024, 11, 3),
    "t": "abc",
}
NUMBERS = [
    ("1234567.891", "#,##0.00", "1,234,567.89"),
    ("1234567", "#,##0,", "1,235"),
    ("1234567", "0.0,,'M'", "1.2'M'"),
    ("0", "#", ""),
    ("5", "?0", " 5"),
    ("-5", "0;(0)", "(5)"),
    ("0", "0;-0;zero", None),
    ("0", '0;-0;""zero""', "zero"),
    ("-3", "0;", ""),
    ("-5", "0.00;[Red]-0.00", "-5.00"),
    ("12345.678", "0.00E+00", "1.23E+04"),
    ("0.00012", "0.0E-0", "1.2E-4"),
    ("999999", "0.00E+00", "1.00E+06"),
    ("0", "0.00E+00", "0.00E+00"),
    ("1234", "##0.0E+0", "1.2E+3"),
    ("1234567890", "(000) 000-0000", "(123) 456-7890"),
    ("5551234", "[<=9999999]###-####;(###) ###-####", "555-1234"),
    ("15551234", "[<=9999999]###-####;0", "15551234"),
    ("-4", "[<0]0 '-';0", "4 '-'"),
    ("1.5", ".00", "1.50"),
    ("0.5", "0.0%", "50.0%"),
    ("0.5", "0%%", "5000%%"),
    ("-3", "[$¥-804]#,##0.00", "-¥3.00"),
    ("3", "USD 0.00", "USD 3.00"),
    ("3", '0 ""days""', "3 days"),
    ("3", "0\\d", "3d"),
    ("2.5", "General", "2.5"),
    ("2.5", "G/通用格式元", "2.5元"),
    ("7", "@", "7"),
    ("100", "#,##0_);(#,##0)", "100 "),
    ("1", "# ?/?", None),
    ("1", "0*x", None),
    ("1", "yyyy-mm-01", None),
    ("1", "h:mm AM/PM", None),
    ("1", "[h]", None),
    ("1", "[DBNum2]0", None),
    ("1", "[>x]0;0", None),
    ("1", "0;1;2;3;4", None),
    ("1", "0" * 31, None),
    ("1", "0" * 300, None),
    ("1", "0E+", None),
    ("1", "General 0", None),
]
MOMENTS = [
    ("YYYY-MM-DD HH:mm", "2024-02-29 15:04"),
    ("mmm d, yyyy", "Feb 29, 2024"),
    ("mmmm yy", "February 24"),
    ("mmmmm", "F"),
    ("ddd, dddd", "Thu, Thursday"),
    ("aaa aaaa", "四 星期四"),
    ("[$-804]mmmm mmm dddd ddd AM/PM", "二月 2月 星期四 周四 下午"),
    ("[$-404]ddd aaa aaaa", "週四 週四 星期四"),
    ("[$-en-US]mmm A/P", "Feb P"),
    ("h:mm AM/PM", "3:04 PM"),
    ("hh A/P", "03 P"),
    ("上午/下午h时m分", "下午3时4分"),
    ("HH:MM:SS", "15:04:05"),
    ("mm:ss.000", "04:05.123"),
    ("YYYY-MM-DDTHH:mm:ssZ", "2024-02-29T15:04:05Z"),
    ("yyyy/m/d;@", "2024/2/29"),
    ('""Due:"" YYYY-MM-DD', "Due: 2024-02-29"),
    ("\\Qyy", "Q24"),
    ("YYYY-MM-01", "2024-02-01"),
    ("y/d", "24/29"),
    ("Due: YYYY-MM-DD", None),
    ("YYYY at HH", None),
    ("[h]:mm", None),
    ("yyyyy", None),
    ("mmmmmm", None),
    ("aa", None),
    ("ggge", None),
    ("[DBNum1]yyyy", None),
    ("[$-411]mmmm", None),
    ("yyyy#", None),
    ("ss.0000000", None),
    ("0.00", "0.00"),
    ("yyyy;mm", None),
]


@pytest.mark.parametrize(("number", "pattern", "text"), NUMBERS)
def test_a_number_is_written_or_its_pattern_is_refused(number, pattern, text):
    formula = f'TEXT({number}, "{pattern}")'
    if text is None:
        assert codes(formula) == [("wrong_argument", formula.index('"'))]
    else:
        assert computed(formula) == text


@pytest.mark.parametrize(("pattern", "text"), MOMENTS)
def test_a_time_is_written_or_its_pattern_is_refused(pattern, text):
    formula = f'TEXT({{dt}}, "{pattern}")'
    if text is None:
        assert codes(formula) == [("wrong_argument", 11)]
    else:
        assert computed(formula, RECORD) == text


@pytest.mark.parametrize(("hour", "written"), [(0, "12 AM"), (1, "1 AM"), (11, "11 AM"), (12, "12 PM"), (23, "11 PM")])
def test_half_days_have_twelve_hours(hour, written):
    assert computed(f'TEXT(DATETIME(2024, 1, 1, {hour}), "h AM/PM")') == written


@pytest.mark.parametrize(
    ("month", "names"), [(1, "Jan January 一月"), (5, "May May 五月"), (12, "Dec December 十二月")]
)
def test_months_have_names(month, names):
    day = f"DATE(2024, {month}, 1)"
    assert computed(f"TEXT({day}, 'mmm mmmm') & ' ' & TEXT({day}, '[$-804]mmmm')") == names


@pytest.mark.parametrize(
    ("pattern", "text"), [("@", "abc"), ("0;-0;0;<@>", "<abc>"), ("0.00", "abc"), ('""= ""@', "= abc")]
)
def test_a_text_is_written_by_the_section_for_texts(pattern, text):
    assert computed(f'TEXT({{t}}, "{pattern}")', RECORD) == text


def test_a_pattern_must_fit_what_it_writes():
    assert codes('TEXT({d}, "#,##0")') == [("wrong_argument", 10)]
    assert codes('TEXT({n}, "YYYY-MM-DD")') == [("wrong_argument", 10)]
    assert computed('TEXT({any}, "d/m/yyyy")', RECORD) == "3/11/2024"
    assert computed('TEXT({any}, "0.0")', {"any": D(2)}) == "2.0"
    assert codes('TEXT({any}, "maybe")') == [("wrong_argument", 12)]


@pytest.mark.parametrize("pattern", ["Due: YYYY", "[h]:mm", "yyyyy"])
def test_an_unknown_pattern_of_a_field_is_an_error_that_says_why(pattern):
    error = computed("TEXT({dt}, {t})", {**RECORD, "t": pattern})
    assert error.code == "value"
    assert error.said().startswith(f"The pattern {pattern} is not known from ")


def test_a_formula_that_was_saved_with_an_unknown_pattern_gives_an_error_value():
    assert error_code('TEXT({d}, "Due: YYYY")', RECORD) == "value"
    assert computed('IFERROR(TEXT({d}, "Due: YYYY"), "?")', RECORD, stored=True) == "?"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('DATEDIF({d}, {d}, "XX")', "The unit is one of Y, M, D, H, MI, S, YM, MD, YD, not XX."),
        ('DATEADD({d}, 1, "decade")', "The unit is one of Y, Q, M, W, D, H, MI, S, not decade."),
        ('DATETIME_DIFF({d}, {d}, "")', "The unit is one of Y, M, D, H, MI, S, YM, MD, YD, not ."),
        ("WEEKDAY({d}, 4)", "It is one of 1, 2, 3, 11, 12, 13, 14, 15, 16, 17, not 4."),
        ("WEEKNUM({d}, 1.5)", "It is one of 1, 2, 11, 12, 13, 14, 15, 16, 17, 21, not 1.5."),
        ("LEFT({t}, -1)", "A length can't be negative."),
        ("RIGHT({t}, -2)", "A length can't be negative."),
        ("REPT({t}, -1)", "A length can't be negative."),
        ("MID({t}, 0, 1)", "Positions count from 1."),
        ("FIND({t}, {t}, 0)", "Positions count from 1."),
        ('SUBSTITUTE({t}, "a", "b", 0)', "Positions count from 1."),
        ("CHAR(0)", "No character has the number 0."),
        ("CHAR(55296)", "No character has the number 55296."),
        ('REGEXMATCH({t}, "(")', "This is no regular expression of RE2: missing ): (."),
        ('REGEXEXTRACT({t}, "(?=a)")', "This is no regular expression of RE2: invalid perl operator: (?=."),
    ],
)
def test_a_constant_that_its_function_never_takes_is_refused(text, reason):
    (fault,) = faults(text)
    assert fault.code == "wrong_argument"
    assert fault.said() == f"{fault.params['place']}: {reason}"
