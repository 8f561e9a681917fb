"""The worked examples of every type, loaded from each format: as the API would store them, refused as it would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column, FieldType
from forms_app.loading.row_reading import Reading, reader_of
from forms_app.models import Member
from forms_app.schema.form_schema import FormSchema
from tests.forms_app.field_types.every_type import EXAMPLE, WRITABLE, column_alone, create, each_type, world
from tests.forms_app.loading.files import (
    cell_text,
    load,
    refused_lines,
    refused_table,
    stored_rows,
    write_csv,
    write_jsonl,
    write_xlsx,
)
from tests.forms_app.worlds import stored_of


@each_type(WRITABLE)
def test_lines_of_json_are_stored_and_refused_as_by_the_api(
    field_type: FieldType, alice: Member, custom_app: Any, tmp_path: Path
) -> None:
    form = world(field_type, alice, custom_app)
    sent = [value for value, _shown in field_type.accepts]
    expected = [stored_of(form, create(form, alice, {EXAMPLE: value})) for value in sent]
    known = len(stored_rows(form))
    rejects = [(value, code) for value, code in field_type.rejects if sayable(value)]
    rows = [{EXAMPLE: value} for value in (*sent, *(value for value, _code in rejects))]
    done = load(form, alice, write_jsonl(tmp_path / "a.jsonl", rows))
    assert (done.loaded, done.refused) == (len(sent), len(rejects))
    assert stored_rows(form)[known:] == expected
    if rejects:
        lines = refused_lines(tmp_path / "a.jsonl.refused")
        assert [line["row"] for line in lines] == [*range(len(sent) + 1, len(rows) + 1)]
        for line, (_value, code) in zip(lines, rejects, strict=True):
            assert code in [error["code"] for error in line["errors"]]


@each_type(WRITABLE)
@pytest.mark.parametrize("write", [write_csv, write_xlsx], ids=["csv", "xlsx"])
def test_cells_are_stored_as_the_api_would(
    field_type: FieldType, write: Any, alice: Member, custom_app: Any, tmp_path: Path
) -> None:
    form = world(field_type, alice, custom_app)
    sent = [value for value, _shown in field_type.accepts]
    expected = [stored_of(form, create(form, alice, {EXAMPLE: value, "other": "x"})) for value in sent]
    known = len(stored_rows(form))
    path = write(tmp_path / f"a.{write.__name__[6:]}", [[EXAMPLE, "other"], *([value, "x"] for value in sent)])
    done = load(form, alice, path)
    assert (done.loaded, done.refused) == (len(sent), 0)
    assert stored_rows(form)[known:] == expected


@each_type(WRITABLE)
def test_cells_are_refused_for_the_reasons_of_the_api(
    field_type: FieldType, alice: Member, custom_app: Any, tmp_path: Path
) -> None:
    form = world(field_type, alice, custom_app)
    column = column_alone(field_type)
    reasons: dict[str, set[str]] = {}
    for text in cells_of(field_type):
        try:
            column.clean(reader_of(column)(text))
        except Refused as refused:
            reasons[text] = {fault.code for fault in refused.faults}
    done = load(form, alice, write_csv(tmp_path / "a.csv", [[EXAMPLE], *([text] for text in reasons)]))
    assert (done.loaded, done.refused) == (0, len(reasons))
    told = {row[EXAMPLE]: set(row["#codes"].split()) for row in refused_table(tmp_path / "a.csv.refused")}
    assert told == reasons


@each_type(WRITABLE)
def test_a_cell_is_checked_as_its_column_checks_it_however_often_it_comes(field_type: FieldType) -> None:
    column = column_alone(field_type)
    schema = form_of_columns(column)
    reading = Reading(schema, [column, None])
    for text in cells_of(field_type) * 2:
        expected: tuple[dict[str, Any], list[Fault]] = (dict(schema.defaults), [])
        try:
            expected[0][EXAMPLE] = column.clean(reader_of(column)(text))
        except Refused as refused:
            expected[1].extend(refused.faults)
        assert reading.new(reading.sent([text, "not read"])) == expected


def cells_of(field_type: FieldType) -> list[str]:
    """The type's worked examples, right and wrong, as they are written into cells; and what is wrong for most types."""
    values = [*(value for value, _shown in field_type.accepts), *(value for value, _code in field_type.rejects)]
    texts = [cell_text(value) for value in values if sayable(value)]
    texts += [" ", "x", "[]", "{}", "[1, [2]]", "{", "-1", "1e400", "2023-08-20, 2023-08-21", "a/b", "a,b", "0" * 300]
    return [text for text in texts if text and "\0" not in text]


def form_of_columns(*columns: Column) -> FormSchema:
    """A form without a database."""
    return FormSchema(
        id=1,
        name="form",
        data_table_name="form",
        app_id=1,
        organization_id=1,
        enabled=True,
        fields=columns,
        primary=None,
        tabs={},
        partition="form_entity",
    )


def sayable(value: Any) -> bool:
    """Whether a file in UTF-8 can say it."""
    return not (isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value))
