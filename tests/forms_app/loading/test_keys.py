"""A load by a key: each row changes the record that has its value, or makes one."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from forms_app.exact_json import reads
from forms_app.exceptions import Forbidden, Refused
from forms_app.loading.file_load import FileSource, LoadStopped, file_load
from forms_app.loading.sheet_cells import UnreadableFile
from forms_app.models import CustomForm, FileLoad, Member, Verb
from forms_app.people.rights import READING
from tests.factories import actor_of, make_entity, schema_of
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
from tests.forms_app.worlds import counted, insert, query_of


def by_code(form: CustomForm) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in stored_rows(form)}


def outcome(load: FileLoad) -> tuple[int, int, int, int]:
    return load.created, load.updated, load.unchanged, load.refused


ROWS = [
    ["code", "name", "amount", "stage"],
    ["A", "new name", "", ""],  # changed; an empty cell leaves what is there
    ["B", "b", "2", SOURCES[0].label],  # says what is there
    ["C", "c", "3", ""],  # made, with the default
]


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize("write", [write_csv, write_xlsx], ids=["csv", "xlsx"])
def test_rows_change_make_and_leave_records(
    write: Any, size: int, form: CustomForm, alice: Member, tmp_path: Path
) -> None:
    make_entity(form, alice, name="a", code="A", amount=1, stage=SOURCES[0].value)
    make_entity(form, alice, name="b", code="B", amount=2, stage=SOURCES[0].value)
    path = write(tmp_path / f"a.{'csv' if write is write_csv else 'xlsx'}", ROWS)
    assert outcome(load(form, alice, path, key="code", batch_rows=size)) == (1, 1, 1, 0)
    assert stored_rows(form) == [
        {"code": "A", "name": "new name", "amount": 1, "stage": SOURCES[0].value},
        {"code": "B", "name": "b", "amount": 2, "stage": SOURCES[0].value},
        {"code": "C", "name": "c", "amount": 3, "stage": SOURCES[1].value},
    ]
    assert [row.version for row in versions(form)] == [2, 1, 1]
    assert counted(form) == (3, 4)


def versions(form: CustomForm) -> list[Any]:
    return sorted(query_of(form).page(limit=99), key=lambda row: row.id)


def test_lines_of_json_do_the_same_and_null_clears(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    make_entity(form, alice, name="a", code="A", amount=1)
    rows: list[Any] = [
        {"code": "A", "amount": None},
        {"code": "B", "name": "b", "amount": 1},  # which the row before gave up
        {"name": "no key"},
        {"code": None, "name": "none either"},
        "no object",
    ]
    assert outcome(load(form, alice, write_jsonl(tmp_path / "a.jsonl", rows), key="code", batch_rows=1)) == (1, 1, 0, 3)
    assert {code: row.get("amount") for code, row in by_code(form).items()} == {"A": None, "B": 1}
    told = [
        [(e["code"], e.get("field")) for e in line["errors"]] for line in refused_lines(tmp_path / "a.jsonl.refused")
    ]
    assert told == [[("required", "code")], [("required", "code")], [("malformed_json", None)]]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_key_that_comes_again_means_the_record_as_the_earlier_row_left_it(
    size: int, form: CustomForm, alice: Member, tmp_path: Path
) -> None:
    """Whatever the batch."""
    rows = [
        ["code", "name", "amount"],
        ["A", "first", "1"],
        ["A", "second", "2"],
        ["B", "b", "1.5"],
        ["A", "third", ""],
        ["A", "third", "2"],
        ["C", "wants two", "2"],
    ]
    done = load(form, alice, write_csv(tmp_path / "a.csv", rows), key="code", batch_rows=size)
    assert outcome(done) == (2, 2, 1, 1)
    assert {code: (row["name"], row["amount"]) for code, row in by_code(form).items()} == {
        "A": ("third", 2),
        "B": ("b", Decimal("1.5")),
    }
    assert counted(form) == (2, 4)


def test_a_unique_value_that_a_row_gives_up_is_free_for_the_next_batch(
    form: CustomForm, alice: Member, tmp_path: Path
) -> None:
    make_entity(form, alice, name="a", code="A", amount=1)
    path = write_csv(tmp_path / "a.csv", [["code", "name", "amount"], ["A", "a", "2"], ["B", "b", "1"]])
    assert outcome(load(form, alice, path, key="code")) == (0, 1, 0, 1)
    mended = (tmp_path / "a.csv.refused").rename(tmp_path / "mended.csv")
    assert outcome(load(form, alice, mended, key="code")) == (1, 0, 0, 0)
    assert {code: row["amount"] for code, row in by_code(form).items()} == {"A": 2, "B": 1}


def test_equal_numbers_are_one_key(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    rows = [["amount", "name"], ["1", "a"], ["1.0", "b"], ["1.00", "c"]]
    assert outcome(load(form, alice, write_csv(tmp_path / "a.csv", rows), key="amount")) == (1, 2, 0, 0)
    assert [row["name"] for row in stored_rows(form)] == ["c"]


def test_what_is_wrong_with_a_row_is_said_and_the_others_are_written(
    form: CustomForm, alice: Member, tmp_path: Path
) -> None:
    make_entity(form, alice, name="a", code="A", amount=1)
    make_entity(form, alice, name="b", code="B", amount=2)
    rows = [
        ["code", "name", "amount", "people"],
        ["A", "a2", "2", ""],  # another record's
        ["B", "", "5000", ""],  # too much
        ["B", "b2", "", "99"],  # nobody
        ["", "no key", "", ""],
        ["D", "", "7", ""],  # a new one needs a name
        ["B", "b3", "", "2"],
    ]
    done = load(form, alice, write_csv(tmp_path / "a.csv", rows), key="code")
    assert outcome(done) == (0, 1, 0, 5)
    table = refused_table(tmp_path / "a.csv.refused")
    assert [row["#codes"] for row in table] == ["not_unique", "too_large", "unknown_member", "required", "required"]
    assert by_code(form)["B"]["name"] == "b3"
    assert by_code(form)["A"] == {"name": "a", "code": "A", "amount": 1, "stage": SOURCES[1].value}


def test_what_a_record_holds_may_stay(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    """A disabled option, in a cell and in a line, as an update of the API lets it stay."""
    old = SOURCES[2]
    insert(form, [json.dumps({"name": "a", "code": "A", "stage": old.value})])
    rows = [["code", "name", "stage"], ["A", "a2", old.label], ["B", "b", old.label]]
    assert outcome(load(form, alice, write_csv(tmp_path / "a.csv", rows), key="code")) == (0, 1, 0, 1)
    lines = [{"code": "A", "name": "a3", "stage": old.value}, {"code": "B", "name": "b", "stage": old.value}]
    assert outcome(load(form, alice, write_jsonl(tmp_path / "a.jsonl", lines), key="code")) == (0, 1, 0, 1)
    assert [(row["name"], row["stage"]) for row in stored_rows(form)] == [("a3", old.value)]


def test_a_load_that_was_cut_off_goes_on_exactly(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    """Each change once: a record's version says how often it was written."""
    for number in range(0, 40, 2):
        make_entity(form, alice, name="old", code=f"c{number}")
    rows = [["code", "name", "amount"], *([f"c{n}", "new", "x" if n % 5 == 4 else ""] for n in range(40))]
    path = write_csv(tmp_path / "a.csv", rows)

    def cut(state: FileLoad, position: int, size: int) -> None:
        if state.batches == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(form, alice, path, key="code", batch_rows=6, progress=cut)
    for other in ("", "amount"):
        with pytest.raises(LoadStopped, match="--key code"):
            load(form, alice, path, resume=True, key=other)
    done = load(form, alice, path, resume=True, key="code", batch_rows=7)
    assert outcome(done) == (16, 16, 0, 8)
    assert (done.rows, done.loaded) == (40, 32)
    expected = {f"c{n}": 2 - n % 2 for n in range(40) if n % 5 != 4} | {f"c{n}": 1 for n in (4, 14, 24, 34)}
    assert {reads(row.data)["code"]: row.version for row in versions(form)} == expected
    assert counted(form) == (36, 52)
    assert [row["code"] for row in refused_table(tmp_path / "a.csv.refused")] == [f"c{n}" for n in range(4, 40, 5)]


