"""The worked examples of every type, loaded from each format: as the API would store them, refused as it would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forms_app.exceptions import Refused
from forms_app.field_types import FieldType, Text
from forms_app.models import Member
from tests.forms_app.field_types.every_type import EXAMPLE, WRITABLE, column_alone, create, each_type, world
from tests.forms_app.services.loads.files import (
    cell_text,
    load,
    refused_lines,
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
    refused = []
    for value, _code in field_type.rejects:
        if sayable(value) and (text := cell_text(value)) and "\0" not in text:
            try:
                column.clean(Text(text))
            except Refused:
                refused.append(text)
    if not refused or field_type.has_options:  # whose labels are told apart elsewhere
        return
    done = load(form, alice, write_csv(tmp_path / "a.csv", [[EXAMPLE], *([text] for text in refused)]))
    read_as_numbers = sum(text.isdigit() for text in refused)
    assert done.refused >= len(refused) - read_as_numbers


def sayable(value: Any) -> bool:
    """Whether a file in UTF-8 can say it."""
    return not (isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value))
