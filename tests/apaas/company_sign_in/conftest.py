"""A provider in a process of its own, and who signs in there."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from apaas.company_sign_in import provider
from tests.apaas.live import PROJECT

BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "apaas.company_sign_in.backend.CompanyBackend",
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider that runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.apaas.company_sign_in.provider", str(port)]
    process = subprocess.Popen(command, cwd=PROJECT)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                requests.get(address, timeout=1)
                break
            except requests.ConnectionError:
                assert process.poll() is None, "the provider ended"
                assert time.monotonic() < deadline, "the provider does not answer"
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(autouse=True)
def _configured(settings: Settings, issuer: str) -> None:
    provider._known.clear()
    settings.AUTHENTICATION_BACKENDS = BACKENDS
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = issuer, "apaas", "secret"


def person(issuer: str, sub: str, **claims: Any) -> str:
    """Somebody whom the provider knows."""
    requests.put(f"{issuer}/users/{sub}", json=claims, timeout=5).raise_for_status()
    return sub


def asked(client: Client, path: str = "/oidc/authenticate/") -> str:
    """The address at the provider that the browser is sent to."""
    return str(client.get(path)["Location"])


def agreed(address: str, sub: str) -> str:
    """Somebody signs in at the provider; the address that they are sent back to."""
    answer = requests.post(address, data={"sub": sub}, allow_redirects=False, timeout=5)
    return answer.headers["Location"].partition("http://testserver")[2]


def signs_in(client: Client, sub: str) -> Any:
    return client.get(agreed(asked(client), sub))


def account_of(client: Client) -> User | None:
    key = client.session.get("_auth_user_id")
    return None if key is None else User.objects.get(pk=key)
