"""What stands in the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from config.logs import LONGEST_FAULT, ClientsFault, line_formatter


@pytest.fixture
def lines() -> Iterator[Any]:
    """Gives what was logged since, each line as an object."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(line_formatter("json"))
    handler.addFilter(ClientsFault())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def test_the_handler_has_the_filter() -> None:
    assert settings.LOGGING["handlers"]["stderr"]["filters"] == ["clients"]


@pytest.mark.parametrize("host", ["evil.example", "a b", "localhost:x", "", "é", "x" * 100_000])
@pytest.mark.parametrize("path", ["/admin/login/", "/", "/apaas/api/v2/custom_apps", "/rest/x"])
def test_a_wrong_host_is_one_line_without_a_traceback(db: None, lines: Any, path: str, host: str) -> None:
    response = Client(raise_request_exception=False).get(path, HTTP_HOST=host)
    assert response.status_code == (200 if path.startswith("/rest/") else 400)
    (line,) = lines()
    assert (line["level"], line["logger"]) == ("warning", "django.security.DisallowedHost")
    assert "Invalid HTTP_HOST header" in line["event"]
    assert len(line["event"]) <= LONGEST_FAULT + 1
    assert not {"exception", "exc_info"} & set(line)


def test_a_wrong_host_gets_a_plain_page(db: None) -> None:
    response = Client(raise_request_exception=False).get("/admin/", HTTP_HOST="evil.example")
    content = response.content.decode()
    assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert "<title>400</title>" in content
    assert "evil" not in content


def test_a_bug_of_ours_keeps_its_traceback(lines: Any) -> None:
    try:
        raise RuntimeError("bug")
    except RuntimeError:
        logging.getLogger("django.request").exception("failed")
    (line,) = lines()
    assert line["level"] == "error"
    assert "RuntimeError: bug" in line["exception"]
