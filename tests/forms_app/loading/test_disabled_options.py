"""A disabled option is called what it is, by its label as by its token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forms_app.field_types import Option
from forms_app.models import Member
from tests.factories import make_form
from tests.forms_app.loading.files import (
    SOURCES,
    load,
    refused_lines,
    refused_table,
    stored_rows,
    write_csv,
    write_jsonl,
)

WEB, _FRIEND, PAGES = SOURCES
BELOW = Option("60943MKVMq0Erpe9dUdV7w==", "杭州", enabled=False, parent=WEB.value)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("select_field", PAGES.label),
        ("select_field", PAGES.value),
        ("select2_field", PAGES.label),
        ("multi_select", f"{WEB.label}、{PAGES.label}"),
        ("nested_select", f"{WEB.label}/{BELOW.label}"),
    ],
)
def test_a_cell_with_a_disabled_option(custom_app: Any, alice: Member, tmp_path: Path, kind: str, cell: str) -> None:
    form = make_form(custom_app, {"value": (kind, {}, (*SOURCES, BELOW) if kind == "nested_select" else SOURCES)})
    load(form, alice, write_csv(tmp_path / "a.csv", [["value"], [cell]]))
    assert stored_rows(form) == []
    (row,) = refused_table(tmp_path / "a.csv.refused")
    assert "disabled" in str(row) or "停用" in str(row)


def test_a_label_of_an_enabled_and_a_disabled_option_means_the_enabled_one(
    custom_app: Any, alice: Member, tmp_path: Path
) -> None:
    twin = Option("QpbX0pPJ6koOUsZBXwtclg==", PAGES.label)
    for options in ((*SOURCES, twin), (twin, *SOURCES)):
        form = make_form(custom_app, {"value": ("select_field", {}, options)})
        load(form, alice, write_csv(tmp_path / f"{len(form.name)}{form.pk}.csv", [["value"], [PAGES.label]]))
        assert [row["value"] for row in stored_rows(form)] == [twin.value]


def test_a_line_of_json_says_so_too(custom_app: Any, alice: Member, tmp_path: Path) -> None:
    form = make_form(custom_app, {"value": ("select_field", {}, SOURCES)})
    load(
        form,
        alice,
        write_jsonl(tmp_path / "a.jsonl", [{"value": PAGES.value}, {"value": PAGES.label}, {"value": "无"}]),
    )
    codes = [[error["code"] for error in line["errors"]] for line in refused_lines(tmp_path / "a.jsonl.refused")]
    assert codes == [["disabled_option"], ["unknown_option"], ["unknown_option"]]  # JSON names tokens
