"""The folder of what is kept on disk, and the secrets in it."""

import stat
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.data_dir import (
    make_data_dir,
    read_or_make_private,
    read_or_make_secret_key,
    stored_secret_key,
    write_private,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    assert stored_secret_key(folder) == ""
    key = read_or_make_secret_key(folder)
    assert len(key) >= 50
    assert read_or_make_secret_key(folder) == stored_secret_key(folder) == key
    assert mode(folder / "secret_key") == 0o600
    assert mode(folder) & 0o066 == 0
    assert [entry.name for entry in folder.iterdir()] == ["secret_key"]


def test_all_who_come_at_once_get_the_same_secret(tmp_path: Path) -> None:
    numbers = count()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: read_or_make_private(tmp_path / "s", lambda: str(next(numbers))), range(64)))
    assert len(set(made)) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["s"]


def test_what_is_written_privately_replaces_a_file_that_all_could_read(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert (path.read_text(), mode(path)) == ("new", 0o600)


def test_a_folder_keeps_the_rights_that_its_owner_gave_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    assert mode(make_data_dir(tmp_path)) == 0o750


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ImproperlyConfigured, match=r"DATA_DIR .*file/data can't be made"):
        make_data_dir(tmp_path / "file" / "data")
