"""`message` is English always; `remark` and the faults' messages speak the caller's language; codes never change."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from apaas import errors
from forms_app.models import CustomForm
from tests.apaas.conftest import Api, address, parsed

ROOT = Path(__file__).resolve().parents[2]
MARKERS = {"_", "gettext", "gettext_lazy"}
SPOKEN = (*sorted((ROOT / "apaas").rglob("*.py")), *sorted((ROOT / "forms_app").rglob("*.py")))
UNSPOKEN = ("migrations", "admin", "management", "demo", "models", "apps.py")
"""What no client of the API reads: the admin's words have their own tests."""


def sentences() -> Iterator[tuple[str, str]]:
    """(place, text) of each text in the code that is marked for translation and reaches API clients."""
    for path in SPOKEN:
        relative = path.relative_to(ROOT)
        if any(part in UNSPOKEN for part in relative.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKERS and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield f"{relative}:{node.lineno}", first.value


def unmarked() -> Iterator[str]:
    """Places that build a fault with a bare text as its message."""
    for path in SPOKEN:
        relative = path.relative_to(ROOT)
        if any(part in UNSPOKEN for part in relative.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            place = {"Fault": 1, "fault": 2}.get(name)
            notes = ast.unparse(node.func) in ("self.fault", "row.fault") and isinstance(node.args[0], ast.Constant)
            if notes:  # a fault of its own: its code, its message, its field
                place = 1
            if place is None or len(node.args) <= place:
                continue
            message: Any = node.args[place]
            if isinstance(message, ast.Constant) and isinstance(message.value, str):
                yield f"{relative}:{node.lineno}: {message.value}"


def test_there_are_sentences_to_look_at() -> None:
    assert len(list(sentences())) > 100


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_every_sentence_that_a_client_may_read_is_translated(language: str) -> None:
    with translation.override(language):
        missing = [
            f"{place}: {text}"
            for place, text in sentences()
            if text.strip() and translation.gettext(text) == text and any(char.isalpha() for char in text)
        ]
    assert missing == []


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_a_translation_keeps_every_placeholder(language: str) -> None:
    wrong = []
    with translation.override(language):
        for place, text in sentences():
            names = {part.partition("}")[0] for part in text.split("{")[1:]}
            shown = translation.gettext(text)
            if names and '"' not in text and {part.partition("}")[0] for part in shown.split("{")[1:]} != names:
                wrong.append(f"{place}: {text} → {shown}")
    assert wrong == []


def test_no_fault_has_a_message_that_cannot_be_translated() -> None:
    assert list(unmarked()) == []


@pytest.mark.parametrize("row", errors.ERRORS, ids=lambda row: str(row.code))
def test_the_message_of_each_code_is_english_and_its_remark_is_not_only(row: errors.ErrorCode) -> None:
    remarks = {}
    for language in ("zh-hans", "zh-hant", "en"):
        with translation.override(language):
            body = errors.failure_body(row, [], "id")
        assert (body["code"], body["message"]) == (row.code, row.message)
        remarks[language] = body["remark"]
    assert len(set(remarks.values())) == 3, remarks
    assert remarks["en"].isascii()


@pytest.mark.parametrize(
    ("header", "remark"),
    [
        (None, "成功"),
        ("", "成功"),
        ("zh-CN", "成功"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "成功"),
        ("en-US,en;q=0.9", "Success"),
        ("fr", "成功"),
    ],
)
def test_a_success_is_remarked_in_the_caller_s_language(api: Api, header: str | None, remark: str) -> None:
    headers = {} if header is None else {"HTTP_ACCEPT_LANGUAGE": header}
    answer = parsed(api.call("GET", "custom_apps", **headers))
    assert (answer["message"], answer["remark"]) == ("success", remark)


def test_faults_change_their_sentences_with_the_language_and_nothing_else(api: Api, form: CustomForm) -> None:
    body = {
        "page": 0,
        "x": 1,
        "filters": [{"name": "amount", "op": "eq", "value": "x"}, {"name": "nope"}],
        "sort": [{"nope": "asc"}],
        "query": "x",
    }
    spoken = {}
    for language in ("zh-CN", "zh-TW", "en"):
        answer = api.refused("PUT", address(form), body, HTTP_ACCEPT_LANGUAGE=language)
        spoken[language] = [fault.pop("message") for fault in answer["errors"]]
        answer.pop("remark"), answer.pop("request_id")
        spoken[language, "rest"] = answer
    assert spoken["zh-CN", "rest"] == spoken["en", "rest"] == spoken["zh-TW", "rest"]
    for simplified, traditional, english in zip(spoken["zh-CN"], spoken["zh-TW"], spoken["en"], strict=True):
        assert english.isascii()
        assert simplified != english
        assert traditional != english


def test_one_caller_s_language_does_not_stay_for_the_next(api: Api) -> None:
    assert parsed(api.call("GET", "custom_apps", HTTP_ACCEPT_LANGUAGE="en"))["remark"] == "Success"
    assert parsed(api.call("GET", "custom_apps"))["remark"] == "成功"
