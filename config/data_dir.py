"""DATA_DIR: the folder of what a running copy keeps on disk, and the files in it that hold secrets."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SECRET_KEY_FILE = "secret_key"


def make_data_dir(folder: Path) -> Path:
    """Make the folder if it is absent, closed to other users, and give it back.

    Made by root it can be walked through (not listed) by others: the embedded server runs as another user
    and lives in a subfolder. A folder that is there already keeps the rights that its owner gave it.
    Raises ImproperlyConfigured when it can't be made or written to.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR {folder} can't be made: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(
            f"DATA_DIR {folder} can't be written to by this user: it belongs to user id "
            f"{folder.stat().st_uid}. Run as that user, or set DATA_DIR to a folder of your own."
        )
    return folder


def write_private(path: Path, text: str) -> None:
    """Put the text in place of what the file held, in one step, readable by its owner only."""
    draft = _draft(path, text)
    draft.replace(path)


def read_or_make_private(path: Path, make: Callable[[], str]) -> str:
    """The file's text; when there is no file, that of `make`, kept from now on.

    Of several processes that come at the same time one writes, and all give back what it wrote.
    """
    try:
        return path.read_text()
    except FileNotFoundError:
        draft = _draft(path, make())
    try:
        # link(2) fails when the name is taken, where rename would put a second secret over the first.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()


def read_or_make_secret_key(folder: Path) -> str:
    """The key that quickstart and the tests sign with, made on the first call."""
    return read_or_make_private(make_data_dir(folder) / SECRET_KEY_FILE, lambda: secrets.token_urlsafe(50))


def stored_secret_key(folder: Path) -> str:
    """The key if there is one that this user can read, else an empty text: importing settings needs none."""
    try:
        return (folder / SECRET_KEY_FILE).read_text()
    except OSError:
        return ""


def _draft(path: Path, text: str) -> Path:
    """A new file beside `path` with the text in it, readable by its owner only."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft
