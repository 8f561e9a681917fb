"""`Dockerfile`: what it copies is enough to serve, and nothing else comes along. No engine is needed: the image itself
was built by hand (docs/decisions/067-running-it.md)."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.apaas.live import database_url, serving
from tests.config.copies import PROJECT, wait_until
from tests.config.test_quickstart import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
STEPS = re.findall(r"^([A-Z]+) (.*)$", re.sub(r"\\\n\s*", "", (PROJECT / "Dockerfile").read_text()), re.MULTILINE)
LAST = STEPS[max(place for place, (kind, _text) in enumerate(STEPS) if kind == "FROM") :]
"""The steps of the image itself, without those of the stages that it takes from."""
TAKEN = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}


def copied(steps: list[tuple[str, str]]) -> dict[str, str]:
    """What is copied of the project, and to where."""
    pairs = [shlex.split(text) for kind, text in steps if kind == "COPY" and "--from" not in text]
    return dict(pairs)  # each copies one thing


def test_what_is_sent_to_the_builder_is_what_is_copied() -> None:
    assert (PROJECT / ".dockerignore").read_text().split("\n")[1] == "*"
    assert set(copied(STEPS)) == TAKEN
    for name in TAKEN:
        assert (PROJECT / name).exists(), name


def test_it_installs_what_a_server_needs_by_its_hashes() -> None:
    installs = [text for kind, text in STEPS if kind == "RUN" and "pip install" in text]
    assert len(installs) == 1
    assert "--require-hashes --requirement requirements.txt" in installs[0]


def test_it_does_not_run_as_root() -> None:
    users = [text for kind, text in LAST if kind == "USER"]
    made = next(text for kind, text in LAST if "useradd" in text)
    assert users == [made.split()[-1]]
    assert "--uid 10001" in made
    assert LAST.index(("USER", users[0])) > max(place for place, (kind, _text) in enumerate(LAST) if kind == "RUN")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The files of the image."""
    place = tmp_path / "image"
    place.mkdir()
    for source, target in copied(LAST).items():
        to = place / target / (Path(source).name if target.endswith("/") else "")
        to.parent.mkdir(exist_ok=True)
        if (PROJECT / source).is_dir():
            shutil.copytree(PROJECT / source, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(PROJECT / source, to)
    return place


def environment(**more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return {**inherited, "DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY, **more}


def checked(image: Path, **more: str) -> int:
    """How the image's check of its health ends."""
    _kind, text = next(step for step in LAST if step[0] == "HEALTHCHECK")
    python, script = json.loads(text.partition("CMD ")[2])
    assert python == "python"
    done = subprocess.run([sys.executable, script], cwd=image, env={**os.environ, **more}, capture_output=True)
    assert done.stderr == b""
    return done.returncode


@pytest.fixture
def served(image: Path, tmp_path: Path) -> Iterator[int]:
    """The port at which the image's own command serves."""
    python, *command = json.loads(next(text for kind, text in LAST if kind == "CMD"))
    assert python == "python"
    port, log = free_port(), tmp_path / "log"
    variables = environment(ALLOWED_HOSTS=".example.org,other.net", DATA_DIR=str(tmp_path / "files"))
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, *command, "--port", str(port), "--workers", "1"],
            cwd=image,
            env=variables,
            stdout=errors,
            stderr=errors,
        )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


def test_what_it_holds_serves_and_says_that_it_lives(served: int, image: Path) -> None:
    hosts = {"PORT": str(served)}
    wait_until(
        lambda: checked(image, ALLOWED_HOSTS=".example.org,other.net", **hosts) == 0, what="it lives", seconds=120
    )
    assert checked(image, ALLOWED_HOSTS="unknown.org", **hosts) == 1, "a name that it does not answer to"


def test_nobody_who_answers_is_no_life(image: Path) -> None:
    assert checked(image, PORT=str(free_port())) == 1


def test_a_server_that_answers_to_all_names_lives(image: Path) -> None:
    with serving(ALLOWED_HOSTS="*") as live:
        assert checked(image, ALLOWED_HOSTS="*", PORT=str(live.port)) == 0
