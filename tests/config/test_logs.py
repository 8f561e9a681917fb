"""What stands in the log."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from apaas.authentication import admitted
from apaas.exceptions import NotAuthenticated
from config import logs
from config.logs import LONGEST_FAULT, MOST_AT_WILL, Capped, ClientsFault, line_formatter
from config.middleware.short_chain import ShortChain


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
    assert settings.LOGGING["handlers"]["stderr"]["filters"] == ["clients", "capped"]


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


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What every line of the log says of each request that is made."""
    found: list[dict[str, Any]] = []

    def noted(self: ShortChain, request: HttpRequest) -> HttpResponse:
        found.append(dict(structlog.contextvars.get_contextvars()))
        return HttpResponse("")

    monkeypatch.setattr(ShortChain, "__call__", noted)
    return found


@pytest.mark.parametrize("path", ["/admin/", "/apaas/api/v2/custom_apps", "/rest/x", "/livez"])
def test_every_line_says_its_request_and_the_trace_that_it_belongs_to(bound: list[Any], path: str) -> None:
    client = Client()
    client.get(path, HTTP_X_REQUEST_ID="mine", HTTP_TRACEPARENT=f"00-{TRACE}-{SPAN}-01")
    assert bound.pop() == {"request_id": "mine", "trace_id": TRACE, "parent_id": SPAN}
    client.get(path)
    assert re.fullmatch("[0-9a-f]{32}", bound.pop().pop("request_id"))
    assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        (f"00-{TRACE}-{SPAN}-00", True),
        (f"cc-{TRACE}-{SPAN}-01-what-comes-later", True),
        (f"ff-{TRACE}-{SPAN}-01", False),
        (f"00-{'0' * 32}-{SPAN}-01", False),
        (f"00-{TRACE.upper()}-{SPAN}-01", False),
        (f"00-{TRACE}-{SPAN}", False),
        (f"00-{TRACE}-{SPAN}-01\nx", False),
        (f"00-{TRACE}-{SPAN}-01-{'x' * 5_000}", False),
        ("", False),
    ],
)
def test_what_is_no_trace_is_not_written(bound: list[Any], header: str, taken: bool) -> None:
    Client().get("/admin/", HTTP_TRACEPARENT=header)
    assert ("trace_id" in bound.pop()) is taken


# --- What anybody can have written -----------------------------------------------------------------------------


@pytest.fixture
def capped(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Gives what a handler with a cap of its own wrote since; `.go(seconds)` moves its clock."""
    moment = [1000.0]
    monkeypatch.setattr(logs.time, "monotonic", lambda: moment[0])
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(line_formatter("json"))
    handler.addFilter(Capped())
    root = logging.getLogger()
    root.handlers.insert(0, handler)  # before the others, which may have notes of their own

    class Written:
        def __call__(self) -> list[Any]:
            return [json.loads(line) for line in written.getvalue().splitlines()]

        def go(self, seconds: float) -> None:
            moment[0] += seconds

    yield Written()
    root.removeHandler(handler)


def refuse_tokens(count: int) -> None:
    request = RequestFactory().get("/")
    for number in range(count):
        with pytest.raises(NotAuthenticated):
            admitted(f"wrong{number}", request)


def test_refused_tokens_fill_no_disk_and_the_log_says_how_many_there_were(db: None, capped: Any) -> None:
    refuse_tokens(MOST_AT_WILL + 70)
    lines = capped()
    assert len(lines) == MOST_AT_WILL
    assert {line["event"] for line in lines} == {"token refused"}
    assert [line.get("note") for line in lines[-2:]] == [None, "… more of this minute are only counted"]
    capped.go(59)
    refuse_tokens(1)
    assert len(capped()) == MOST_AT_WILL
    capped.go(1)
    refuse_tokens(2)
    assert [line.get("note") for line in capped()[MOST_AT_WILL:]] == ["… and 71 more before this", None]


def test_wrong_hosts_have_a_cap_of_their_own_and_faults_of_ours_have_none(db: None, capped: Any) -> None:
    refuse_tokens(MOST_AT_WILL + 1)
    for _number in range(MOST_AT_WILL + 1):
        Client(raise_request_exception=False).get("/admin/", HTTP_HOST="evil.example")
        logging.getLogger("apaas.errors").error("request failed")
    kinds = Counter(line["logger"].rpartition(".")[0] or line["logger"] for line in capped())
    assert kinds == {"apaas": 2 * MOST_AT_WILL + 1, "django.security": MOST_AT_WILL}
    hosts = [line["event"] for line in capped() if line["logger"].startswith("django")]
    assert hosts[-1].endswith("… more of this minute are only counted")