def test_a_load_without_a_key_is_not_resumed_with_one(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["name", "code"], ["a", "A"]])
    load(form, alice, path)
    with pytest.raises(LoadStopped, match="--key"):
        load(form, alice, path, resume=True, key="code")
    assert outcome(load(form, alice, path, again=True, key="code")) == (0, 0, 1, 0)


def test_a_key_must_be_a_unique_field_that_the_file_names(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["name"], ["a"]])
    with pytest.raises(Refused) as refused:
        load(form, alice, path, key="name")
    (fault,) = refused.value.faults
    assert (fault.field, fault.got, fault.allowed) == ("key", "name", ["amount", "code"])
    with pytest.raises(UnreadableFile, match="code"):
        load(form, alice, path, key="code")
    assert stored_rows(form) == [] and not FileLoad.objects.exists()


def test_the_command_takes_the_key_by_name_or_label_and_says_what_became_of_the_rows(
    form: CustomForm, alice: Member, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_entity(form, alice, name="a", code="A")
    path = write_csv(tmp_path / "a.csv", [["code", "name"], ["A", "b"], ["B", "b"], ["", "b"]])
    with pytest.raises(CommandError, match=r"unique are: code \(.*\), amount \(.*\)"):
        call_command("load_entities", str(form.pk), str(path), key="name", owner=alice.uid)
    label = form.custom_fields.get(name="code").label
    for key in ("code", label):
        call_command("load_entities", str(form.pk), str(path), key=key, owner=alice.uid, again=True)
        (tmp_path / "a.csv.refused.csv").unlink()
    out = capsys.readouterr().out
    assert "1 records created, 1 updated, 0 unchanged, 1 refused." in out
    assert "0 records created, 0 updated, 2 unchanged, 1 refused." in out


def test_a_load_by_a_key_needs_the_right_to_update(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["code", "name"], ["A", "a"]])
    actor = actor_of(alice, verbs=READING | {str(Verb.CREATE)})
    source = FileSource(path, "csv")
    with pytest.raises(Forbidden):
        file_load(schema=schema_of(form), source=source, actor=actor, refused_path=path.with_suffix(".r"), key="code")
