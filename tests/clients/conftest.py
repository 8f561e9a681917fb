"""The demo as `quickstart` serves it, for programs that others wrote; what they need is installed where it is not."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.clients import tools
from tests.config.copies import Copy, wait_until
from tests.config.made import with_demo
from tests.config.test_quickstart import free_port


class Demo:
    """A serving copy; `ask` gives the data of a success."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.url: str = told["base_url"]
        self.token: str = told["token"]
        self.told = told

    def ask(self, method: str, path: str, **body: Any) -> Any:
        response = requests.request(
            method,
            f"{self.url}/apaas/api/v2/{path}",
            json=body or None,
            headers={"ACCESS-TOKEN": self.token},
            timeout=60,
        )
        assert response.status_code == 200, response.text
        answer = response.json()
        return answer["data"] if "code" in answer else answer

    def records(self, form_id: int = 2) -> dict[int, Any]:
        """All records of a form by id."""
        listed = self.ask("PUT", "form_entities", custom_form_id=form_id, per_page=1000)
        return {model["id"]: model for model in listed["models"]}

    def written(self, folder: Path, form_id: int | None = 2) -> Path:
        """The OpenAPI document as a file."""
        path = folder / "openapi.json"
        query = "" if form_id is None else f"?custom_form_id={form_id}"
        path.write_text(json.dumps(self.ask("GET", f"openapi.json{query}")))
        return path


@contextmanager
def serving() -> Iterator[Demo]:
    folder = Path(tempfile.mkdtemp(prefix="apaas-test-", dir="/tmp"))
    folder.chmod(0o711)  # root's PostgreSQL is another user
    copy = with_demo(Copy(folder / "data"))
    told = folder / "told.json"
    arguments = ("quickstart", "--workers", "1", "--port", str(free_port()), "--json", str(told))
    process = copy.start("manage.py", *arguments)
    try:
        wait_until(lambda: told.exists() or process.poll() is not None, what="it serves", seconds=240)
        assert process.poll() is None, process.communicate()
        yield Demo(json.loads(told.read_text()))
    finally:
        process.terminate()
        process.communicate(timeout=60)
        for left in copy.processes():
            with suppress(ProcessLookupError):
                os.kill(left, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """One for all that leave what they found as it was, but for records that they make."""
    with serving() as demo:
        yield demo


@pytest.fixture
def own_demo() -> Iterator[Demo]:
    """One of a test's own, which may change and destroy what it finds."""
    with serving() as demo:
        yield demo


@pytest.fixture(scope="session")
def brought() -> None:
    """The programs are there."""
    tools.bring()
