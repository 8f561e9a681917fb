"""PostgreSQL of an older major version than the embedded one: found on the machine, or brought to it
(`python -m tests.config.older`)."""

from __future__ import annotations

import sys
from pathlib import Path

from config.embedded.binaries import major_version
from tests.browser import apt_install


def programs() -> tuple[int, Path] | None:
    """Its major version and the folder of its programs; None where there is none."""
    found = {}
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin"):
        for folder in Path("/").glob(pattern):
            version = "".join(filter(str.isdigit, folder.parent.name))
            if (folder / "initdb").exists() and version and 15 <= int(version) < major_version():
                found[int(version)] = folder
    return min(found.items()) if found else None


def main() -> None:
    """Bring one unless it is there; ends with a sentence where that can't be done."""
    if programs() is None:
        apt_install("postgresql-15")
    if programs() is None:
        sys.exit(
            "The tests of upgrades can't run: no PostgreSQL of version 15 to 17 is installed. As root, on Debian:\n"
            "    apt-get install postgresql-15"
        )


if __name__ == "__main__":
    main()
