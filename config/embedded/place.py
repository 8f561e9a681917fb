"""Where the cluster and its socket lie."""

import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path

from config.data_dir import make_data_dir
from config.embedded import binaries
from config.embedded.account import Account, server_account
from config.embedded.exceptions import ClusterError

SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 103
"""The kernel's limit for a socket's path: 107 bytes on Linux, 103 on macOS."""


def make_home(folder: Path, major: int) -> tuple[Path, Account | None]:
    """Make the place of one major version's cluster; give it back with the user that the server runs as.

    `folder` lies in DATA_DIR. When root's DATA_DIR can't be entered by the server's user, `folder` becomes a
    link to a place that it can enter; the rights of folders that aren't ours are left as they are.
    Raises ClusterError when there is no such place, or another major version's data lie there.
    """
    make_data_dir(folder.parent)
    account = server_account(folder / str(major))
    if folder.is_symlink() and not folder.exists():
        raise ClusterError(
            f"{folder} points to {folder.readlink()}, where nothing is any more. Bring it back, or delete the "
            "link to begin with an empty database."
        )
    if not folder.exists():
        if account is not None and not binaries.can_enter(folder.parent, account):
            _link_elsewhere(folder)
        else:
            folder.mkdir(mode=0o700 if account is None else 0o711, exist_ok=True)
    elif account is not None and not binaries.can_enter(folder.resolve(), account):
        raise ClusterError(
            f"The user {account.name}, as whom root runs PostgreSQL, can't enter {folder.resolve()}: give that "
            "folder and those above it the right to be entered (chmod o+x), or move DATA_DIR, or set "
            "DATABASE_URL."
        )
    home = folder.resolve() / str(major)
    if not home.is_dir():
        _refuse_other_versions(folder, major)
        home.mkdir(mode=0o700, exist_ok=True)
        if account is not None:
            account.own(home)
    return home, account


def _link_elsewhere(folder: Path) -> None:
    """Make the folder a link to a new place of the server's own."""
    try:
        binaries.make_shared_folder()
        # A new name each time: a DATA_DIR that was deleted and made again must not find its old database.
        place = Path(tempfile.mkdtemp(prefix="cluster-", dir=binaries.SHARED_FOLDER))
        place.chmod(0o711)
    except OSError as error:
        raise ClusterError(
            f"PostgreSQL, which doesn't run as root, can't enter {folder.parent}, and no place for it could be "
            f"made in {binaries.SHARED_FOLDER}: {error}. Set DATA_DIR to a folder that other users can enter, "
            "or set DATABASE_URL."
        ) from error
    try:
        folder.symlink_to(place)
    except FileExistsError:
        # Another process was first; its place is the one.
        place.rmdir()


def versions_in(folder: Path) -> list[int]:
    """The major versions that have a database there, in order."""
    found = (entry.name for entry in folder.iterdir() if (entry / "data" / "PG_VERSION").exists())
    return sorted(int(name) for name in found if name.isdecimal())


def _refuse_other_versions(folder: Path, major: int) -> None:
    others = [str(version) for version in versions_in(folder)]
    if others:
        raise ClusterError(
            f"{folder} holds a database of PostgreSQL {', '.join(others)}, and the installed programs are of "
            f"version {major}, which can't read it. To bring it over: .venv/bin/python manage.py upgrade_cluster"
        )


def socket_folder(home: Path) -> Path:
    """The folder of the server's socket: in `home` when that path is short and plain, else in /tmp.

    It is not the data folder: a copy of that, for a standby, would carry the socket's lock with it.
    """
    inside = home / "run"
    fits = len(os.fsencode(inside / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
    # libpq and PostgreSQL's settings both read a comma, a quote and more in a path as something else.
    if fits and re.fullmatch(r"[\w./-]+", str(inside), re.ASCII):
        return inside
    return Path("/tmp") / f"apaas-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"


def make_socket_folder(path: Path, account: Account | None) -> None:
    """Make the socket's folder; whoever can enter it is let in by the server.

    Raises ClusterError when a folder of another user's, or one open to others, stands in its place.
    """
    try:
        path.mkdir(mode=0o700)
        if account is not None:
            account.own(path)
    except FileExistsError:
        pass
    status = path.lstat()
    owner = os.geteuid() if account is None else account.uid
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or stat.S_IMODE(status.st_mode) & 0o077:
        raise ClusterError(f"{path}, where the database's socket belongs, is there already and not ours: remove it.")
