"""Answers that are not in memory: files, which granian reads by itself, and what is made while it is sent."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BufferedReader
from typing import Any, Protocol

import structlog
from django.core.files import File
from django.http import FileResponse
from django.http.response import HttpResponseBase
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from config.serving.cutting import cut_off

log = structlog.get_logger(__name__)
STREAMS = 16
"""So many answers a process makes while it sends them, each in a thread of its own: whoever reads slowly holds one of
those, and none that works for others."""
_threads = ThreadPoolExecutor(STREAMS, "stream")


class Stream(Protocol):
    """The body of an answer."""

    async def send(self, status: int, headers: list[tuple[str, str]], protocol: Any, client: str) -> None:
        """Send all of it to this client."""


@dataclass
class StoredFile:
    """A file on this machine."""

    path: str

    async def send(self, status: int, headers: list[tuple[str, str]], protocol: Any, client: str) -> None:
        protocol.response_file(status, headers, self.path)


@dataclass
class Made:
    """Pieces that Django makes one after the other, all in one thread: they may be rows of one connection. An empty
    piece says that more is being made. Where making them fails the connection is cut off: what was sent is not whole.
    Whoever hangs up is made nothing more."""

    response: Any

    async def send(self, status: int, headers: list[tuple[str, str]], protocol: Any, client: str) -> None:
        loop = asyncio.get_running_loop()
        transport = protocol.response_stream(status, headers)
        gone = asyncio.ensure_future(protocol.client_disconnect())

        async def sent(piece: bytes) -> None:
            await transport.send_bytes(piece)  # what granian gives is no coroutine of Python

        def make() -> None:
            try:
                for piece in self.response:
                    if gone.done():
                        return
                    if piece:
                        asyncio.run_coroutine_threadsafe(sent(piece), loop).result()
            except ProtocolClosed:  # the client hung up
                return
            except Exception:
                log.exception("answer broke off", client=client)
                cut_off(client)
            finally:
                self.response.close()

        try:
            await loop.run_in_executor(_threads, make)
        finally:
            gone.cancel()


def stream_of(response: HttpResponseBase) -> Stream:
    path = path_of(response)
    if path is None:
        return Made(response)
    response.close()
    return StoredFile(path)


def path_of(response: HttpResponseBase) -> str | None:
    """Where the file lies that the response is, all of it; None where it is none."""
    file = response.file_to_stream if isinstance(response, FileResponse) else None
    if isinstance(file, File):
        file = file.file
    if isinstance(file, BufferedReader) and isinstance(file.name, str) and file.tell() == 0:
        return file.name
    return None
