"""A database of the last release is migrated while its servers still answer (CONTRIBUTING.md, "Upgrades")."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from tests.config.copies import Copy
from tests.config.upgrades.shape import Column, Shape, broken

ARCHIVES = sorted(Path(__file__).parent.glob("*.zip"), key=lambda path: [int(part) for part in path.stem.split(".")])
"""What `backup` made of the demo at each release, its version by its name."""
WITHOUT_MIGRATIONS = """
import sys, django; django.setup()
from pathlib import Path
from config.backup.restoring import restore
print(restore(Path(sys.argv[1])).rows)
"""


def shape_of(copy: Copy) -> Shape:
    cluster = copy.cluster
    cluster.join()
    try:
        with psycopg.connect(cluster.url) as connection:
            return Shape.of(connection)
    finally:
        cluster.leave()


def managed(copy: Copy, *arguments: str) -> str:
    done = copy.manage(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.stem)
def test_a_database_of_each_release_is_migrated(archive: Path, copy: Copy, tmp_path: Path) -> None:
    rows = copy.run("-c", WITHOUT_MIGRATIONS, str(archive), DJANGO_SETTINGS_MODULE="config.settings")
    assert rows.returncode == 0, rows.stderr
    assert int(rows.stdout.split()[-1]) > 1_000
    before = shape_of(copy)
    managed(copy, "migrate", "--verbosity", "0")
    after = shape_of(copy)
    fresh = Copy(tmp_path / "fresh")
    managed(fresh, "migrate", "--verbosity", "0")
    assert after == shape_of(fresh)
    assert "No changes detected" in managed(copy, "makemigrations", "--check", "--dry-run")
    if archive == ARCHIVES[-1]:
        assert broken(before, after) == []
    found = json.loads(managed(copy, "field_indexes", "--json"))
    assert found, "the product reads its forms"


OLD = Shape(
    {("record", "id"): Column("bigint", True, True), ("record", "name"): Column("text", False, False)},
    {("record", "record_pkey"): "PRIMARY KEY (id)"},
)


def changed(**columns: Column | None) -> Shape:
    found = {**OLD.columns, **{("record", name): column for name, column in columns.items() if column is not None}}
    return Shape({key: value for key, value in found.items() if columns.get(key[1], value) is not None}, OLD.rules)


@pytest.mark.fast
@pytest.mark.parametrize(
    ("after", "told"),
    [
        (OLD, []),
        (changed(colour=Column("text", False, False)), []),
        (changed(colour=Column("text", True, True)), []),
        (changed(colour=Column("text", True, False)), ["record.colour must be given now"]),
        (changed(name=None), ["record.name is gone"]),
        (changed(name=Column("integer", False, False)), ["record.name was text and is integer"]),
        (changed(name=Column("text", True, False)), ["record.name must be given now"]),
        (changed(id=Column("bigint", True, False)), ["record.id must be given now"]),
        (
            Shape(OLD.columns, {**OLD.rules, ("record", "short"): "CHECK (length(name) < 5)"}),
            ["record has a rule that it had not: CHECK (length(name) < 5)"],
        ),
        (Shape(OLD.columns, {}), []),
        (Shape({**OLD.columns, ("other", "x"): Column("text", True, False)}, OLD.rules), []),
        (
            Shape(
                changed(colour=Column("text", True, True)).columns,
                {**OLD.rules, ("record", "c"): "CHECK (colour > 'a')"},
            ),
            [],
        ),
    ],
)
def test_what_older_code_can_t_do_is_told(after: Shape, told: list[str]) -> None:
    assert broken(OLD, after) == told
