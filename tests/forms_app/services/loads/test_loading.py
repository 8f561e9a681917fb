"""Loading a file: every rule of the API, each row once, refused rows with their reasons."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from forms_app import versions
from forms_app.exceptions import Conflict, Forbidden, NotFound, Refused
from forms_app.field_types import Option
from forms_app.models import CustomApp, CustomForm, FieldIndex, FileLoad, FileUse, Member, StoredFile
from forms_app.services.entities import entity_create
from forms_app.services.loading import FileSource, LoadStopped, file_load
from forms_app.services.sheet_cells import UnreadableFile
from tests.factories import actor_of, make_entity, make_form, schema_of
from tests.forms_app.services.loads.files import (
    load,
    refused_lines,
    refused_table,
    stored_rows,
    write_csv,
    write_jsonl,
    write_xlsx,
)
from tests.forms_app.worlds import counted, query_of, statements

SOURCES = (
    Option("H6Qq/ojoIFNyICUXzx3UOw==", "官网"),
    Option("qxjjDA3ECTzu2olh+sPR9A==", "转介绍"),
    Option("AAAAAAAAAAAAAAAAAAAAAA==", "电话黄页", enabled=False),
)
PLACES = (
    Option("60943MKVMq0Erpe9dUdV7w==", "华东"),
    Option("WkFg1hVKiht2xdOjfhlpqQ==", "上海", parent="60943MKVMq0Erpe9dUdV7w=="),
)


@pytest.fixture
def form(alice: Member, custom_app: CustomApp) -> CustomForm:
    return make_form(
        custom_app,
        {
            "name": ("text_field", {"required": True}),
            "code": ("text_field", {"unique": True}),
            "amount": ("float_field", {"unique": True, "max": 1000}),
            "stage": ("select_field", {"default": SOURCES[1].value}, SOURCES),
            "people": "user_field",
        },
    )


# --- As the API ------------------------------------------------------------------------------------------------


def test_every_row_does_what_the_same_create_calls_would_do(
    form: CustomForm, alice: Member, custom_app: CustomApp, tmp_path: Path
) -> None:
    """Unique values among the rows, what is refused for another reason, references, defaults, nulls."""
    rows: list[dict[str, Any]] = [
        {"name": "a", "code": "1", "amount": 1},
        {"name": "b", "code": "1", "amount": 2},  # the code is taken
        {"name": "c", "code": "2", "amount": 2},  # not by the row before, which is not there
        {"name": "", "code": "3"},  # a name is required
        {"name": "d", "code": "3", "amount": Decimal("1.0")},  # 1 and 1.0 are the same number
        {"name": "e", "code": "3", "people": [{"uid": 99}]},
        {"name": "f", "code": "3", "people": [{"uid": 2}, {"uid": 1}], "stage": None},
        {"name": "g", "stage": SOURCES[2].value},
        {"name": "h", "nope": 1, "amount": 2000},
        {"name": "i", "amount": Decimal("0.10000000000000000001")},
        {},
    ]
    twin = make_form(
        custom_app,
        {f.name: (f.field_type, f.setting, SOURCES if f.type.has_options else ()) for f in form.custom_fields.all()},
    )
    told: list[set[str]] = []
    for row in rows:
        try:
            entity_create(schema=schema_of(twin), values=row, actor=actor_of(alice))
        except (Refused, Conflict) as error:
            told.append({fault.code for fault in error.faults})
    done = load(form, alice, write_jsonl(tmp_path / "a.jsonl", rows))
    assert stored_rows(form) == stored_rows(twin)
    lines = refused_lines(tmp_path / "a.jsonl.refused")
    assert [{error["code"] for error in line["errors"]} for line in lines] == told
    assert (done.rows, done.loaded, done.refused) == (11, 4, 7)
    assert counted(form) == counted(twin) == (4, 4)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("built", [False, True], ids=["index pending", "index ready"])
def test_a_value_is_unique_in_the_file_and_in_the_table_whatever_the_batch(
    size: int, built: bool, form: CustomForm, alice: Member, tmp_path: Path
) -> None:
    make_entity(form, alice, name="there", code="A")
    if built:  # as far as a load can tell
        FieldIndex.objects.filter(custom_form_id=form.pk, kind="unique").update(state=FieldIndex.State.VALID)
        versions.bump("definitions", form_ids=[form.pk])
        assert schema_of(form).ready_unique
    rows = [["name", "code"], ["1", "B"], ["2", "A"], ["3", "B"], ["4", ""], ["5", ""], ["6", "b"]]
    done = load(form, alice, write_csv(tmp_path / "a.csv", rows), batch_rows=size)
    assert [row["name"] for row in stored_rows(form)] == ["there", "1", "4", "5", "6"]
    assert done.batches == -(-6 // size)
    refused = refused_table(tmp_path / "a.csv.refused")
    assert [(row["#row"], row["name"], row["#codes"]) for row in refused] == [
        ("3", "2", "not_unique"),
        ("4", "3", "not_unique"),
    ]


def test_numbers_have_no_gap_and_formulas_read_the_related_record(
    alice: Member, custom_app: CustomApp, tmp_path: Path
) -> None:
    related = make_form(custom_app, {"title": "text_field", "price": "integer_field"}, name="related")
    cheap, dear = make_entity(related, alice, price=2), make_entity(related, alice, price=50)
    form = make_form(
        custom_app,
        {
            "no": ("auto_number_field", {"prefix": "N", "mode": "gap_free"}),
            "fast": "auto_number_field",
            "of": ("relation_field", {"form": related.pk}),
            "count": ("integer_field", {"min": 0}),
            "total": ("formula_field", {"formula": "{count} * {of.price}"}),
            "label": ("formula_field", {"formula": 'CONCAT({no}, "/", {total})'}),
        },
    )
    rows = [["of", "count"], [cheap, 3], [dear, -1], [dear, 2], [str(dear + 99), 2], ["", 4]]
    for number in range(2):
        load(
            form, alice, write_csv(tmp_path / f"{number}.csv", [*rows, *[["", ""]] * number]), batch_rows=2, again=True
        )
    found = stored_rows(form)
    assert [row["no"] for row in found] == [f"N{number:04d}" for number in range(1, 7)]
    assert [row["fast"] for row in found] == [f"{number:04d}" for number in range(1, 7)]
    assert [row["label"] for row in found[:3]] == ["N0001/6", "N0002/100", "N0003/0"]
    assert [row["total"] for row in found] == [6, 100, 0] * 2


def test_files_that_were_uploaded_may_be_named_and_are_noted(
    alice: Member, custom_app: CustomApp, tmp_path: Path
) -> None:
    form = make_form(custom_app, {"files": "file_field"})
    facts = {"organization": alice.organization, "member": alice, "name": "a", "content_type": "x", "size": 1}
    kept = StoredFile.objects.create(**facts)
    url = f"/apaas/api/v2/files/{kept.token}"
    rows = [{"files": [{"name": "a", "file_url": one}]} for one in (url, url[:-1] + "x", "https://a.example/b")]
    rows.append({"files": [{"name": "a", "file_url": url.replace(kept.token, "0" * 32)}]})
    done = load(form, alice, write_jsonl(tmp_path / "a.jsonl", rows))
    assert done.loaded == 2
    ids = [row.id for row in query_of(form).page(limit=9)]
    assert list(FileUse.objects.values_list("entity_id", "stored_file_id")) == [(min(ids), kept.pk)]


def test_records_are_the_owners_and_a_reader_may_not_load(form: CustomForm, bob: Member, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["name"], ["x"]])
    load(form, bob, path)
    assert [row.owner_uid for row in query_of(form).page(limit=9)] == [bob.uid]
    with pytest.raises(Forbidden):
        load_as(form, path, actor_of(bob, read_only=True))
    with pytest.raises(NotFound):
        load_as(form, path, actor_of(bob, form_ids=frozenset()))


def load_as(form: CustomForm, path: Path, actor: Any) -> None:
    file_load(
        schema=schema_of(form),
        source=FileSource(path, "csv"),
        actor=actor,
        refused_path=path.with_suffix(".r"),
        again=True,
    )


def test_a_batch_costs_as_many_statements_as_a_row(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "first.csv", [["name", "code", "people"], ["a", "b", "2"]])
    load(form, alice, path)
    counts = []
    for many in (1, 300):
        rows = [[f"{many}", f"{many}-{number}", str(1 + number % 4)] for number in range(many)]
        path = write_csv(tmp_path / f"{many}.csv", [["name", "code", "people"], *rows])
        with statements() as found:
            assert load(form, alice, path).loaded == many
        counts.append(len(found))
    assert counts[1] <= counts[0] <= 14


# --- What cells may hold -----------------------------------------------------------------------------------------


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
    codes = "unknown_option wrong_type unknown_department incomplete invalid_mobile"
    assert set(refused["#codes"].split()) == set(codes.split())


def test_an_empty_cell_sends_nothing_and_null_clears(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    load(form, alice, write_csv(tmp_path / "a.csv", [["name", "stage"], ["a", ""]]))
    load(form, alice, write_jsonl(tmp_path / "b.jsonl", [{"name": "b", "stage": None}, {"name": "c"}]))
    assert [row.get("stage") for row in stored_rows(form)] == [SOURCES[1].value, None, SOURCES[1].value]


# --- Headings, and rows that can't be read -------------------------------------------------------------------------


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


# --- Once, and on from where it stopped ----------------------------------------------------------------------------


def test_a_file_is_loaded_once_unless_one_says_again(
    form: CustomForm, alice: Member, bob: Member, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", [["name"], ["a"], [""], ["b"]])
    load(form, alice, path)
    with pytest.raises(LoadStopped, match="--again"):
        load(form, alice, path.rename(tmp_path / "renamed.csv"))
    path = tmp_path / "renamed.csv"
    assert load(form, alice, path, resume=True).loaded == 2  # it is done: nothing more
    with pytest.raises(LoadStopped):
        load(form, bob, path, resume=True)  # others' records would follow
    assert len(stored_rows(form)) == 2
    load(form, alice, path, again=True)
    assert len(stored_rows(form)) == 4


def test_a_load_that_was_cut_off_goes_on_behind_the_last_batch(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    rows = [["name", "amount"], *([str(number), str(number) if number % 5 else "x"] for number in range(50))]
    path = write_csv(tmp_path / "a.csv", rows)

    def cut(state: FileLoad, position: int, size: int) -> None:
        if state.batches == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(form, alice, path, batch_rows=7, progress=cut)
    assert len(stored_rows(form)) == 16
    refused = tmp_path / "a.csv.refused"
    with refused.open("a") as file:
        file.write("half a row of a batch that was never commi")
    with pytest.raises(LoadStopped, match="--resume"):
        load(form, alice, path)
    done = load(form, alice, path, resume=True, batch_rows=10)
    assert (done.rows, done.loaded, done.refused) == (50, 40, 10)
    assert [row["name"] for row in stored_rows(form)] == [str(n) for n in range(50) if n % 5]
    assert [row["name"] for row in refused_table(refused)] == [str(n) for n in range(50) if n % 5 == 0]
    assert counted(form) == (40, 40)


def test_refused_rows_of_another_load_are_not_overwritten(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["name"], ["a"]])
    (tmp_path / "a.csv.refused").write_text("mended by hand")
    with pytest.raises(LoadStopped, match="--refused"):
        load(form, alice, path)
    assert stored_rows(form) == []
