"""What a cell of a workbook can't hold: texts are refused by their field, all else says so in its cell."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.utils import translation

from forms_app.exceptions import TooLarge
from forms_app.field_types import Option, registry
from forms_app.models import CustomApp, CustomForm, Member
from forms_app.records.query import Filter, Terms
from tests.factories import add_field, make_entity, make_form, schema_of
from tests.forms_app.exporting.files import exported, loaded_back, table
from tests.forms_app.loading.files import stored_rows

MOST = 32_767


@pytest.fixture
def form(custom_app: CustomApp, alice: Member) -> CustomForm:
    form = make_form(custom_app, {"title": "text_field", "note": "text_area", "more": "text_area"})
    make_entity(form, alice, title="short", note="x" * MOST, more="字" * MOST)
    return form


@pytest.mark.parametrize("name", ["note", "more"])
@pytest.mark.parametrize("text", ["x" * (MOST + 1), "字" * 40_000, "😀" * (MOST + 1)])
def test_a_text_that_is_too_long_is_refused_by_its_field(form: CustomForm, alice: Member, name: str, text: str) -> None:
    make_entity(form, alice, title="long", **{name: text})
    with pytest.raises(TooLarge) as refused:
        exported(form, alice, "xlsx")
    (fault,) = refused.value.faults
    assert (fault.code, fault.field, fault.label, fault.allowed) == ("too_long_cell", name, f"label of {name}", MOST)
    assert text in exported(form, alice, "csv").decode()


def test_what_the_file_does_not_hold_may_be_long(form: CustomForm, alice: Member) -> None:
    make_entity(form, alice, title="long", note="x" * 50_000)
    assert exported(form, alice, "xlsx", names=("title", "more")).startswith(b"PK")
    title = schema_of(form).columns["title"]
    short = Filter(title, "like", title.operand("like", "short"))
    assert exported(form, alice, "xlsx", Terms(filters=(short,))).startswith(b"PK")


def test_the_longest_is_read_back_whole(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    done = loaded_back(form, alice, tmp_path, "xlsx")
    assert (done.loaded, done.refused) == (1, 0)
    before, after = stored_rows(form)
    assert before == after


def cells(content: bytes) -> str:
    return ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()


def choices(form: CustomForm, alice: Member) -> dict[str, Any]:
    options = tuple(Option(b64encode(n.to_bytes(16)).decode(), f"{n} " + "长" * 190) for n in range(200))
    add_field(form, "wide", ("multi_select", {}, options))
    return {"wide": [option.value for option in options]}


def twice(form: CustomForm, alice: Member) -> dict[str, Any]:
    add_field(form, "wide", ("formula_field", {"formula": "{more} & {more}"}))
    return {"more": "字" * 20_000}


def papers(form: CustomForm, alice: Member) -> dict[str, Any]:
    add_field(form, "wide", "file_field")
    example = registry.get("file_field").accepts[0][0][0]
    return {"wide": [{**example, "file_file_name": f"{n}" + "长" * 200} for n in range(150)]}


@pytest.mark.parametrize("make", [choices, twice, papers])
def test_what_is_told_in_words_says_so_in_its_cell(
    form: CustomForm, alice: Member, make: Callable[..., dict[str, Any]]
) -> None:
    make_entity(form, alice, title="long", **make(form, alice))
    longest = max(len(cell) for row in table(exported(form, alice)) for cell in row)
    assert longest > MOST
    with translation.override("en"):
        found = cells(exported(form, alice, "xlsx"))
    assert found.count("#too_long_cell: ") == 1
    assert f"#too_long_cell: {longest} characters, and a cell holds {MOST}. Ask for csv." in found


def test_loading_refuses_what_a_cell_says_instead(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    make_entity(form, alice, title="long", **choices(form, alice))
    done = loaded_back(form, alice, tmp_path, "xlsx")
    assert (done.loaded, done.refused) == (1, 1)
