"""What operators compute, what empty counts as, and what becomes an error value."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from formula_samples import compiled, computed, error_code

from forms_app.formula import EXAMPLE_NOW, ErrorValue

DAY = date(2024, 2, 29)
NOON = datetime(2024, 2, 29, 4, 0, tzinfo=UTC)  # noon in the zone of EXAMPLE_NOW
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "record", "value"),
    [
        ("{n} + 1", {}, Decimal(1)),
        ("{n} * {m}", {"m": Decimal(2)}, Decimal(0)),
        ("-{n}", {}, Decimal(0)),
        ("+{n}", {"n": Decimal("-2.50")}, Decimal("-2.5")),
        ("{n}%", {"n": Decimal(50)}, Decimal("0.5")),
        ('{t} & "x"', {}, "x"),
        ("{n} & {b} & {d}", {"n": Decimal("1.50"), "b": True, "d": DAY}, "1.5TRUE2024-02-29"),
        ("{dt} & {b}", {"dt": NOON, "b": False}, "2024-02-29 12:00:00FALSE"),
        ("IF({b}, 1, 2)", {}, Decimal(2)),
        ("{n}", {}, None),
        ("{n} = 0", {}, True),
        ('{t} = ""', {}, True),
        ("{b} = FALSE", {}, True),
        ("{n} = {m}", {}, True),
        ("{any} < {any}", {}, False),
        ("{d} = TODAY()", {}, False),
        ("{d} <> TODAY()", {}, True),
        ("{d} < TODAY()", {}, False),
        ("TODAY() >= {d}", {}, False),
        ('"a" < "b"', {}, True),
        ('"a" = "A"', {}, False),
        ("FALSE < TRUE", {}, True),
        ("{d} = {dt}", {"d": DAY, "dt": NOON - timedelta(hours=12)}, True),
        ("{dt} > {d}", {"d": DAY, "dt": NOON}, True),
        ("{d} < TODAY()", {"d": date(2024, 2, 28)}, True),
        ("{d} + 1", {"d": DAY}, date(2024, 3, 1)),
        ("1.9 + {d}", {"d": DAY}, date(2024, 3, 1)),
        ("{d} - 29", {"d": DAY}, date(2024, 1, 31)),
        ("{d} + 1", {}, None),
        ("{d} - {n}", {"d": DAY}, DAY),
        ("{d} - {d}", {"d": DAY}, Decimal(0)),
        ("TODAY() - {d}", {}, None),
        ("{any} - TODAY()", {}, None),
        ("TODAY() - {any}", {"any": date(2024, 2, 27)}, Decimal(2)),
        ("{any} + {any}", {}, Decimal(0)),
        ("{any} - {n}", {}, Decimal(0)),
        ("{dt} + 0.5", {"dt": NOON}, NOON + timedelta(hours=12)),
        ("{dt} - {d}", {"dt": NOON, "d": DAY}, Decimal("0.5")),
        ("{any} + 1", {"any": DAY}, date(2024, 3, 1)),
        ("2^10", {}, Decimal(1024)),
        ("-2^2", {}, Decimal(-4)),
        ("4^0.5", {}, Decimal(2)),
        ("0 * -1", {}, Decimal(0)),
        ("0.1 + 0.2", {}, Decimal("0.3")),
        ("1 / 3 * 3", {}, Decimal(1)),
        ("{ns}", {}, ()),
        ("{ns}", {"ns": [1, Decimal("2.0"), None]}, (Decimal(1), Decimal(2), None)),
    ],
)
def test_operators_compute(text, record, value):
    result = computed(text, record)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("text", "record", "code"),
    [
        ("1 / 0", {}, "div0"),
        ("1 / {n}", {}, "div0"),
        ("0 ^ -1", {}, "div0"),
        ("0 ^ 0", {}, "num"),
        ("(-8) ^ 0.5", {}, "num"),
        ("9 ^ 9 ^ 9", {}, "num"),
        ("1.0000001 ^ 1e300", {}, "num"),
        ("1e300 * 1e300", {}, "num"),
        ("{any} + 1", {"any": "x"}, "value"),
        ("{any} * 1", {"any": True}, "value"),
        ("{any} + {any}", {"any": DAY}, "value"),
        ("1 - {any}", {"any": DAY}, "value"),
        ("{any} = 1", {"any": "1"}, "value"),
        ("{any} = {n}", {"any": (Decimal(1),)}, "value"),
        ('{any} & ""', {"any": ["x"]}, "value"),
        ("{d} + 1e9", {"d": DAY}, "date"),
        ("{d} - 1e300", {"d": DAY}, "date"),
        ("{dt} + 1e7", {"dt": NOON}, "date"),
        ("{n}", {"n": Decimal("NaN")}, "num"),
        ("{n}", {"n": Decimal("-Infinity")}, "num"),
        ("{n}", {"n": Decimal("1e400")}, "num"),
        ("{n}", {"n": "1"}, "value"),
        ("{t}", {"t": 1}, "value"),
        ("{n}", {"n": [1]}, "value"),
        ("{ns}", {"ns": 1}, "value"),
        ("{ns}", {"ns": ["x"]}, "value"),
        ("{anys}", {"anys": [[1]]}, "value"),
        ("{any}", {"any": object()}, "value"),
        ("{any}", {"any": {"a": 1}}, "value"),
        ("{n}", {"n": ErrorValue("div0", "from another formula")}, "div0"),
        ("{dt} & 1", {"dt": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=-5)))}, ""),
        ("{dt} & 1", {"dt": datetime(9999, 12, 31, 23, tzinfo=UTC)}, "date"),
    ],
)
def test_what_can_not_be_computed_is_an_error_value(text, record, code):
    if not code:
        assert isinstance(computed(text, record), str)
    else:
        assert error_code(text, record) == code


@pytest.mark.parametrize(
    ("name", "given", "admitted"),
    [
        ("n", 3, Decimal(3)),
        ("n", 0.1, Decimal("0.1")),
        ("n", Decimal("1E+3"), Decimal(1000)),
        ("n", Decimal("-0.00"), Decimal(0)),
        ("any", True, True),
        ("any", "x", "x"),
        ("any", (1, "a"), (Decimal(1), "a")),
        ("d", NOON + timedelta(hours=12), date(2024, 3, 1)),
        ("dt", DAY, datetime(2024, 2, 29, tzinfo=EXAMPLE_NOW.tzinfo)),
        ("dt", datetime(2024, 2, 29, 12), NOON),
    ],
)
def test_what_is_read_is_brought_to_its_declared_type(name, given, admitted):
    result = computed(f"{{{name}}}", {name: given})
    assert result == admitted
    assert type(result) is type(admitted)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1000000 * 1000000", "1000000000000"),
        ("1.10 + 0.90", "2"),
        ("0 - 0", "0"),
        ("-0", "0"),
        ("1e30", "1" + "0" * 30),
        ("1/8", "0.125"),
    ],
)
def test_numbers_have_one_plain_form(text, written):
    assert format(computed(text), "f") == written
    assert str(computed(text)) == written
    assert computed(f"({text}) & ''") == written


def test_an_error_spreads_until_it_is_caught():
    assert error_code("SUM(1, ROUND(1 / 0, 2)) + 1") == "div0"
    assert computed("IFERROR(SUM(1, 1 / 0), 7)") == 7
    assert computed("IF(TRUE, 1, 1 / 0)") == 1
    assert error_code("IF(1 / 0 = 1, 1, 2)") == "div0"


def test_elapsed_time_is_right_across_daylight_saving_time():
    now = datetime(2024, 3, 31, 12, tzinfo=BERLIN)
    record = {"dt": datetime(2024, 3, 30, 12, tzinfo=BERLIN)}
    assert computed("(NOW() - {dt}) * 24", record, now=now) == 23
    assert computed("{dt} + 1", record, now=now).hour == 13
    assert computed('DATEADD({dt}, 1, "D")', record, now=now).hour == 12
    assert computed('DATEADD({dt}, 24, "H")', record, now=now).hour == 13


def test_dates_are_those_of_the_zone_of_now():
    formula = compiled("TODAY() & ' ' & DAY({dt}) & ' ' & HOUR({dt})")
    instant = datetime(2024, 2, 29, 20, tzinfo=UTC)
    given = [
        formula.evaluate(lambda path: instant, now=instant.astimezone(zone))
        for zone in (UTC, EXAMPLE_NOW.tzinfo, ZoneInfo("America/New_York"))
    ]
    assert given == ["2024-02-29 29 20", "2024-03-01 1 4", "2024-02-29 29 15"]
