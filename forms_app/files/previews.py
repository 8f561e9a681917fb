"""Sheets of people between their preview and its confirmation: a day, with the other files, which all machines see."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.crypto import get_random_string
from import_export.tmp_storages import BaseStorage

FOLDER = "previews"
NAME = re.compile(r"[a-z0-9]{32}", re.ASCII)
KEPT = timedelta(days=1)


class PreviewStorage(BaseStorage):
    """django-import-export's place for an uploaded sheet. Its name comes back with the confirmation, so none but those
    of sheets are taken."""

    def save(self, data: bytes) -> None:
        self.name = get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789")
        default_storage.save(self.path, ContentFile(data))

    def read(self) -> Any:
        """Raises FileNotFoundError where it is not kept any more."""
        with default_storage.open(self.path) as file:
            return file.read()

    def remove(self) -> None:
        default_storage.delete(self.path)

    @property
    def path(self) -> str:
        if not NAME.fullmatch(self.name or ""):
            raise FileNotFoundError(self.name)
        return f"{FOLDER}/{self.name}"


def previews_remove() -> int:
    """Remove the sheets that nobody confirmed within a day; how many."""
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:  # there was none yet
        return 0
    gone = 0
    before = timezone.now() - KEPT
    for name in names:
        path = f"{FOLDER}/{name}"
        try:
            if default_storage.get_modified_time(path) < before:
                default_storage.delete(path)
                gone += 1
        except FileNotFoundError:  # confirmed meanwhile
            continue
    return gone
