"""A script of the pages, run without a browser: by the Node that Playwright brings along."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable

STATIC = Path(__file__).parent.parent / "forms_app" / "static" / "forms_app"


def run_script(module: str, code: str, given: Any = None, page: Any = None) -> Any:
    """What `code`, the body of an async function, returns. It sees the exports of the module as `own` and `given`;
    `page` is what the server gave the page as its data."""
    text = json.dumps(page if page is not None else {})
    lines = (
        f"globalThis.document = {{ getElementById: () => ({{ textContent: {json.dumps(text)} }}) }};",
        f"const own = await import({json.dumps((STATIC / module).as_uri())});",
        f"const given = {json.dumps(given)};",
        f"const result = await (async () => {{ {code} }})();",
        "process.stdout.write(JSON.stringify(result ?? null));",
    )
    node, _cli = compute_driver_executable()
    done = subprocess.run(
        [node, "--input-type=module", "--no-warnings", "-"],
        input="\n".join(lines).encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
