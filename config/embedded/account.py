"""The system user that the server runs as: PostgreSQL refuses to run as root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from config.embedded.exceptions import ClusterError


@dataclass(frozen=True)
class Account:
    """A system user that root becomes to run PostgreSQL's programs."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Give one file or folder of ours to this user."""
        os.chown(path, self.uid, self.gid)


def server_account(home: Path) -> Account | None:
    """Whom the server of this folder runs as; None when it is the user of this process.

    Raises ClusterError when this process is root and there is no other user to become.
    """
    if os.geteuid() != 0:
        return None
    # A folder that somebody made before stays theirs: PostgreSQL opens data of its own user only.
    if home.is_dir() and (owner := home.stat()).st_uid != 0:
        return Account(f"with id {owner.st_uid}", owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise ClusterError(
        "PostgreSQL doesn't run as root, and this machine has neither a user postgres nor nobody: run as an "
        "ordinary user, or set DATABASE_URL."
    )
