"""The same calls by the HTTP clients of several languages, each in its own manner: the answers are the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients import tools
from tests.clients.conftest import Demo

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("brought")]
PROGRAMS = Path(__file__).parent / "programs"
TITLE = "text_1691116775689_fb4558"


def commands() -> dict[str, list[str]]:
    """What runs each program; of languages that only some machines have, those of this one."""
    python = str(PROGRAMS / "with_library.py")
    found = {
        "requests": [sys.executable, python, "requests"],
        "httpx": [str(tools.PYTHON / "python"), python, "httpx"],
        "fetch": ["node", str(PROGRAMS / "fetch.mjs")],
    }
    own = {"curl": ("bash", "curl.sh"), "perl": ("perl", "tiny.pl"), "java": ("java", "Client.java")}
    return found | {name: [runs, str(PROGRAMS / file)] for name, (runs, file) in own.items() if shutil.which(name)}


@pytest.mark.parametrize("language", commands())
def test_a_language_gets_the_answers_that_all_get(demo: Demo, language: str) -> None:
    command = [tools.node() if part == "node" else part for part in commands()[language]]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}
    before = demo.records()
    text = before[11][TITLE][:2]
    done = subprocess.run([*command, demo.url, demo.token, text], capture_output=True, env=environment, timeout=240)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    titles = {model["id"]: model[TITLE] for model in told["listed"]["data"]["models"]}
    assert list(titles) == [30, 11]
    assert told["listed"]["data"]["total_count"] == 2
    assert [model["id"] for model in told["found"]["data"]["models"]] == [11]
    assert set(told["read"]["data"]) == {TITLE, "user"}  # Perl's hashes keep no order
    assert (told["read"]["data"][TITLE], told["read"]["data"]["user"]["uid"]) == ("泵 &=+%", 2)
    assert (told["gone"], told["refused"]) == (404, 401)
    assert demo.records() == before
