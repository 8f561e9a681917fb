"""The archive: parts that are written one after the other, and read back with their checksums."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.backup.exceptions import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
PIECE = 1 << 20
LEVEL = 1
"""Of compression: rows shrink to a fifth, and more would take longer than the database does."""


class Writer:
    """An archive that is being written, beside its place."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file

    def put(self, name: str, pieces: Iterable[bytes]) -> dict[str, Any]:
        """Write a part; what the manifest says of it."""
        digest, size = hashlib.sha256(), 0
        with self._file.open(name, "w", force_zip64=True) as part:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                part.write(piece)
        return {"bytes": size, "sha256": digest.hexdigest()}

    def end(self, manifest: dict[str, Any]) -> None:
        """Write what all of it is; without that it is no backup."""
        text = json.dumps({"format": FORMAT, **manifest}, ensure_ascii=False, indent=1)
        self._file.writestr(MANIFEST, text)


@contextmanager
def written(path: Path) -> Iterator[Writer]:
    """An archive that is in its place, whole and on the disk, when the block has ended; nothing is left of one that
    broke off. Only its owner can read it. Raises BackupError where there is a file already, or no room."""
    if path.exists():
        raise BackupError(f"{path} exists already.")
    part = path.with_name(f"{path.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError as error:
        raise BackupError(f"{path} could not be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)


class Reader:
    """An archive and its manifest."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        try:
            self.manifest: dict[str, Any] = json.loads(file.read(MANIFEST))
        except (KeyError, ValueError) as error:
            raise BackupError("This is no backup of this product: it has no manifest.") from error
        if self.manifest.get("format") != FORMAT:
            raise BackupError(f"This backup is of format {self.manifest.get('format')}; this program reads {FORMAT}.")

    def pieces(self, name: str, told: dict[str, Any]) -> Iterator[bytes]:
        """A part, piece by piece. Raises BackupError behind the last one where it is not what was written."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._file.open(name) as part:
                while piece := part.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
                    yield piece
        except (KeyError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise BackupError(f"{name} of the backup can't be read: {error}") from error
        if (size, digest.hexdigest()) != (told["bytes"], told["sha256"]):
            raise BackupError(f"{name} of the backup is not what was written: the file is damaged.")

    def text(self, name: str, told: dict[str, Any]) -> str:
        """A part that is text."""
        return b"".join(self.pieces(name, told)).decode()


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """An archive to read. Raises BackupError where there is none, or it was cut off."""
    try:
        with zipfile.ZipFile(path) as file:
            yield Reader(file)
    except FileNotFoundError as error:
        raise BackupError(f"{path} does not exist.") from error
    except (zipfile.BadZipFile, IsADirectoryError, PermissionError) as error:
        raise BackupError(f"{path} is no backup, or was cut off: {error}") from error
