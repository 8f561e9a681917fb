"""`make production-check`: what an operator looks at before a release serves."""

from __future__ import annotations

import os
import secrets
import subprocess

import pytest

from tests.apaas.live import database_url
from tests.config.copies import PROJECT
from tests.config.test_deployment import PRODUCTION

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
STEPS = ["check --deploy --fail-level WARNING", "migrate --plan", "migrate --check", "doctor"]


def run(**more: str) -> tuple[int, list[str]]:
    """How it ended, and the commands that it ran."""
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    given = {**PRODUCTION, "DATABASE_URL": database_url(), "SECRET_KEY": secrets.token_urlsafe(50), **more}
    done = subprocess.run(
        ["make", "production-check"], cwd=PROJECT, env={**inherited, **given}, capture_output=True, text=True
    )
    marker = "== manage.py "
    return done.returncode, [line.removeprefix(marker) for line in done.stdout.splitlines() if line.startswith(marker)]


def test_where_nothing_is_wrong_it_says_so() -> None:
    assert run() == (0, STEPS)


def test_what_is_wrong_with_one_hides_no_other() -> None:
    code, steps = run(HTTPS="0")
    assert code != 0
    assert steps == STEPS
