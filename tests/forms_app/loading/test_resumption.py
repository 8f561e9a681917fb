"""A file is loaded once, and on from where a load of it stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from forms_app.loading.file_load import LoadStopped
from forms_app.models import CustomForm, FileLoad, Member
from tests.forms_app.loading.files import load, refused_table, stored_rows, write_csv
from tests.forms_app.worlds import counted


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
