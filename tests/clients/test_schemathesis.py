"""Schemathesis makes requests of the OpenAPI document, right ones and odd ones: the answers are as it says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.clients import tools
from tests.clients.conftest import Demo

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("brought")]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
"""Not that right shapes are taken: whether an operator suits a field, no schema says."""


def test_the_server_does_what_the_document_says(own_demo: Demo, tmp_path: Path) -> None:
    path = own_demo.written(tmp_path)
    # A token of one's own that may do all with records: no call that it makes up changes the one that it calls with.
    verbs = ["read", "create", "update", "destroy", "transfer", "export"]
    token = own_demo.ask("POST", "tokens", uid=1, name="schemathesis", verbs=verbs)["token"]
    done = subprocess.run(
        [str(tools.PYTHON / "st"), "run", str(path), "--url", own_demo.url, "-H", f"ACCESS-TOKEN: {token}", "--checks",
         ",".join(CHECKS), "--phases", "examples,fuzzing", "--max-examples", "5", "--max-time", "60", "--seed", "1",
         "--no-color", "--warnings", "off"],
        cwd=tmp_path, capture_output=True, text=True, timeout=540,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    tested = re.search(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", done.stdout)
    assert tested, done.stdout
    assert len({*tested.groups()}) == 1
    generated = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert generated and generated[1] == generated[2] and int(generated[1]) > 100, done.stdout
