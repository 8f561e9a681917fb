"""A unique value while a file is loaded and others write at once: nobody's value is there twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from forms_app.exceptions import Conflict
from forms_app.indexes import building
from forms_app.models import CustomForm, FieldIndex, Member
from forms_app.records import mass_writes, writes
from forms_app.records.writes import entity_update
from tests.factories import actor_of, make_entity, schema_of
from tests.forms_app.loading.files import load, refused_table, stored_rows, write_csv
from tests.forms_app.worlds import Other, at_once, counted

pytestmark = pytest.mark.django_db(transaction=True)


def while_it_is_written(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, other: Other) -> None:
    """Let the other come when our rows are inserted and not yet committed."""
    insert = getattr(module, name)

    def inserted(*args: Any, **kwargs: Any) -> Any:
        result = insert(*args, **kwargs)
        if other.ident is None:
            other.starts()
        return result

    monkeypatch.setattr(module, name, inserted)


@pytest.fixture(params=["pending", "built"])
def ready(request: Any, form: CustomForm) -> CustomForm:
    """The form with its unique indexes still to be built, and with them built."""
    if request.param == "built":
        for field in form.custom_fields.filter(setting__unique=True):
            built = building.build(form_id=form.pk, field_id=field.pk, kind=building.UNIQUE)
            assert built == FieldIndex.State.VALID
    return form


@pytest.mark.parametrize("name", ["code", "amount"])
def test_who_writes_a_value_that_a_file_just_brings_is_refused(
    ready: CustomForm, alice: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    other = Other(lambda: make_entity(ready, alice, name="api", **{name: {"code": "7", "amount": 7}[name]}))
    while_it_is_written(monkeypatch, mass_writes, "insert_rows", other)
    done = load(ready, alice, write_csv(tmp_path / "a.csv", [["name", name], ["file", "7"]]))
    other.join(60)
    assert (done.loaded, done.refused) == (1, 0)
    assert isinstance(other.outcome, Conflict)
    assert [(fault.code, fault.field) for fault in other.outcome.faults] == [("not_unique", name)]
    assert [row["name"] for row in stored_rows(ready)] == ["file"]
    assert counted(ready) == (1, 1)


def test_who_changes_a_record_to_a_value_that_a_file_just_brings_is_refused(
    ready: CustomForm, alice: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = make_entity(ready, alice, name="api", code="old")
    schema, actor = schema_of(ready), actor_of(alice)
    other = Other(lambda: entity_update(schema=schema, record_id=record_id, values={"code": "7"}, actor=actor))
    while_it_is_written(monkeypatch, mass_writes, "insert_rows", other)
    load(ready, alice, write_csv(tmp_path / "a.csv", [["name", "code"], ["file", "7"]]))
    other.join(60)
    assert isinstance(other.outcome, Conflict)
    assert [(row["name"], row["code"]) for row in stored_rows(ready)] == [("api", "old"), ("file", "7")]


def test_a_row_whose_value_somebody_just_writes_is_refused(
    ready: CustomForm, alice: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(tmp_path / "a.csv", [["name", "code"], ["file", "7"], ["another", "8"]])
    other = Other(lambda: load(ready, alice, path))
    while_it_is_written(monkeypatch, writes, "_insert", other)
    make_entity(ready, alice, name="api", code="7")
    other.join(60)
    assert (other.outcome.loaded, other.outcome.refused) == (1, 1)
    assert [row["name"] for row in refused_table(tmp_path / "a.csv.refused")] == ["file"]
    assert sorted(row["name"] for row in stored_rows(ready)) == ["another", "api"]


def test_two_files_and_many_writers_bring_each_value_once(ready: CustomForm, alice: Member, tmp_path: Path) -> None:
    values = [str(number) for number in range(60)]
    paths = [write_csv(tmp_path / f"{one}.csv", [["name", "code"], *([one, v] for v in values)]) for one in "ab"]
    loads = [lambda path=path: load(ready, alice, path, batch_rows=7) for path in paths]
    writers = [lambda v=v: make_entity(ready, alice, name="api", code=v) for v in values[::5]]
    outcomes = at_once([*loads, *writers])
    first, second, *others = outcomes
    made = sum(isinstance(outcome, int) for outcome in others)
    assert all(isinstance(outcome, int | Conflict) for outcome in others), others
    assert Counter(row["code"] for row in stored_rows(ready)) == Counter(values)
    assert first.loaded + second.loaded + made == len(values)
    assert first.refused + second.refused == 2 * len(values) - first.loaded - second.loaded
