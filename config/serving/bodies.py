"""A request's body, read before a thread is taken: one that trickles costs a connection and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from django.conf import settings

IN_MEMORY = 262_144
"""Bytes; a longer body goes to disk."""
PATIENCE = 30.0
"""Seconds that a body may take however short it is; then it must have come at SLOWEST."""
SLOWEST = 1_000
"""Bytes a second."""
BESIDE_FILES = 1 << 20
"""Bytes that a multipart body may hold beside its files."""
MULTIPART = "multipart/"


class Body:
    """What came of a body. `complete`: it ended as its client said it would."""

    def __init__(self) -> None:
        self.file = cast(IO[bytes], SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 - closed by who reads it
        self.size = 0
        self.complete = False

    async def read(self, protocol: Any, environ: Mapping[str, Any]) -> None:
        """Read what comes. Beyond what may be kept only that there was more is; beyond MAX_DRAIN_BYTES nothing is
        read. Raises OSError where a disk is full."""
        kept, most = most_bytes(environ), max(settings.MAX_DRAIN_BYTES, most_bytes(environ))
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(PATIENCE) as limit:
                async for piece in protocol:
                    if self.size <= kept:
                        self.file.write(piece)
                    self.size += len(piece)
                    if self.size > most:
                        break
                    limit.reschedule(began + PATIENCE + self.size / SLOWEST)
            announced = environ.get("CONTENT_LENGTH", "")
            self.complete = not announced.isdecimal() or self.size >= min(int(announced), most)
        except (TimeoutError, RuntimeError):  # granian says by a RuntimeError that the connection is lost
            self.complete = False
        self.file.seek(0)


def has_body(headers: Any) -> bool:
    """By the headers of RSGI, whose names are in small letters."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def most_bytes(environ: Mapping[str, Any]) -> int:
    """So much of a body any call may look at; the calls themselves refuse what is over their limit."""
    if environ.get("CONTENT_TYPE", "").startswith(MULTIPART):
        return max(settings.MAX_UPLOAD_BYTES, settings.MAX_FILE_BYTES) + BESIDE_FILES
    return settings.MAX_BODY_BYTES
