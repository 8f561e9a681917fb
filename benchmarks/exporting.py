"""The export of a form as CSV over HTTP: when it begins, how fast it comes, and what it costs the server."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass

from benchmarks import forms
from benchmarks.web import WebServer

PATH = f"/apaas/api/v2/form_entities/export?custom_form_id={forms.FORM}&format=csv"
PIECE = 1 << 16
EVERY = 200
"""Pieces between two looks at the server's memory."""


@dataclass(frozen=True)
class Exported:
    first_byte: float
    seconds: float
    cpu: float
    """Of the server's processes; PostgreSQL's aside."""
    grown_mb: float
    """What they held more at most than before."""
    megabytes: float
    fault: str


def export(web: WebServer) -> Exported:
    """Read the whole export of the form, and nothing else meanwhile."""
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=120)
    before, cpu, began = web.memory(), web.cpu(), time.monotonic()
    connection.request("GET", PATH, headers=dict(web.headers))
    response = connection.getresponse()
    first_byte, size, most, pieces, fault = 0.0, 0, before, 0, ""
    try:
        while piece := response.read(PIECE):
            first_byte = first_byte or time.monotonic() - began
            size += len(piece)
            pieces += 1
            if pieces % EVERY == 0:
                most = max(most, web.memory())
    except http.client.HTTPException as error:
        fault = f"broken off: {error!r}"
    finally:
        connection.close()
    if response.status != 200:
        fault = f"status {response.status}"
    seconds = time.monotonic() - began
    return Exported(first_byte, seconds, web.cpu() - cpu, most - before, size / 1e6, fault)
