"""The right language answers, in whatever the product says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils import translation
from rest_framework import serializers

from apaas.errors import ERRORS
from forms_app.design.formula_fields import formula_fault
from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column, FieldType, registry
from forms_app.formula import FUNCTIONS, MESSAGES, PHRASES, TEXT, FormulaRefused, FormulaType, Resolved, compile_formula
from forms_app.schema.columns import expression
from tests.languages import HAN, LOCALES, each_locale

# --- The caller's language -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh-hans"),
        ("*", "zh-hans"),
        ("fr-FR", "zh-hans"),
        ("zh", "zh-hans"),
        ("zh-CN", "zh-hans"),
        ("zh-cn", "zh-hans"),
        ("zh-SG", "zh-hans"),
        ("zh-Hans", "zh-hans"),
        ("zh-Hans-CN", "zh-hans"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
        ("zh-TW", "zh-hant"),
        ("zh-tw", "zh-hant"),
        ("zh-HK", "zh-hant"),
        ("zh-MO", "zh-hant"),
        ("zh-Hant", "zh-hant"),
        ("zh-Hant-TW", "zh-hant"),
        ("zh-Hant-HK", "zh-hant"),
        ("zh-TW,zh;q=0.9,en-US;q=0.8", "zh-hant"),
        ("en", "en"),
        ("en-US", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("fr, en;q=0.5", "en"),
    ],
)
def test_the_header_chooses_the_language(header: str, language: str) -> None:
    headers = {"Accept-Language": header} if header else {}
    assert translation.get_language_from_request(RequestFactory().get("/apaas/", headers=headers)) == language


# --- What is said where a text is made ------------------------------------------------------------------------


def in_each_language(say: Any) -> dict[str, list[str]]:
    said = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            said[language] = say()
    return said


def assert_three_languages(said: dict[str, list[str]]) -> None:
    english, simplified, traditional = said["en"], said["zh-hans"], said["zh-hant"]
    assert len(english) == len(simplified) == len(traditional) > 0
    for text in english:
        assert text and not re.search("[。，：；]", text), text
    for text in (*simplified, *traditional):
        assert HAN.search(text), text
        assert not re.search("[A-Za-z]{2,} [a-z]{2,}", text), text


def faults_of(field_type: FieldType) -> list[Fault]:
    """Every fault of the type's worked examples, and of operands that no type takes."""
    column = Column(
        name="example",
        label="Example",
        type=field_type,
        expression=expression("example"),
        setting=field_type.example_setting(1),
        options={option.value: option._replace(label=option.value) for option in field_type.example_options},
        field_id=1,
    )
    found: list[Fault] = []

    def note(call: Any, *arguments: Any) -> None:
        try:
            call(*arguments)
        except Refused as refused:
            found.extend(refused.faults)

    for raw, _code in field_type.rejects:
        note(column.clean, raw)
    for op in column.lookups:
        for raw in ({"nonsense": 1}, "\0", [[]], [2, 1]):
            note(column.operand, op, raw)
    return found


@pytest.mark.parametrize("field_type", list(registry), ids=lambda field_type: field_type.name)
def test_the_faults_of_a_field_type_are_said_in_three_languages(field_type: FieldType) -> None:
    assert_three_languages(in_each_language(lambda: [fault.message for fault in faults_of(field_type)]))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: str(error.code))
def test_an_error_is_said_in_three_languages(error: Any) -> None:
    assert_three_languages(in_each_language(lambda: [str(error.remark)]))


LABELS = {
    "address_select": ("地址", "地址"),
    "auto_number_field": ("自动编号", "自動編號"),
    "boolean_field": ("是否", "是否"),
    "currency_field": ("金额", "金額"),
    "date_field": ("日期", "日期"),
    "datetime_field": ("日期时间", "日期時間"),
    "datetime_range_field": ("起止时间", "起訖時間"),
    "department_field": ("部门", "部門"),
    "email_field": ("邮箱", "電子郵件"),
    "file_field": ("附件", "附件"),
    "float_field": ("小数", "小數"),
    "formula_field": ("公式", "公式"),
    "geo_address": ("定位", "定位"),
    "integer_field": ("整数", "整數"),
    "mobile_field": ("手机", "手機"),
    "multi_select": ("多选", "多選"),
    "nested_select": ("级联选择", "連動選單"),
    "relation_field": ("关联记录", "關聯記錄"),
    "select2_field": ("下拉选择", "下拉選單"),
    "select_field": ("单选", "單選"),
    "tel_field": ("电话", "電話"),
    "text_area": ("多行文本", "多行文字"),
    "text_field": ("单行文本", "單行文字"),
    "url_field": ("网址", "網址"),
    "user_field": ("成员", "成員"),
}


