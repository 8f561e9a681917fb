"""`manage.py check --deploy` with the settings of production."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.module_loading import import_string

from tests.config.copies import PROJECT

pytestmark = pytest.mark.slow
PRODUCTION = {
    "DATABASE_URL": "postgresql://apaas:secret@db.example.org/apaas",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "forms.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://forms.example.org",
    "HTTPS": "1",
    "PROXY_SSL_HEADER": "X-Forwarded-Proto",
    "TRUSTED_PROXIES": "10.0.0.5",
    "THROTTLE_RATE": "100/s",
}
"""As docs/operations.md says to set it."""
COMPANY = {"OIDC_ISSUER": "https://login.example.org", "OIDC_CLIENT_ID": "apaas", "OIDC_CLIENT_SECRET": "secret"}


def checked(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=PROJECT, env={**own, **variables}, capture_output=True, text=True)


@pytest.mark.parametrize("more", [{}, COMPANY], ids=["passwords", "company sign-in"])
def test_nothing_is_wrong_with_the_settings_of_production(more: dict[str, str]) -> None:
    done = checked({**PRODUCTION, **more})
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({"HTTPS": "0"}, "security.W012"),
        ({"DEBUG": "1"}, "security.W018"),
        ({"SECRET_KEY": "short"}, "security.W009"),
        ({"PROXY_SSL_HEADER": ""}, "config.W002"),
        ({"TRUSTED_PROXIES": "proxy"}, "config.E012"),
        ({"OIDC_ISSUER": "https://login.example.org"}, "config.E013"),
        ({"HSTS_SECONDS": "0"}, "security.W004"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_what_would_be_wrong_is_told(missing: dict[str, str], told: str) -> None:
    done = checked({**PRODUCTION, **missing})
    assert done.returncode != 0
    assert told in done.stderr


def test_a_check_that_is_silenced_for_a_name_is_kept_by_the_thing() -> None:
    assert "security.W003" in settings.SILENCED_SYSTEM_CHECKS
    assert any(
        isinstance(kind, type) and issubclass(kind, CsrfViewMiddleware)
        for kind in map(import_string, settings.MIDDLEWARE)
    )
