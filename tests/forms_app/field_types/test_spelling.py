"""How people write values into cells: what is read, and what is refused since it may mean several things."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from forms_app.exceptions import Refused
from forms_app.field_types import FieldType, registry
from forms_app.field_types._spelling import NOBODY, Found
from forms_app.records.labels import PageLabels
from tests.forms_app.field_types.every_type import WRITABLE, column_alone, each_type

WEB, FRIEND, FAIR = "H6Qq/ojoIFNyICUXzx3UOw==", "qxjjDA3ECTzu2olh+sPR9A==", "QpbX0pPJ6koOUsZBXwtclg=="


CALLED = ((1, "李雷"), (2, "李雷"), (3, "韩梅梅"), (4, "王、李"))


class Office:
    """Two of one name, one whose name holds a separator, one called by a number."""

    def members(self, name: str) -> Found:
        return [(number, called) for number, called in CALLED if called == name]

    departments = members

    def records(self, form_id: int, name: str) -> Found:
        return self.members(name)


def read(name: str, text: str, **setting: Any) -> Any:
    column = column_alone(registry.get(name), **setting)
    return column.clean(column.type.from_text(column, text, Office()))


def code(name: str, text: str) -> set[str]:
    with pytest.raises(Refused) as refused:
        read(name, text)
    return {fault.code for fault in refused.value.faults}


NUMBERS = ("integer_field", "float_field", "currency_field")


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234", 1234), ("1,234,567.80", Decimal("1234567.8")), (" 12 ", 12), ("\u00a012\u3000", 12), ("¥5", 5),
        ("￥ 1,234.5", Decimal("1234.5")),
        ("-¥5", -5), ("¥-5", -5), ("5元", 5), ("5.5 元", Decimal("5.5")), ("1.234", Decimal("1.234")),
        ("+1,000", 1000), ("1e3", 1000),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(name: str, text: str, number: Any) -> None:
    assert read(name, text) == number


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["1,23", "1.234,5", "1.234.567", "12,34,567", "1,2345", "0,5", "1,,234", "1,234."])
def test_a_comma_or_point_that_may_be_either_is_refused(name: str, text: str) -> None:
    assert code(name, text) == {"ambiguous_number"}


@pytest.mark.parametrize("text", ["$5", "5%", "abc", "¥", "元", "1 234", "１２", "--5", "¥¥5"])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert code("float_field", text) == {"wrong_type"}


TIMES = [
    ("2023/8/20", "2023-08-20 00:00:00"),
    ("2023.8.20", "2023-08-20 00:00:00"),
    ("2023-8-20", "2023-08-20 00:00:00"),
    ("2023年8月20日", "2023-08-20 00:00:00"),
    ("2023 年 8 月 20 日", "2023-08-20 00:00:00"),
    ("2023/8/20 9:05", "2023-08-20 09:05:00"),
    ("2023/08/20 09:05:07", "2023-08-20 09:05:07"),
    ("2023年8月20日 9时5分", "2023-08-20 09:05:00"),
    (" 2023-08-20 ", "2023-08-20 00:00:00"),
]


@pytest.mark.parametrize(("text", "time"), TIMES)
def test_times_as_people_write_them(text: str, time: str) -> None:
    assert read("date_field", text) == read("date_field", time)
    assert read("datetime_field", text) == read("datetime_field", time)
    assert read("datetime_range_field", f"{text}, {text}") == [read("datetime_field", time)] * 2


@pytest.mark.parametrize("text", ["03/04/2023", "3.4.2023", "03-04-23", "3/4/23", "03/04/2023 9:05"])
@pytest.mark.parametrize("name", ["date_field", "datetime_field"])
def test_a_day_that_may_be_a_month_is_refused(name: str, text: str) -> None:
    assert code(name, text) == {"ambiguous_time"}


@pytest.mark.parametrize("text", ["2023/13/1", "2023/2/30", "8月20日", "20230820", "yesterday", "2023/8"])
def test_what_is_no_time_is_refused(text: str) -> None:
    assert code("date_field", text) == {"invalid_time"}


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("是", True),
        ("否", False),
        (" Yes ", True),
        ("NO", False),
        ("TRUE", True),
        ("对", True),
        ("1", True),
        ("0", False),
    ],
)
def test_yes_and_no_as_people_write_them(text: str, truth: bool) -> None:
    assert read("boolean_field", text) is truth


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
@pytest.mark.parametrize("truth", [True, False])
def test_yes_and_no_are_read_in_every_language_that_they_are_shown_in(language: str, truth: bool) -> None:
    column = column_alone(registry.get("boolean_field"))
    with translation.override(language):
        shown = column.type.as_shown(column, truth, PageLabels(), NOBODY)
    assert read("boolean_field", shown) is truth


@pytest.mark.parametrize("text", ["maybe", "是否", "2"])
def test_what_is_neither_yes_nor_no_is_refused(text: str) -> None:
    assert code("boolean_field", text) == {"wrong_type"}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("韩梅梅", [3]), ("1, 2", [1, 2]), ("韩梅梅、1", [3, 1]), ("李雷 (2)", [2]), ("李雷（1）；韩梅梅", [1, 3]),
        ("王、李", [4]), (" 韩梅梅 ", [3]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["user_field", "department_field"])
def test_people_by_name(name: str, text: str, ids: list[int]) -> None:
    assert read(name, text) == ids


@pytest.mark.parametrize("name", ["user_field", "department_field", "relation_field"])
def test_who_a_name_may_mean_is_said(name: str) -> None:
    with pytest.raises(Refused) as refused:
        read(name, "李雷")
    (fault,) = refused.value.faults
    assert (fault.code, fault.allowed) == ("ambiguous_name", ["李雷 (1)", "李雷 (2)"])
    assert code(name, "李四") == code(name, "李雷 (3)") == code(name, "韩梅梅 (1)") == {"unknown_name"}


def test_records_by_name() -> None:
    assert read("relation_field", "韩梅梅") == read("relation_field", "韩梅梅 (3)") == 3
    assert read("relation_field", "王、李") == 4


@pytest.mark.parametrize(
    ("name", "text", "stored"),
    [("select_field", " 官网 ", WEB), ("multi_select", "展会、 官网", [FAIR, WEB]), ("multi_select", WEB, [WEB])],
)
def test_options_by_label(name: str, text: str, stored: Any) -> None:
    assert read(name, text) == stored


def test_options_that_a_field_lacks_can_be_made() -> None:
    one, several = column_alone(registry.get("select_field")), column_alone(registry.get("multi_select"))
    assert one.type.new_labels(one, " 电话 ") == ["电话"]
    assert one.type.new_labels(one, "官网") == one.type.new_labels(one, FRIEND) == one.type.new_labels(one, " ") == []
    assert several.type.new_labels(several, "官网、电话,邮件") == ["电话", "邮件"]


@each_type(WRITABLE)
def test_what_was_stored_is_read_of_its_cell(field_type: FieldType) -> None:
    column = column_alone(field_type)
    for value, _shown in field_type.accepts:
        stored = column.clean(value)
        if stored is not None:
            assert column.clean(field_type.as_sent(column, stored)) == stored
            text = field_type.as_text(column, stored)
            assert column.clean(field_type.from_text(column, text, NOBODY), stored) == stored
