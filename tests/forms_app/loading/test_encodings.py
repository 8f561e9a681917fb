"""Files as people have them: in which encoding they are and what separates their cells, or that it can't be told."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from forms_app.loading.encodings import encoding_of, separator_of
from forms_app.loading.sheet_cells import UnreadableFile
from forms_app.models import CustomApp, CustomField, CustomForm, Member
from tests.factories import make_form
from tests.forms_app.loading.files import SOURCES, stored_rows

HANS = "上海微问家网络科技有限公司,备注：下周回访\n北京试用科技,深圳市南山区\n"
HANT = "高雄科技股份有限公司,備註：下週回訪\n臺北市信義區,專案經理\n"


def nothing(text: str) -> bool:
    return False


def written(folder: Path, raw: bytes) -> Path:
    path = folder / "a.csv"
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (HANS, "utf-8", "utf-8"),
        (HANS, "utf-8-sig", "utf-8-sig"),
        (HANS, "gbk", "gb18030"),
        (HANS, "gb18030", "gb18030"),
        (HANT, "big5", "cp950"),
        (HANT, "gb18030", "gb18030"),
        (HANS, "utf-16", "utf-16"),
        (HANT, "utf-16-le", "utf-16-le"),
        (HANT, "utf-16-be", "utf-16-be"),
        (HANS, "utf-32", "utf-32"),
        ("a,b\n1,2\n", "ascii", "utf-8"),
        ("", "ascii", "utf-8"),
    ],
)
def test_an_encoding_is_recognized(text: str, encoding: str, found: str, tmp_path: Path) -> None:
    assert encoding_of(written(tmp_path, text.encode(encoding))) == found


@pytest.mark.parametrize("text", ["泵\n", "甲,乙\n"])
def test_too_few_characters_tell_nothing(text: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="--encoding"):
        encoding_of(written(tmp_path, text.encode("gbk")))


@pytest.mark.parametrize("encoding", ["gb18030", "cp950"])
def test_a_heading_that_names_a_field_decides(encoding: str, tmp_path: Path) -> None:
    path = written(tmp_path, "名稱;n\n泵;1\n".encode(encoding))
    assert encoding_of(path, {"名稱", "n"}.__contains__) == encoding


@pytest.mark.parametrize("raw", [b"\xff\xff\xff", b"a\x80\x81\xff\n", b"\x81", "泵".encode("gbk")[:1]])
def test_what_no_encoding_takes_is_refused(raw: bytes, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="encoding"):
        encoding_of(written(tmp_path, raw))


@pytest.mark.parametrize(
    ("text", "separator"),
    [("a,b\n", ","), ("a;b\n", ";"), ("a\tb\n", "\t"), ("a|b\n", "|"), ("a\n", ","), ("x;y\n", ","), ('"a";b\n', ";")],
)
def test_a_separator_is_recognized(text: str, separator: str, tmp_path: Path) -> None:
    assert separator_of(written(tmp_path, text.encode()), "utf-8", {"a", "b"}.__contains__) == separator


def test_a_separator_that_may_be_either_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="--separator"):
        separator_of(written(tmp_path, b"a,b;c,d"), "utf-8", {"a", "d", "a,b", "c,d"}.__contains__)


@pytest.fixture
def form(alice: Member, custom_app: CustomApp) -> CustomForm:
    fields = {"name": "text_field", "n": "float_field", "of": ("select_field", {}, SOURCES)}
    made = make_form(custom_app, fields)
    field = CustomField.objects.get(custom_form=made, name="name")
    field.label = "客户名称"
    field.save()
    return made


@pytest.mark.parametrize(
    ("encoding", "separator", "said"),
    [
        ("gbk", ",", "Read as GB18030, separated by ,."),
        ("utf-16", "\t", "Read as UTF-16, separated by tab."),
        ("utf-8", ";", "Read as UTF-8, separated by ;."),
        ("utf-8", ",", ""),
    ],
)
def test_the_command_says_what_it_recognized(
    form: CustomForm,
    alice: Member,
    encoding: str,
    separator: str,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = written(tmp_path, separator.join(("客户名称", "n\n泵", "12\n")).encode(encoding))
    call_command("load_entities", str(form.pk), str(path), owner=alice.uid, language="en")
    output = capsys.readouterr().out
    assert stored_rows(form) == [{"name": "泵", "n": 12}]
    assert output.startswith(said or "1 rows loaded")


def test_what_is_said_overrides(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    path = written(tmp_path, "客户名称/n\n泵/12\n".encode("gbk"))
    call_command("load_entities", str(form.pk), str(path), owner=alice.uid, encoding="gbk", separator="/")
    assert stored_rows(form) == [{"name": "泵", "n": 12}]
    with pytest.raises(CommandError, match="separator"):
        call_command("load_entities", str(form.pk), str(path), owner=alice.uid, separator="//")


def test_options_are_made_on_request(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    path = written(tmp_path, "of,n\n官网,1\n电话,2\n邮件,3\n电话,4\n".encode())
    call_command("load_entities", str(form.pk), str(path), owner=alice.uid, add_options=True, batch=2)
    labels = dict(CustomField.objects.get(custom_form=form, name="of").options.values_list("value", "label"))
    assert sorted(labels.values()) == sorted([*(option.label for option in SOURCES), "电话", "邮件"])
    assert [labels[row["of"]] for row in stored_rows(form)] == ["官网", "电话", "邮件", "电话"]
