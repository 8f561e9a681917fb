"""The functions that people of spreadsheets and of other products reach for first."""

from datetime import date
from decimal import Decimal

import pytest
from formula_samples import codes, compiled, computed, error_code

from forms_app.formula import EXAMPLE_NOW, FUNCTIONS, Limits

D = Decimal
RECORD = {
    "ns": (D(5), None, D(12), D(30)),
    "ts": ("GD-1", "gd-2", "XX", None),
    "anys": (D(1), "a", True, None, date(2024, 1, 1), ""),
    "ds": (date(2024, 1, 1), date(2024, 5, 1)),
    "n": D(4205),
    "d": date(2024, 2, 29),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("COUNTIF({ns}, 12)", D(1)),
        ('COUNTIF({ns}, "<>12")', D(3)),
        ('COUNTIF({ns}, "")', D(1)),
        ('COUNTIF({ns}, "<>")', D(3)),
        ('COUNTIF({ts}, "gd*")', D(2)),
        ('COUNTIF({ts}, "??-?")', D(2)),
        ('COUNTIF({ts}, "<>gd*")', D(2)),
        ('COUNTIF(LIST("a*b", "axb"), "a~*b")', D(1)),
        ('COUNTIF(LIST("a", "b", "c"), ">=b")', D(2)),
        ('COUNTIF({ds}, ">2024-03-01")', D(1)),
        ("COUNTIF({anys}, TRUE)", D(1)),
        ("COUNTIF({anys}, {t})", D(2)),
        ("COUNTIF(7, 7)", D(1)),
        ('SUMIF({ns}, ">=10")', D(42)),
        ('SUMIF({ts}, "gd-*", LIST(1, 2, 4, 8))', D(3)),
        ('AVERAGEIF({ns}, ">100")', None),
        ('AVERAGEIF({ts}, "XX", LIST(1, 2, 4, 8))', D(4)),
        ('REGEXMATCH("订单 2024", "\\p{Han}+ \\d+$")', True),
        ('REGEXMATCH("abc", "^b")', False),
        ('REGEXEXTRACT("a1b22", "[0-9]{2}")', "22"),
        ('REGEXEXTRACT("13800138000", "^(\\d{3})")', "138"),
        ('REGEXREPLACE("13800138000", "(\\d{3})\\d{4}(\\d{4})", "$1****$2")', "138****8000"),
        ('REGEXREPLACE("abc", "x*", "-")', "-a-b-c-"),
        ('REGEXREPLACE("a.b", "\\.", "$$")', "a$b"),
        ("REGEXMATCH(4205, '^42')", True),
        ('DATEDIF(DATE(2022, 11, 20), {d}, "YM")', D(3)),
        ('DATEDIF(DATE(2022, 11, 20), {d}, "MD")', D(9)),
        ('DATEDIF(DATE(2022, 11, 20), {d}, "YD")', D(101)),
        ('DATEDIF(DATE(2022, 11, 20), {d}, "months")', D(15)),
        ('DATEDIF({d}, DATE(2022, 11, 20), "YM")', D(-3)),
        ('DATETIME_DIFF({d}, DATE(2024, 2, 1), "days")', D(28)),
        ("DATETIME_DIFF({d}, DATE(2024, 2, 28))", D(86400)),
        ("DATEDELTA({d}, 2)", date(2024, 3, 2)),
        ('DATEADD({d}, 1, "Q")', date(2024, 5, 29)),
        ('DATEADD({d}, 2, "年")', date(2026, 2, 28)),
        ("WORKDAY(DATE(2024, 2, 29), 1)", date(2024, 3, 1)),
        ("WORKDAY(DATE(2024, 3, 1), 1)", date(2024, 3, 4)),
        ("WORKDAY(DATE(2024, 3, 2), 1)", date(2024, 3, 4)),
        ("WORKDAY(DATE(2024, 3, 3), -1)", date(2024, 3, 1)),
        ("WORKDAY(DATE(2024, 3, 2), 0)", date(2024, 3, 2)),
        ("WORKDAY(DATE(2024, 3, 1), -5)", date(2024, 2, 23)),
        ("WORKDAY(DATE(2024, 4, 30), 1, DATE(2024, 5, 1))", date(2024, 5, 2)),
        ("WORKDAY(DATE(2024, 4, 29), 2, LIST(DATE(2024, 5, 1), DATE(2024, 5, 2), DATE(2024, 5, 3)))", date(2024, 5, 6)),
        ("WORKDAY(DATE(2024, 5, 6), -1, LIST(DATE(2024, 5, 3), DATE(2024, 5, 2)))", date(2024, 5, 1)),
        ("WEEKDAY(DATE(2024, 2, 29), 11)", D(4)),
        ("WEEKDAY(DATE(2024, 2, 29), 14)", D(1)),
        ("WEEKDAY(DATE(2024, 2, 29), 17)", D(5)),
        ("WEEKNUM(DATE(2024, 12, 30), 21)", D(1)),
        ("WEEKNUM(DATE(2024, 1, 6), 16)", D(2)),
        ("WEEKNUM(DATE(2024, 1, 7), 17)", D(2)),
        ("DAYS360(DATE(2024, 1, 31), DATE(2024, 3, 31))", D(60)),
        ("DAYS360(DATE(2024, 1, 1), DATE(2024, 12, 31))", D(360)),
        ("DAYS360(DATE(2024, 1, 1), DATE(2024, 12, 31), TRUE)", D(359)),
        ("DAYS360(DATE(2023, 2, 28), DATE(2023, 3, 28))", D(28)),
        ("TIME(18, 0, 0)", D("0.75")),
        ("TIME(25, 0, 0) = TIME(1, 0, 0)", True),
        ("HOUR(DATETIME(2024, 2, 29) + TIME(8, 30, 0))", D(8)),
        ("DATE(24, 1, 1)", date(1924, 1, 1)),
        ("DATE(0, 1, 1)", date(1900, 1, 1)),
        ("DATE(99, 13, 1)", date(2000, 1, 1)),
        ("DATE(100, 1, 1)", date(100, 1, 1)),
        ("YEAR(DATETIME(70, 1, 1))", D(1970)),
        ("LOG(100)", D(2)),
        ("LOG(8, 2)", D(3)),
        ("ROUND(PI() * 2, 5)", D("6.28319")),
        ("RANK(12, {ns})", D(2)),
        ("RANK(12, {ns}, TRUE)", D(2)),
        ("RANK(5, {ns}, 1)", D(1)),
        ('PROPER("mary o\'neil-SMITH 2nd")', "Mary O'Neil-Smith 2Nd"),
        ("CHAR(10)", "\n"),
        ("UNICHAR(20013)", "中"),
        ("TRUE() & FALSE() & 真()", "TRUEFALSETRUE"),
        ("ISBLANK(BLANK())", True),
        ("IF(FALSE(), 1, BLANK())", None),
        ("IFBLANK({t}, 'none')", "none"),
        ('DATETIME_FORMAT({d}, "D/M/YYYY")', "29/2/2024"),
        ('ARRAYJOIN({ts}, "; ")', "GD-1; gd-2; XX"),
        ('CONTAINTEXT("表单实体", "实体")', True),
        ("LEFT({n}, 2)", "42"),
        ("LEN(123)", D(3)),
        ("LEN(-1.50)", D(4)),
        ("RIGHT(2024, 2) & MID(12345, 2, 3)", "24234"),
        ("UPPER({n})", "4205"),
        ("EXACT(1, '1')", True),
        ("VALUE(12)", D(12)),
        ("SPLIT(1.5, '.')", ("1", "5")),
        ('TEXTJOIN("-", TRUE, "a", "", {t}, LIST("b", 1))', "a-b-1"),
        ('TEXTJOIN("-", FALSE, "a", "", "b")', "a--b"),
        ('TEXTJOIN("", 1, {ts})', "GD-1gd-2XX"),
        ("TEXTJOIN({ts})", "GD-1,gd-2,XX"),
        ("TEXTJOIN({ts}, '/')", "GD-1/gd-2/XX"),
        ("合并({ts}, '/')", "GD-1/gd-2/XX"),
        ("RECORD_ID()", D(26)),
        ("LAST_MODIFIED_TIME() = CREATED_TIME()", True),
    ],
)
def test_it_computes(text, value):
    result = computed(text, RECORD)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('SUMIF({ts}, "a", LIST(1))', "value"),
        ('REGEXEXTRACT("abc", "[0-9]")', "missing"),
        ("REGEXMATCH('a', {t})", "value"),
        ("RANK(6, {ns})", "missing"),
        ("RANK(5, {ns}, 'x')", "value"),
        ("LOG(8, 1)", "div0"),
        ("LOG(8, 0)", "num"),
        ("TIME(-1, 0, 0)", "num"),
        ("CHAR({m})", "value"),
        ("WORKDAY({d}, 1e9)", "date"),
        ("WORKDAY({d}, -1e7)", "date"),
        ('TEXTJOIN("-", "x", "a", "b")', "value"),
        ("TEXTJOIN({d}, TRUE, 'a', 'b')", "value"),
        ("TEXTJOIN(',', TRUE, REPT('a', 60000), REPT('b', 60000))", "limit"),
        ("REGEXREPLACE(REPT('a', 50000), 'a', 'bb')", "limit"),
        ("REGEXREPLACE(REPT('a', 900), 'a', REPT('b', 1000))", "limit"),
        ("REGEXMATCH(REPT('a', 100000), '(?:a?){900}b')", "limit"),
        ("COUNTIF(LIST(REPT('a', 90000)), '*' & REPT('a', 2000) & 'b')", "limit"),
    ],
)
def test_it_gives_an_error_value(text, code):
    assert error_code(text, {**RECORD, "t": "("}) == code


def test_texts_are_wanted_from_numbers_only():
    assert codes("LEFT({b}, 2)") == [("wrong_type", 5)]
    assert codes("LEN({d})") == [("wrong_type", 4)]
    assert codes("UPPER({dt})") == [("wrong_type", 6)]
    assert codes("DATEDIF({d}, {d}, 5)") == [("wrong_type", 18)]


@pytest.mark.parametrize("name", ["RECORD_ID", "CREATED_TIME", "LAST_MODIFIED_TIME", "TODAY", "NOW"])
def test_what_is_of_the_record_is_computed_on_read(name):
    assert FUNCTIONS[name].volatile


def test_an_unsaved_record_has_no_id_yet():
    for text in ("RECORD_ID()", "CREATED_TIME()", "LAST_MODIFIED_TIME()"):
        assert compiled(text).evaluate(lambda path: None, now=EXAMPLE_NOW) is None


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}b", "(x+x+)+y"])
def test_a_hostile_expression_ends(pattern):
    result = computed(f"REGEXMATCH(REPT('a', 5000), '{pattern}')", limits=Limits())
    assert result in (True, False) or result.code == "limit"
