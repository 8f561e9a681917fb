"""Rows as an export reads them: millions, most of whose texts go into a file as they came."""

from __future__ import annotations

from typing import NamedTuple


class EncodedRow(NamedTuple):
    """An EntityRow whose texts are bytes of UTF-8."""

    id: int
    owner_uid: int
    created_at: bytes
    updated_at: bytes
    data: bytes
    version: int
