"""`deploy/systemd/`: systemd takes the units, and what they start is there."""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.config.copies import PROJECT
from tests.deploy.environments import settings_of, wrong_names

pytestmark = pytest.mark.slow
FOLDER = PROJECT / "deploy" / "systemd"
UNITS = sorted(path.name for path in FOLDER.glob("*.service"))
PYTHON = "/srv/apaas/.venv/bin/python"


def service(name: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(FOLDER / name)
    return parser["Service"]


def test_there_are_a_server_and_a_worker() -> None:
    assert UNITS == ["apaas-worker.service", "apaas.service"]


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_wrong(name: str, tmp_path: Path) -> None:
    """Of another Python, for it looks whether the program is there."""
    assert shutil.which("systemd-analyze"), "systemd is not installed (.ci/run brings it)"
    text = (FOLDER / name).read_text()
    assert PYTHON in text
    (tmp_path / name).write_text(text.replace(PYTHON, sys.executable))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", UNITS)
def test_what_a_unit_starts_is_a_command_with_its_options(name: str) -> None:
    python, script, command, *options = shlex.split(service(name)["ExecStart"])
    assert (python, script) == (PYTHON, "manage.py")
    found = load_command_class(get_commands()[command], command)
    found.create_parser(script, command).parse_args(options)


@pytest.mark.parametrize("name", UNITS)
def test_what_a_setting_stops_is_not_started_again(name: str) -> None:
    assert service(name)["RestartPreventExitStatus"] == str(os.EX_CONFIG)


def test_the_file_of_settings_names_settings_that_fit_a_server() -> None:
    given = settings_of((FOLDER / "apaas.env").read_text())
    assert wrong_names(given) == []
    assert service("apaas.service")["StateDirectory"] == Path(given["DATA_DIR"]).name
    assert Path(given["DATA_DIR"]).parent == Path("/var/lib")
