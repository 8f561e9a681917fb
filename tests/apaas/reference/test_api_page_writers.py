"""A sample is sent as it was meant, in both languages: a server that keeps what arrives is the judge."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import translation

from apaas.reference.layout import JSON, PYTHON, laid_out
from apaas.reference.sample_requests import TOKEN, SampleRequest, Secret, curl, python
from forms_app.exact_json import reads

pytestmark = pytest.mark.slow
SECURITY = Secret("SECURITY", 'your "code}` $(touch x)')
AWKWARD = 'it\'s "so" \\ 官網 \\u0041 %s {x} $HOME `date` $(date) !! \n\t\u2028 😀 @file <file;type=a'
WRITERS = {"curl": curl, "python": python}


@dataclass
class Kept:
    """What arrived last."""

    method: str = ""
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Kept]]:
    """(origin, what it keeps)."""
    kept = Kept()

    class Keeper(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept.__dict__.update(method=self.command, path=self.path, headers=dict(self.headers), body=body)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: Any) -> None:
            pass

    listening = HTTPServer(("127.0.0.1", 0), Keeper)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}", kept
    listening.shutdown()
    thread.join()
    listening.server_close()


def sent(language: str, request: SampleRequest, folder: Path, **variables: str) -> None:
    """Run the sample in `folder`."""
    text = WRITERS[language](request)
    command = ["bash", "-c", text] if language == "curl" else [sys.executable, "-c", text]
    environment = {**os.environ, "NO_PROXY": "*", "APAAS_TOKEN": "a token", **variables}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (text, done.stderr)
    assert done.stdout.strip() in ("{}", "200\n{}"), done.stdout


@pytest.mark.parametrize("language", WRITERS)
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_body_arrives_with_every_text_and_digit(
    language: str, method: str, server: tuple[str, Kept], tmp_path: Path
) -> None:
    origin, kept = server
    bodies: list[dict[str, Any]] = [
        {"text": AWKWARD, "none": None, "yes": True, "no": False, "empty": [{}, [], ""], AWKWARD: 2**70},
        {"float": Decimal("0.10"), "small": Decimal("1E-8"), "deep": [[{"a": {"b": ["x" * 80, "y" * 80]}}]]},
        {"exact": Decimal("123456789123456.12345"), "text": AWKWARD, "quotes": ['"', '""', "'''", '"""', "\\"]},
    ]
    for body in bodies:
        sent(language, SampleRequest(method, origin + "/a'b", {"ACCESS-TOKEN": TOKEN}, body=body), tmp_path)
        assert (kept.method, reads(kept.body.decode())) == (method, body)
        assert kept.headers["Content-Type"] == "application/json"
        assert kept.path in ("/a'b", "/a%27b")


@pytest.mark.parametrize("language", WRITERS)
def test_a_query_arrives_in_the_address(language: str, server: tuple[str, Kept], tmp_path: Path) -> None:
    origin, kept = server
    query = {"custom_form_id": 2, "query": AWKWARD, "only_field_names": ["id", "a&b"], "sort": [{"a": "asc"}]}
    sent(language, SampleRequest("GET", origin + "/x", {"ACCESS-TOKEN": TOKEN}, query=query), tmp_path)
    found = QueryDict(kept.path.partition("?")[2])
    assert (kept.method, kept.body) == ("GET", b"")
    assert found["custom_form_id"] == "2"
    assert found["query"] == AWKWARD
    assert found.getlist("only_field_names[]") == ["id", "a&b"]
    assert json.loads(found["sort"]) == [{"a": "asc"}]


@pytest.mark.parametrize("language", WRITERS)
def test_a_form_arrives_with_its_files(
    language: str, server: tuple[str, Kept], tmp_path: Path, rf: RequestFactory
) -> None:
    origin, kept = server
    (tmp_path / "合同.txt").write_text("a file")
    form = {"security": SECURITY, "action": "create", "formdata": [{"id": "FORMITM_2", "value": AWKWARD}]}
    request = SampleRequest("POST", origin + "/x", form=form, files={"files": "合同.txt"})
    sent(language, request, tmp_path, SECURITY="a secret")
    arrived = rf.generic("POST", "/x", kept.body, content_type=kept.headers["Content-Type"])
    assert (arrived.POST["security"], arrived.POST["action"]) == ("a secret", "create")
    assert json.loads(arrived.POST["formdata"]) == form["formdata"]
    assert arrived.FILES["files"].read() == b"a file"
    assert arrived.FILES["files"].name == "合同.txt"


@pytest.mark.parametrize("language", WRITERS)
def test_a_secret_comes_from_the_environment(language: str, server: tuple[str, Kept], tmp_path: Path) -> None:
    origin, kept = server
    body = {"security": SECURITY, "again": [SECURITY, AWKWARD], "exact": Decimal("123456789123456.12345")}
    request = SampleRequest("POST", origin, {"ACCESS-TOKEN": TOKEN, "X-Other": "it's"}, body=body)
    sent(language, request, tmp_path, SECURITY="a $secret `x`", APAAS_TOKEN="it's $mine")
    assert json.loads(kept.body)["security"] == "a $secret `x`"
    assert json.loads(kept.body)["again"] == ["a $secret `x`", AWKWARD]
    assert (kept.headers["ACCESS-TOKEN"], kept.headers["X-Other"]) == ("it's $mine", "it's")
    text = WRITERS[language](request)
    assert text.count('export APAAS_TOKEN="${APAAS_TOKEN:-<your access token>}"') == 1
    assert text.count('export SECURITY="${SECURITY:-<your code touch x>}"') == 1
    assert not list(tmp_path.iterdir())


def test_without_a_variable_the_shell_sends_the_placeholder(server: tuple[str, Kept], tmp_path: Path) -> None:
    origin, kept = server
    line, _newline, rest = curl(SampleRequest("GET", origin, {"ACCESS-TOKEN": TOKEN})).partition("\n")
    done = subprocess.run(["bash", "-c", f"unset APAAS_TOKEN\n{line}\n{rest}"], capture_output=True, timeout=60)
    assert done.returncode == 0
    assert kept.headers["ACCESS-TOKEN"] == "<your access token>"


def test_what_fits_stays_on_one_line() -> None:
    value = {"a": 1, "list": ["x" * 30] * 3, "filter": {"name": "created_at", "op": "within", "value": [None, True]}}
    assert laid_out({"a": [1, {"b": None}]}) == '{"a": [1, {"b": null}]}'
    assert laid_out(value).splitlines()[-2:] == [
        '  "filter": {"name": "created_at", "op": "within", "value": [null, true]}',
        "}",
    ]
    for style in (JSON, PYTHON, replace(PYTHON, indent=2)):
        assert max(map(len, laid_out(value, style).splitlines())) <= 88
    assert laid_out(value, PYTHON).splitlines()[-2] == (
        '    "filter": {"name": "created_at", "op": "within", "value": [None, True]},'
    )
