"""The uploaded files, wherever FILE_STORAGE keeps them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from django.core.files.base import File
from django.core.files.storage import Storage

from config.backup.archive import PIECE
from config.backup.exceptions import BackupError

IN_MEMORY = 1 << 23
"""Bytes of a file that are gathered in memory; a larger one is gathered on disk."""


def names_in(storage: Storage, folder: str = "") -> Iterator[str]:
    """Every file's name in the storage, folder by folder."""
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever kept there
        return
    for name in sorted(names):
        yield f"{folder}/{name}" if folder else name
    for inner in sorted(folders):
        yield from names_in(storage, f"{folder}/{inner}" if folder else inner)


def pieces_of(storage: Storage, name: str) -> Iterator[bytes]:
    """A file's content. Raises FileNotFoundError."""
    with storage.open(name) as file:
        yield from file.chunks(PIECE)


def digest_of(storage: Storage, name: str) -> str | None:
    """The file's SHA-256; None where there is no such file."""
    digest = hashlib.sha256()
    try:
        for piece in pieces_of(storage, name):
            digest.update(piece)
    except FileNotFoundError:
        return None
    return digest.hexdigest()


def put(storage: Storage, name: str, pieces: Iterable[bytes], told: dict[str, Any]) -> bool:
    """Keep a file under its name; whether it had to be written. Raises BackupError where it can't be."""
    if digest_of(storage, name) == told["sha256"]:
        return False
    try:
        with suppress(FileNotFoundError):
            storage.delete(name)
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
            file.writelines(pieces)
            file.seek(0)
            kept = storage.save(name, File(file))
    except OSError as error:
        raise BackupError(f"The file {name} could not be written: {error}") from error
    if kept != name or digest_of(storage, name) != told["sha256"]:
        raise BackupError(f"The file {name} was not kept as it was.")
    return True
