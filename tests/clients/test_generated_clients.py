"""Programs that others wrote read the OpenAPI document: nothing is lost to them, and nothing real is destroyed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients import tools
from tests.clients.conftest import Demo

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("brought")]
PROGRAMS = Path(__file__).parent / "programs"


def run(*command: str | Path, cwd: Path, **more: str) -> str:
    """What the program prints. Fails with what it said."""
    environment = {**os.environ, "NODE_PATH": str(tools.MODULES), **more}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, timeout=540
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + (done.stderr if "generate" in command else "")


def operations(path: Path) -> dict[str, Any]:
    document = json.loads(path.read_text())
    return {each["operationId"]: each for item in document["paths"].values() for each in item.values()}


@pytest.mark.parametrize("form_id", [2, None])
def test_openapi_python_client_makes_every_call(demo: Demo, tmp_path: Path, form_id: int | None) -> None:
    path = demo.written(tmp_path, form_id)
    said = run(tools.PYTHON / "openapi-python-client", "generate", "--path", path, "--output-path", "client",
               "--meta", "none", cwd=tmp_path, PATH=f"{tools.PYTHON}:{os.environ['PATH']}")  # fmt: skip
    assert "will not be generated" not in said and "Unable to" not in said and "WARNING" not in said, said
    modules = {each.stem.rstrip("_") for each in (tmp_path / "client" / "api").glob("*/*.py")} - {""}
    assert set(operations(path)) <= modules
    if form_id is None:
        return
    (tmp_path / "use.py").write_text((PROGRAMS / "generated.py").read_text())
    told = json.loads(run(tools.PYTHON / "python", "use.py", demo.url, demo.token, cwd=tmp_path))
    assert told == {
        "listed": [{"id": 11}, {"id": 30}],
        "ids": told["ids"],
        "asked": [["id", "user"]] * 2,
        "title": "改过",
        "owner": 2,
    }
    assert sorted(told["ids"]) == [11, 30]


def test_openapi_typescript_types_every_call(demo: Demo, tmp_path: Path) -> None:
    path = demo.written(tmp_path)
    run(tools.node(), tools.MODULES / "openapi-typescript" / "bin" / "cli.js", path, "-o", "api.ts", cwd=tmp_path)
    typed = (tmp_path / "api.ts").read_text()
    assert [name for name in operations(path) if f"    {name}: {{" not in typed] == []
    (tmp_path / "use.ts").write_text((PROGRAMS / "generated.ts").read_text())
    strict = ("--strict", "--target", "es2022", "--module", "commonjs", "--lib", "es2022,dom,dom.iterable")
    run(tools.node(), tools.MODULES / "typescript" / "bin" / "tsc", *strict, "use.ts", cwd=tmp_path)
    told = json.loads(run(tools.node(), "use.js", demo.url, demo.token, cwd=tmp_path))
    assert told["listed"] == [11, 30]
    assert sorted(told["ids"]) == [11, 30]
    assert told["asked"] == [{"id": 11}, {"id": 30}]
    assert told["title"] == "由 TypeScript 新建"


NOBODY = {
    *("update", "transfer", "mass_destroy", "restore", "download", "role", "role_update", "role_delete"),
    *("token_update", "token_revoke", "token_rotate"),
    *("webhook", "webhook_update", "webhook_delete", "webhook_deliveries", "webhook_replay"),
}
"""Calls whose examples name nothing that is there."""


def test_a_postman_run_calls_everything_and_destroys_nothing(demo: Demo, tmp_path: Path) -> None:
    path = demo.written(tmp_path)
    run(tools.node(), PROGRAMS / "convert.js", path, "collection.json", cwd=tmp_path)
    before = demo.records()
    people = demo.ask("GET", "user/list?per_page=1000"), demo.ask("GET", "departments")
    run(tools.node(), tools.MODULES / "newman" / "bin" / "newman.js", "run", "collection.json", "--env-var",
        f"apiKey={demo.token}", "--reporters", "json", "--reporter-json-export", "run.json", cwd=tmp_path)  # fmt: skip
    made = json.loads((tmp_path / "run.json").read_text())["run"]["executions"]
    statuses = [(each["item"]["name"], each["response"]["code"]) for each in made]
    assert len(statuses) == len(operations(path))
    titles = {operation["summary"]: name.partition("_by_")[0] for name, operation in operations(path).items()}
    for title, status in statuses:
        # Of an upload no file is known, so the one without parts is refused; the form has no unique field.
        expected = 404 if titles[title] in NOBODY else 400 if titles[title] in ("upload", "mass_upsert") else 200
        assert status == expected, (title, statuses)
    after = demo.records()
    assert {key: after.get(key) for key in before} == before
    assert len(after) == len(before) + 1  # by create
    assert (demo.ask("GET", "user/list?per_page=1000"), demo.ask("GET", "departments")) == people
