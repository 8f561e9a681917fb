"""Answers that are not in memory: files, which granian reads by itself, and what is made while it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from typing import Any, Protocol

import structlog
from django.core.files import File
from django.http import FileResponse
from django.http.response import HttpResponseBase

from config.serving.cutting import cut_off
from config.serving.fifos import Fifo, ReaderGone, ReaderSlow

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
    piece says that more is being made. No more is made than the client takes. Where making them fails, or the client
    takes too little, the connection is cut off: what was sent is not whole."""

    response: Any

    async def send(self, status: int, headers: list[tuple[str, str]], protocol: Any, client: str) -> None:
        gone = asyncio.ensure_future(protocol.client_disconnect())

        def make() -> None:
            try:
                with Fifo() as fifo, suppress(ReaderGone):
                    protocol.response_file(status, headers, fifo.path)
                    fifo.open(gone.done)
                    self._write(fifo, gone.done, client)
            finally:
                self.response.close()

        try:
            await asyncio.get_running_loop().run_in_executor(_threads, make)
        finally:
            gone.cancel()

    def _write(self, fifo: Fifo, gone: Callable[[], bool], client: str) -> None:
        try:
            for piece in self.response:
                if gone():
                    return
                fifo.write(piece)
        except ReaderGone:
            raise
        except ReaderSlow:
            cut_off(client)
        except Exception:
            log.exception("answer broke off", client=client)
            cut_off(client)


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
