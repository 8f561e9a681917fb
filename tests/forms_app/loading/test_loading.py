"""Loading a file: every rule of the API, asked for many rows at once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from forms_app.caching import tags
from forms_app.design.fields import setting_save
from forms_app.exceptions import Conflict, Forbidden, NotFound, Refused
from forms_app.loading.file_load import FileSource, file_load
from forms_app.models import CustomApp, CustomForm, FieldIndex, FileLoad, FileUse, Member, StoredFile
from forms_app.people.rights import READING
from forms_app.records.writes import entity_create
from tests.factories import actor_of, make_entity, make_form, schema_of
from tests.forms_app.loading.files import (
    SOURCES,
    load,
    refused_lines,
    refused_table,
    stored_rows,
    write_csv,
    write_jsonl,
)
from tests.forms_app.worlds import counted, query_of, statements


def test_every_row_does_what_the_same_create_calls_would_do(
    form: CustomForm, alice: Member, custom_app: CustomApp, tmp_path: Path
) -> None:
    """Unique values among the rows, what is refused for another reason, references, defaults, nulls."""
    rows: list[dict[str, Any]] = [
        {"name": "a", "code": "1", "amount": 1},
        {"name": "b", "code": "1", "amount": 2},  # the code is taken
        {"name": "c", "code": "2", "amount": 2},  # not by the row before, which is not there
        {"name": "", "code": "3"},  # a name is required
        {"name": " \u3000\u200b", "code": "3"},  # and blanks are none
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
    assert (done.rows, done.loaded, done.refused) == (12, 4, 8)
    assert counted(form) == counted(twin) == (4, 4)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("built", [False, True], ids=["index pending", "index ready"])
def test_a_value_is_unique_in_the_file_and_in_the_table_whatever_the_batch(
    size: int, built: bool, form: CustomForm, alice: Member, tmp_path: Path
) -> None:
    make_entity(form, alice, name="there", code="A")
    if built:  # as far as a load can tell
        FieldIndex.objects.filter(custom_form_id=form.pk, kind="unique").update(state=FieldIndex.State.VALID)
        tags.bump("definitions", form_ids=[form.pk])
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
        load_as(form, path, actor_of(bob, verbs=READING))
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


def test_rows_that_were_read_before_the_definition_changed_follow_the_new_one(
    form: CustomForm, alice: Member, tmp_path: Path
) -> None:
    field = form.custom_fields.get(name="amount")

    def lower(state: FileLoad, position: int, size: int) -> None:
        if state.batches == 1:  # the second batch is read by now, or being read
            setting_save(field=field, setting={**field.setting, "max": 5})

    path = write_csv(tmp_path / "a.csv", [["name", "amount"], *([f"{n}", f"{n}"] for n in range(12))])
    done = load(form, alice, path, batch_rows=3, progress=lower)
    assert (done.loaded, done.refused) == (6, 6)
    assert {row["#codes"] for row in refused_table(tmp_path / "a.csv.refused")} == {"too_large"}


def test_reasons_are_told_in_the_language_of_who_loads(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    with translation.override("en"):
        load(form, alice, write_csv(tmp_path / "a.csv", [["name", "amount"], *[["a", "x"]] * 5]), batch_rows=2)
    reasons = {row["#reasons"] for row in refused_table(tmp_path / "a.csv.refused")}
    assert reasons == {"label of amount: Expected a number."}
