"""The samples of the pages: which are run, in what order, and how they are run against a demo that serves.

- `bash` and `python` blocks are run, all of a page in its order, in one shell. A Python block is a program of its own;
  one whose first line is a comment with a file's name is written into that file.
- `json` right behind such a block is the answer of its last call: the keys and their order are compared.
- `sh` is for other machines or starts something that lasts; `NOT_RUN` of the test lists these.
- A line `# answers an error` says that the last call of its block is refused.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.docs.pages import FENCE, ROOT

RUN = ("bash", "python")
REFUSED = "# answers an error"
NOT_RUN = ("sh", "nginx", "ini", "yaml", "javascript")
LANGUAGES = {*RUN, *NOT_RUN, "json", "text"}

CURL = """#!/bin/bash
# curl, with a copy of each answer and its status for the test.
mkdir -p "$CALLS/$BLOCK"
name="$CALLS/$BLOCK/$(date +%s%N)"
"$REAL_CURL" "$@" -D "$name.head" | tee "$name.body"
exit "${PIPESTATUS[0]}"
"""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    text: str
    line: int
    answer: str = ""
    """The JSON block right behind it."""

    @property
    def first(self) -> str:
        return self.text.strip().partition("\n")[0]


@dataclass
class Demo:
    """A copy that serves: where, and what opens it."""

    url: str
    token: str
    password: str
    data_dir: Path
    work: Path
    """Where the blocks are run: it looks like a clone of the product."""


def blocks(text: str) -> list[Block]:
    found: list[Block] = []
    matches = list(FENCE.finditer(text))
    for place, match in enumerate(matches):
        following = matches[place + 1] if place + 1 < len(matches) else None
        behind = following is not None and not text[match.end() : following.start()].strip()
        answer = following[2] if following is not None and behind and following[1] == "json" else ""
        found.append(Block(match[1], match[2], text.count("\n", 0, match.start()) + 1, answer))
    return found


def filled_in(text: str, demo: Demo) -> str:
    """What a reader puts in the place of what only they know."""
    text = text.replace("http://127.0.0.1:8000", demo.url)
    return text.replace("<the token that make run printed>", demo.token).replace(
        "<the password that make run printed>", demo.password
    )


def program(found: list[Block], demo: Demo) -> str:
    """All blocks of a page as one script."""
    lines = ["set -eu -o pipefail"]
    for block in found:
        if block.language not in RUN:
            continue
        text = filled_in(block.text, demo)
        lines.append(f"export BLOCK={block.line}\necho '@@' line {block.line} >&2")
        if block.language == "bash":
            lines.append(text)
        elif named := re.match(r"# (\w+\.py)\n", text):
            lines.append(f"cat > {named[1]} <<'END-OF-FILE'\n{text}END-OF-FILE")
        else:
            lines.append(f".venv/bin/python - <<'END-OF-FILE'\n{text}END-OF-FILE")
    return "\n".join(lines)


def prepare(work: Path) -> None:
    """A folder that looks like a clone whose packages are installed: the product's files, and .venv/bin/python."""
    work.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in (".venv", ".data", ".git"):
            (work / entry.name).symlink_to(entry)
    programs = work / ".venv" / "bin"
    programs.mkdir(parents=True)
    real = Path(sys.executable).parent
    for name in ("pip", "granian"):
        (programs / name).symlink_to(real / name)
    wrapper = programs / "python"
    wrapper.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    wrapper.chmod(0o755)
    curl = work / "programs" / "curl"
    curl.parent.mkdir()
    curl.write_text(CURL)
    curl.chmod(0o755)


def run(found: list[Block], demo: Demo, environment: dict[str, str]) -> dict[int, list[tuple[int, Any]]]:
    """The page's calls by curl: line of the block → status and body of each. The script must end well."""
    calls = demo.work / "calls"
    shutil.rmtree(calls, ignore_errors=True)
    real = shutil.which("curl")
    assert real
    own = {"CALLS": str(calls), "REAL_CURL": real, "NO_PROXY": "*"}
    path = f"{demo.work / 'programs'}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", program(found, demo)],
        cwd=demo.work,
        env={**environment, **own, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return {block.line: answers(calls / str(block.line)) for block in found}


def answers(folder: Path) -> list[tuple[int, Any]]:
    found: list[tuple[int, Any]] = []
    for body in sorted(folder.glob("*.body")):
        statuses = re.findall(r"^HTTP/\S+ (\d+)", body.with_suffix(".head").read_text(), re.MULTILINE)
        try:
            found.append((int(statuses[-1]), json.loads(body.read_bytes())))
        except ValueError:
            found.append((int(statuses[-1]), None))
    return found


def succeeded(status: int, body: Any) -> bool:
    """Whether a call did what it was asked to: the ticket API says so in its body alone."""
    if status >= 400:
        return False
    return not isinstance(body, dict) or (body.get("code", 0) == 0 and str(body.get("status", 200)) == "200")


def differences(written: Any, answered: Any, at: str = "answer") -> list[str]:
    """Where the answer of a page is shaped otherwise than the real one. A null or an empty list may stand for
    anything."""
    if written is None or answered is None or written == [] or answered == []:
        return []
    if isinstance(written, dict) and isinstance(answered, dict):
        if list(written) != list(answered):
            return [f"{at}: {list(written)} is written, {list(answered)} is answered"]
        return [one for key in written for one in differences(written[key], answered[key], f"{at}.{key}")]
    if isinstance(written, list) and isinstance(answered, list):
        return differences(written[0], answered[0], f"{at}[0]")
    if type(written) is not type(answered) and not {type(written), type(answered)} <= {int, float}:
        return [f"{at}: {written!r} is written, {answered!r} is answered"]
    return []
