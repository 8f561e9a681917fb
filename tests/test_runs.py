"""Two test runs in one folder do not share a database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import runs

NAME = "import sys; from pathlib import Path; from tests.runs import database_name; "
NAME += "print(database_name(Path(sys.argv[1])), flush=True); sys.stdin.read()"


def begun(folder: Path, environment: dict[str, str]) -> tuple[str, subprocess.Popen[str]]:
    """A process that holds its name until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", NAME, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert process.stdout
    return process.stdout.readline().strip(), process


def test_each_run_has_a_name_of_its_own_until_it_ends(tmp_path: Path) -> None:
    first, one = begun(tmp_path, {})
    second, two = begun(tmp_path, {})
    assert (first, second) == ("test_run_1", "test_run_2")
    one.communicate("")
    third, three = begun(tmp_path, {})
    assert third == first
    for process in (two, three):
        process.communicate("")


def test_what_a_run_starts_has_the_run_s_name(tmp_path: Path) -> None:
    name, process = begun(tmp_path, {"TEST_DATABASE": "test_run_7"})
    process.communicate("")
    assert name == "test_run_7"
    assert [*tmp_path.iterdir()] == []


def test_too_many_runs_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MOST", 0)
    monkeypatch.delenv("TEST_DATABASE")
    with pytest.raises(RuntimeError, match="0 test runs"):
        runs.database_name(tmp_path)
