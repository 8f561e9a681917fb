"""Cutting off a connection, so that an answer that broke off does not look whole.

granian ends an answer that is sent piece by piece in due form, whether or not its application failed: the client would
read a file with its end missing as a complete one. RSGI has no word for "broken off", and does not tell the socket; so
it is found among those of this process by the client's address.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

OPEN_FILES = (Path("/proc/self/fd"), Path("/dev/fd"))


def cut_off(client: str) -> bool:
    """End the connection of this client (`address:port`) at once. False where it is not found: it is gone, or did not
    come by TCP."""
    host, _colon, port = client.rpartition(":")
    found = False
    for number in _open_files():
        with suppress(OSError), socket.socket(fileno=os.dup(number)) as copy:
            peer = copy.getpeername()
            if isinstance(peer, tuple) and (str(peer[0]), str(peer[1])) == (host.strip("[]"), port):
                copy.shutdown(socket.SHUT_RDWR)
                found = True
    return found


def _open_files() -> list[int]:
    folder = next((folder for folder in OPEN_FILES if folder.exists()), None)
    return [int(name) for name in os.listdir(folder) if name.isdigit()] if folder else []
