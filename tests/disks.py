"""Disks that get full."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadhandler import TemporaryFileUploadHandler


def no_room() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fill(monkeypatch: pytest.MonkeyPatch, after: int = 0) -> None:
    """Files are kept until `after` of them are; of the next one the disk takes a part."""
    kept: list[str] = []
    save = FileSystemStorage._save

    def full(self: Any, name: str, content: Any) -> str:
        if len(kept) < after:
            kept.append(name)
            return str(save(self, name, content))
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%PDF")
        raise no_room()

    monkeypatch.setattr(FileSystemStorage, "_save", full)


def fill_waiting_room(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The folder where uploads wait until they are read takes none."""

    def full(self: Any, *args: Any, **kwargs: Any) -> None:
        raise no_room()

    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", full)
