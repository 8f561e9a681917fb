"""A token's requests at a time, over processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.serving.slots import Slots, path

pytestmark = pytest.mark.slow
OTHER = """
import sys
from pathlib import Path
from config.serving.slots import Slots
slots = Slots(Path(sys.argv[1]))
print([slots.take(7, 3) for _number in range(int(sys.argv[2]))], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "slots"


def other(file: Path, count: int) -> subprocess.Popen[str]:
    """Another process, which has taken so many slots of token 7."""
    command = [sys.executable, "-c", OTHER, str(file), str(count)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_process_takes_no_more_than_there_are_and_gives_them_back(file: Path) -> None:
    slots = Slots(file)
    assert [slots.take(7, 2), slots.take(7, 2), slots.take(7, 2), slots.take(8, 1)] == [0, 1, None, 0]
    slots.give(7, 0)
    assert [slots.take(7, 2), slots.take(7, 2)] == [0, None]
    for slot in (0, 1):
        slots.give(7, slot)
    slots.give(8, 0)
    assert not slots._held


def test_processes_share_them_and_those_of_a_killed_one_are_free(file: Path) -> None:
    slots = Slots(file)
    process = other(file, 2)
    assert process.stdout is not None and process.stdout.readline() == "[0, 1]\n"
    assert [slots.take(7, 3), slots.take(7, 3)] == [2, None]
    assert slots.take(8, 1) == 0
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert [slots.take(7, 3), slots.take(7, 3), slots.take(7, 3)] == [0, 1, None]


def test_without_the_file_each_process_counts_for_itself(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for file in (tmp_path / "no folder" / "slots", tmp_path / "link"):
        slots = Slots(file)
        assert [slots.take(7, 1), slots.take(7, 1)] == [0, None]
        slots.give(7, 0)
    assert not (tmp_path / "elsewhere").exists()


def test_servers_with_other_keys_have_other_files(settings: pytest.FixtureRequest) -> None:
    first = path()
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    assert path() != first and str(os.getuid()) in first.name