def test_field_types_are_called_as_their_users_call_them() -> None:
    said = in_each_language(lambda: [str(field_type.label) for field_type in registry])
    assert_three_languages(said)
    names = [field_type.name for field_type in registry]
    found = dict(zip(names, zip(said["zh-hans"], said["zh-hant"], strict=True), strict=True))
    assert {name: found.get(name) for name in LABELS} == LABELS
    for labels in said.values():
        assert len(set(labels)) == len(labels)


# --- Formulas: plain Python, translated where they are shown --------------------------------------------------

KINDS = ("number", "text", "boolean", "date", "datetime", "any")
WRONG_FORMULAS = {
    "empty": " ",
    "too_long": "1" * 10_001,
    "too_deep": "(" * 101 + "1" + ")" * 101,
    "too_large": "1" + "+1" * 2_000,
    "unexpected_character": "1 # 2",
    "unclosed_text": '"abc',
    "unclosed_reference": "{abc",
    "unexpected_token": "1 )",
    "unexpected_end": "1 +",
    "number_out_of_range": "1" * 50,
    "empty_reference": "{}",
    "unknown_reference": "{nothing}",
    "unknown_name": "abc",
    "unknown_function": "XYZZY()",
    "unknown_function_close": "SUMM(1)",
    "wrong_arity": "ABS(1, 2)",
    "wrong_type": 'ABS("a")',
    "list_not_allowed": "ABS(LIST(1))",
    "incomparable": '1 = "a"',
    "wrong_argument": 'TEXT(1, "abc")',
    "unknown_option": '{stage} = "Lost"',
}


def resolve(path: tuple[str, ...]) -> Resolved | None:
    return Resolved(path, TEXT, {"t": "Won"}) if path == ("stage",) else None


def formula_faults(text: str) -> list[Fault]:
    with pytest.raises(FormulaRefused) as caught:
        compile_formula(text, resolve)
    return [formula_fault(fault) for fault in caught.value.faults]


def test_every_fault_of_a_formula_has_a_sample() -> None:
    assert set(WRONG_FORMULAS) == set(MESSAGES)


@pytest.mark.parametrize("name", WRONG_FORMULAS)
def test_the_faults_of_a_formula_are_said_in_three_languages(name: str) -> None:
    said = in_each_language(lambda: [fault.message for fault in formula_faults(WRONG_FORMULAS[name])])
    assert_three_languages(said)


def test_a_fault_names_kinds_and_counts_in_the_callers_language() -> None:
    with translation.override("zh-hans"):
        assert formula_faults('ABS("a")')[0].message == "ABS 需要数字，不能用文本。"
        assert formula_faults("SUM()")[0].message == "SUM 的参数个数应为 1 个以上，实际为 0。"
        assert formula_faults('1 = "a"')[0].message == "数字不能与文本比较。"
    with translation.override("zh-hant"):
        assert formula_faults("YEAR(1)")[0].message == "YEAR 需要日期或日期時間，不能用數字。"


def test_a_name_in_a_formula_is_quoted_and_not_translated() -> None:
    with translation.override("zh-hans"):
        assert formula_faults("number")[0].message.startswith("number ")


def test_whatever_a_fault_says_of_kinds_and_counts_has_a_translation() -> None:
    kinds = {str(FormulaType(kind, is_list)) for kind in KINDS for is_list in (False, True)}
    expected = {parameter.expected for function in FUNCTIONS.values() for parameter in function.parameters}
    counts = {
        function.arity_text
        for function in FUNCTIONS.values()
        if function.arity[0] and not re.fullmatch(r"[\d-]+", function.arity_text)
    }
    assert kinds | expected | counts | {"value", "list", "empty"} == set(PHRASES)


def test_every_function_is_explained_in_three_languages() -> None:
    assert_three_languages(in_each_language(lambda: [translation.gettext(f.english) for f in FUNCTIONS.values()]))


# --- What other packages say ----------------------------------------------------------------------------------


def setting_texts() -> Iterator[str]:
    """Every message that a field of a type's setting can answer with, and what the designer shows of it."""
    for field_type in registry:
        for field in field_type.Setting(context={"column": None}).fields.values():
            for part in (field, getattr(field, "child", None)):
                if part is None:
                    continue
                yield from (str(message) for message in part.error_messages.values())
                yield from (str(check.message) for check in part.validators if hasattr(check, "message"))
            if not isinstance(field, serializers.HiddenField) and not field.read_only:
                yield str(field.label)
                yield from (str(label) for label in getattr(field, "choices", {}).values() if label)


@each_locale
def test_whatever_a_setting_answers_is_in_the_callers_script(locale: str) -> None:
    with translation.override("en"):
        english = list(setting_texts())
    with translation.override(LOCALES[locale]):
        said = list(setting_texts())
    charset = {"zh_Hans": "gb2312", "zh_Hant": "big5"}[locale]
    for text, original in zip(said, english, strict=True):
        assert HAN.search(text) or original in ("", "YYYY", "YYYYMM", "YYYYMMDD", "YYMMDD"), original
        "".join(HAN.findall(text)).encode(charset)
