"""What a table of a file may hold: headings, cells as a spreadsheet shows them, rows that can't be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forms_app.field_types import Option
from forms_app.loading.sheet_cells import UnreadableFile
from forms_app.models import CustomApp, CustomForm, FileLoad, Grant, Member
from tests.factories import make_entity, make_form
from tests.forms_app.loading.files import (
    SOURCES,
    load,
    refused_lines,
    refused_table,
    stored_rows,
    write_csv,
    write_jsonl,
    write_xlsx,
)

PLACES = (
    Option("60943MKVMq0Erpe9dUdV7w==", "华东"),
    Option("WkFg1hVKiht2xdOjfhlpqQ==", "上海", parent="60943MKVMq0Erpe9dUdV7w=="),
)


@pytest.mark.parametrize("write", [write_csv, write_xlsx], ids=["csv", "xlsx"])
def test_cells_hold_what_a_spreadsheet_shows(write: Any, alice: Member, custom_app: CustomApp, tmp_path: Path) -> None:
    related = make_form(custom_app, {"title": "text_field"}, name="related")
    record = make_entity(related, alice, title="it")
    form = make_form(
        custom_app,
        {
            "stage": ("select_field", {}, SOURCES),
            "sources": ("multi_select", {}, SOURCES),
            "place": ("nested_select", {}, PLACES),
            "people": "user_field",
            "teams": "department_field",
            "of": ("relation_field", {"form": related.pk}),
            "span": "datetime_range_field",
            "phone": "mobile_field",
            "sure": "boolean_field",
        },
    )
    path = write(
        tmp_path / f"a.{write.__name__[6:]}",
        [
            ["label of stage", "FORMITM_2", "place", "people", "teams", "of", "span", "phone", "sure"],
            ["官网", "转介绍、官网", "华东/上海", "2, 1", 3, record, "2023-08-20, 2023-08-25 12:00", 13800138000, True],
            [SOURCES[0].value, "官网", "华东", 4, "3;1", f'{{"value": {record}}}', "", "", "FALSE"],
            ["电话黄页", "官网,无", "上海", "x", "99", "it", "2023-08-20", 12345, "maybe"],
        ],
    )
    done = load(form, alice, path)
    assert (done.loaded, done.refused) == (2, 1)
    web, friends = SOURCES[0].value, SOURCES[1].value
    assert stored_rows(form) == [
        {
            "stage": web,
            "sources": [friends, web],
            "place": {"level_0": PLACES[0].value, "level_1": PLACES[1].value},
            "people": [2, 1],
            "teams": [3],
            "of": record,
            "span": ["2023-08-19T16:00:00.000Z", "2023-08-25T04:00:00.000Z"],
            "phone": "13800138000",
            "sure": True,
        },
        {
            "stage": web,
            "sources": [web],
            "place": {"level_0": PLACES[0].value},
            "people": [4],
            "teams": [3, 1],
            "of": record,
            "sure": False,
        },
    ]
    (refused,) = refused_table(path.with_name(f"{path.name}.refused"))
    assert refused["#row"] == "4"
    codes = "disabled_option unknown_option unknown_name unknown_department incomplete invalid_mobile wrong_type"
    assert set(refused["#codes"].split()) == set(codes.split())
    told = {reason.partition(": ")[0].partition("[")[0] for reason in refused["#reasons"].split("; ")}
    wrong = form.custom_fields.exclude(name="of")
    assert told == {f"label of {name}" for name in wrong.values_list("name", flat=True)}


def test_an_empty_cell_sends_nothing_and_null_clears(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    load(form, alice, write_csv(tmp_path / "a.csv", [["name", "stage"], ["a", ""]]))
    load(form, alice, write_jsonl(tmp_path / "b.jsonl", [{"name": "b", "stage": None}, {"name": "c"}]))
    assert [row.get("stage") for row in stored_rows(form)] == [SOURCES[1].value, None, SOURCES[1].value]


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        (["name", "nope"], "nope"),
        (["name", "FORMITM_99"], "FORMITM_99"),
        (["name", "label of name"], "label of name"),
        (["name", "same"], "same.*2"),
        (["name", "no"], "no[：:]"),
        (["", "#row"], "字段"),
    ],
)
def test_a_first_row_that_does_not_name_fields_is_refused_whole(
    heading: list[str], told: str, alice: Member, custom_app: CustomApp, tmp_path: Path
) -> None:
    form = make_form(
        custom_app, {"name": "text_field", "a": "text_field", "b": "text_field", "no": "auto_number_field"}
    )
    form.custom_fields.filter(name__in="ab").update(label="same")
    with pytest.raises(UnreadableFile, match=told):
        load(form, alice, write_csv(tmp_path / "a.csv", [heading, ["x", "y"]]))
    assert stored_rows(form) == []
    assert not FileLoad.objects.exists()


def test_columns_may_be_left_out(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["name", "my notes", "#own"], ["a", "b", "c"]])
    load(form, alice, path, left_out=["my notes"])
    assert [row["name"] for row in stored_rows(form)] == ["a"]


def test_rows_that_cant_be_read_are_refused_one_by_one(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    lines = ['{"name": "a"}', "", "[1]", '{"name": "b", "name": "c"}', '{"name": NaN}', "{", '{"name": "d"}']
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines))
    assert load(form, alice, path).loaded == 2
    refused = refused_lines(tmp_path / "a.jsonl.refused")
    assert [(line["row"], line["form_entity"]) for line in refused] == [(n, lines[n - 1]) for n in (3, 4, 5, 6)]
    assert {error["code"] for line in refused for error in line["errors"]} == {"malformed_json"}
    table = tmp_path / "a.csv"
    table.write_text('name,code\na\n"b\nb",1,extra\n\n,\nc,2\n')
    assert load(form, alice, table).loaded == 2
    (row,) = refused_table(tmp_path / "a.csv.refused")
    assert (row["#row"], row["name"], row["#codes"]) == ("3", "b\nb", "extra_cell")


def test_refused_rows_can_be_mended_and_loaded_again(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    load(form, alice, write_csv(tmp_path / "a.csv", [["name", "amount"], ["a", "1"], ["b", "x"], ["", "3"]]))
    refused = tmp_path / "a.csv.refused"
    mended = tmp_path / "b.csv"
    mended.write_text(refused.read_text().replace("x", "2"))
    assert load(form, alice, mended).loaded == 1
    load(form, alice, write_jsonl(tmp_path / "a.jsonl", [{"name": 5}]))
    again = tmp_path / "b.jsonl"
    again.write_text((tmp_path / "a.jsonl.refused").read_text().replace("5", '"five"'))
    assert load(form, alice, again).loaded == 1
    assert [row["name"] for row in stored_rows(form)] == ["a", "b", "five"]


def test_a_column_that_no_role_of_the_owner_allows_writing_is_told(
    form: CustomForm, alice: Member, tmp_path: Path
) -> None:
    Grant.objects.filter(role__organization=alice.organization).update(read_only=["amount"])
    path = write_csv(tmp_path / "a.csv", [["name", "amount"], ["a", "1"]])
    with pytest.raises(UnreadableFile, match="amount"):
        load(form, alice, path)
    load(form, alice, path, left_out=["amount"])
    assert [row["name"] for row in stored_rows(form)] == ["a"]
