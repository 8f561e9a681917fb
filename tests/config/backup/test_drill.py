"""`manage.py backup` and `restore` as an operator runs them: what comes back is what there was."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.backup.archive import MANIFEST
from tests.config.copies import Copy
from tests.config.made import with_demo

pytestmark = pytest.mark.slow
ROWS = "tables/public.django_migrations"
CONTENT = "内容\n" * 100_000


def manifest(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zipfile.ZipFile(path).read(MANIFEST))
    return found


def changed(path: Path, to: Path, part: str, change: Any) -> Path:
    """The archive with one part changed."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
            elif (text := change(old.read(name))) is not None:
                new.writestr(name, text)
    return to


def fault(copy: Copy, *arguments: str) -> str:
    """What the command says that refuses."""
    done = copy.manage(*arguments)
    assert done.returncode == 1, done
    assert done.stderr.startswith("CommandError: ") and "Traceback" not in done.stderr
    return done.stderr.removeprefix("CommandError: ").strip()


def counted(copy: Copy) -> list[Any]:
    """How many records and migrations a copy has."""
    cluster = copy.cluster
    cluster.join()
    try:
        with psycopg.connect(cluster.url) as connection:
            sql = "SELECT (SELECT count(*) FROM form_entity), (SELECT count(*) FROM django_migrations)"
            return list(connection.execute(sql).fetchone() or [])
    finally:
        cluster.leave()


def test_what_comes_back_is_what_there_was(copy: Copy, folder: Path) -> None:
    with_demo(copy)
    kept = copy.data_dir / "files" / "1" / "ab"
    kept.mkdir(parents=True)
    (kept / "文件").write_text(CONTENT)
    (kept / "empty").touch()
    first, second = folder / "first.zip", folder / "second.zip"
    done = copy.manage("backup", str(first))
    assert done.returncode == 0, done.stderr
    assert first.stat().st_mode & 0o777 == 0o600
    told = manifest(first)
    names = {table["name"]: table["rows"] for table in told["tables"]}
    assert names["forms_app_customform"] >= 2 and sum(names.values()) > 1_000
    assert set(told["files"]) == {"1/ab/文件", "1/ab/empty"}
    assert f"{len(names)} tables with {sum(names.values())} rows, 2 files" in done.stdout
    assert "exists already" in fault(copy, "backup", str(first))

    other = Copy(folder / "other")
    refusals = {
        "first.zip": None,
        "cut.zip": lambda: (folder / "cut.zip").write_bytes(first.read_bytes()[:-100]),
        "empty.zip": lambda: (folder / "empty.zip").write_bytes(b""),
        "manifest.zip": lambda: changed(first, folder / "manifest.zip", MANIFEST, lambda _text: None),
        "format.zip": lambda: changed(first, folder / "format.zip", MANIFEST, lambda text: _with(text, format=2)),
        "newer.zip": lambda: changed(
            first, folder / "newer.zip", MANIFEST, lambda text: _with(text, migrations=[["forms_app", "9999_later"]])
        ),
        "rows.zip": lambda: changed(first, folder / "rows.zip", ROWS, lambda text: text[:-1]),
        "file.zip": lambda: changed(first, folder / "file.zip", "files/1/ab/文件", lambda text: text + b"x"),
        "less.zip": lambda: changed(first, folder / "less.zip", "files/1/ab/文件", lambda _text: None),
        "sum.zip": lambda: changed(first, folder / "sum.zip", MANIFEST, _wrong_sum),
        "gone.zip": lambda: None,
    }
    said = {}
    for name, make in refusals.items():
        if make is not None:
            make()
            said[name] = fault(other, "restore", str(folder / name))
    assert "no backup, or was cut off" in said["cut.zip"] and "no backup, or was cut off" in said["empty.zip"]
    assert "has no manifest" in said["manifest.zip"]
    assert said["format.zip"] == "This backup is of format 2; this program reads 1."
    assert "newer version of this program: it knows forms_app.9999_later" in said["newer.zip"]
    assert f"{ROWS} of the backup is not what was written" in said["rows.zip"]
    assert "files/1/ab/文件 of the backup" in said["file.zip"]
    assert "files/1/ab/文件 of the backup can't be read" in said["less.zip"]
    assert "rows that are not the" in said["sum.zip"]
    assert "does not exist" in said["gone.zip"]

    # None of them has left anything, so the database is still empty.
    shutil.copy(copy.data_dir / "secret_key", other.data_dir / "secret_key")
    done = other.manage("restore", str(first))
    assert (done.returncode, done.stderr) == (0, "")
    assert (other.data_dir / "files/1/ab/文件").read_text() == CONTENT
    assert other.manage("backup", str(second)).returncode == 0
    assert comparable(second) == comparable(first)

    assert fault(other, "restore", str(first)) == "The database is not empty. --overwrite drops what is in it."
    before = counted(other)
    assert "rows that are not the" in fault(other, "restore", "--overwrite", str(folder / "sum.zip"))
    assert counted(other) == before
    (other.data_dir / "files/1/ab/文件").write_text("another")
    assert other.manage("restore", "--overwrite", str(first)).returncode == 0
    assert counted(other) == before
    assert (other.data_dir / "files/1/ab/文件").read_text() == CONTENT

    (other.data_dir / "secret_key").write_text("another")
    done = other.manage("restore", "--overwrite", str(first))
    assert done.returncode == 0 and "SECRET_KEY is not the one of the backup" in done.stderr


def _with(text: bytes, **values: Any) -> str:
    return json.dumps({**json.loads(text), **values})


def _wrong_sum(text: bytes) -> str:
    told = json.loads(text)
    told["tables"][-1]["checksum"] = "f" * 16
    return json.dumps(told)


def comparable(path: Path) -> dict[str, Any]:
    """What does not tell one backup of the same from another. The rows of a table may lie in another order, and the
    change log counts on from where it ended, in a function (form_change_offset)."""
    told = manifest(path)
    schema = [zipfile.ZipFile(path).read(f"schema/{section}.sql").decode() for section in told["schema"]]
    told["schema"] = [re.sub(r"SELECT [0-9]+::bigint", "SELECT 0::bigint", text) for text in schema]
    tables = [{name: value for name, value in table.items() if name != "sha256"} for table in told["tables"]]
    return {**{name: value for name, value in told.items() if name != "made_at"}, "tables": tables}


def test_while_others_use_the_database_it_is_not_dropped(copy: Copy, folder: Path) -> None:
    with_demo(copy)
    archive = folder / "one.zip"
    assert copy.manage("backup", str(archive), "--without-files").returncode == 0
    assert manifest(archive)["files"] is None
    before = counted(copy)
    cluster = copy.cluster
    cluster.join()
    with psycopg.connect(cluster.url) as user:
        user.execute("SELECT count(*) FROM forms_app_organization")
        assert fault(copy, "restore", "--overwrite", str(archive)).startswith("Something uses the database")
    cluster.leave()
    assert counted(copy) == before
    assert copy.manage("restore", "--overwrite", str(archive)).returncode == 0
    assert counted(copy) == before
