"""`manage.py load_entities` and `manage.py generate_entities`: what they take, say and refuse."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from forms_app.models import CustomApp, CustomForm, Member
from tests.factories import make_form
from tests.forms_app.loading.files import refused_table, stored_rows, write_csv
from tests.forms_app.worlds import query_of


def run(*arguments: object) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def form(alice: Member, custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"name": ("text_field", {"required": True}), "n": "integer_field"})


def test_a_file_is_loaded_and_the_refused_rows_lie_beside_it(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["name", "n"], ["a", 1], ["b", "x"]])
    said = run("load_entities", form.pk, path, "--owner", alice.uid, "--language", "en")
    refused = tmp_path / "a.csv.refused.csv"
    assert said == f"1 rows loaded, 1 refused.\nThe refused rows and why: {refused}\n"
    assert stored_rows(form) == [{"name": "a", "n": 1}]
    assert refused_table(refused)[0]["#reasons"] == "label of n: Expected a number."


def test_a_form_is_named_by_its_table_too_and_its_maker_owns_what_comes(
    form: CustomForm, bob: Member, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "rows.txt", [["name"], ["a"]])
    with pytest.raises(CommandError, match="--owner"):
        run("load_entities", form.data_table_name, path, "--format", "csv")
    form.creator = bob
    form.save()
    assert run("load_entities", form.data_table_name, path, "--format", "csv") == "1 rows loaded, 0 refused.\n"
    assert [row.owner_uid for row in query_of(form).page(limit=9)] == [bob.uid]


def test_other_encodings_are_read_when_they_are_named(form: CustomForm, alice: Member, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("name\n上海\n".encode("gb18030"))
    with pytest.raises(CommandError, match="--encoding"):
        run("load_entities", form.pk, path, "--owner", 1)
    run("load_entities", form.pk, path, "--owner", 1, "--encoding", "gb18030")
    assert stored_rows(form) == [{"name": "上海"}]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("999999", "a.csv"), "999999"),
        (("{form}", "absent.csv"), "No such file"),
        (("{form}", "a.doc"), ".jsonl"),
        (("{form}", "a.csv", "--owner", "77"), "77"),
        (("{form}", "a.csv", "--batch", "0"), "--batch"),
        (("{form}", "a.csv", "--encoding", "nope"), "nope"),
        (("{form}", "empty.csv"), "empty.csv"),
    ],
)
def test_what_cant_be_done_is_told(arguments: tuple[str, ...], told: str, form: CustomForm, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [["name"], ["a"]])
    (tmp_path / "empty.csv").write_text("")
    name, file, *options = (argument.format(form=form.pk) for argument in arguments)
    owner = [] if "--owner" in options else ["--owner", 1]
    with pytest.raises(CommandError, match=told):
        run("load_entities", name, tmp_path / file, *options, *owner)
    assert stored_rows(form) == []


def test_records_are_made_up_for_all_members_or_for_one(
    form: CustomForm, people: dict[int, Member], tmp_path: Path
) -> None:
    assert run("generate_entities", form.pk, 40) == "40 records made.\n"
    assert {row.owner_uid for row in query_of(form).page(limit=100)} == set(people)
    run("generate_entities", form.pk, 5, "--owner", 2, "--seed", 1)
    assert len(stored_rows(form)) == 45
    with pytest.raises(CommandError):
        run("generate_entities", form.pk, -1)
    with pytest.raises(CommandError, match="77"):
        run("generate_entities", form.pk, 1, "--owner", 77)
