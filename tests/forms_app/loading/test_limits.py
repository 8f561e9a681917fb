"""The exact limit of a field's setting, in files: the row at the limit is loaded, the one beyond is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forms_app.field_types import registry
from forms_app.models import Member
from tests.forms_app.field_types.edges import OF_EACH_FAULT, Edge
from tests.forms_app.field_types.every_type import EXAMPLE, create, world
from tests.forms_app.loading.files import load, refused_lines, refused_table, stored_rows, write_csv, write_jsonl
from tests.forms_app.loading.files import write_xlsx as write_sheet
from tests.forms_app.worlds import stored_of


def told_of_table(path: Path) -> list[set[str]]:
    return [set(row["#codes"].split()) for row in refused_table(path)]


def told_of_lines(path: Path) -> list[set[str]]:
    return [{error["code"] for error in line["errors"]} for line in refused_lines(path)]


def write_rows(write: Callable[[Path, Any], Path]) -> Callable[[Path, Any], Path]:
    return lambda path, values: write(path, [[EXAMPLE, "other"], *([value, "x"] for value in values)])


FORMATS: dict[str, tuple[Callable[[Path, Any], Path], Callable[[Path], list[set[str]]]]] = {
    "csv": (write_rows(write_csv), told_of_table),
    "xlsx": (write_rows(write_sheet), told_of_table),
    "jsonl": (
        lambda path, values: write_jsonl(path, [{EXAMPLE: value, "other": "x"} for value in values]),
        told_of_lines,
    ),
}


@pytest.mark.parametrize("edge", OF_EACH_FAULT, ids=str)
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_is_held_to_the_exact_limit(
    suffix: str, edge: Edge, alice: Member, custom_app: Any, tmp_path: Path
) -> None:
    form = world(registry.get(edge.field_type), alice, custom_app, **edge.values)
    expected = stored_of(form, create(form, alice, {EXAMPLE: edge.taken, "other": "x"}))
    write, told = FORMATS[suffix]
    path = write(tmp_path / f"a.{suffix}", [edge.taken, edge.beyond, edge.taken])
    done = load(form, alice, path)
    assert (done.loaded, done.refused) == (2, 1)
    assert told(path.with_name(f"{path.name}.refused")) == [{edge.code}]
    assert stored_rows(form) == [expected] * 3
