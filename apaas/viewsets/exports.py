"""All records of a selection as one file (docs/contract.md §5.6, ours)."""

from __future__ import annotations

from collections.abc import Iterator
from threading import BoundedSemaphore
from urllib.parse import quote

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from apaas.exceptions import Throttled
from apaas.requests.terms import projection
from apaas.viewsets.form_entities import FormEntityViewSet
from forms_app.exceptions import Refused
from forms_app.exporting.export import Export

MOST_AT_ONCE = 8
"""Exports that a process makes at a time: half of the threads that make answers while they send them, and of each a
connection to PostgreSQL."""
WAIT_SECONDS = 5
_free = BoundedSemaphore(MOST_AT_ONCE)


class ExportViewSet(FormEntityViewSet):
    """The list's selection, whole."""

    def export(self, request: Request) -> HttpResponseBase:
        """A file of all records that match, in order. It begins when the first records are there."""
        query = self.noted(self.filtered)
        names = self.noted(lambda: projection(self.form_schema, self.values["only_field_names"]))
        if query is None or self.faults:
            raise Refused(self.faults)
        values = self.values
        export = Export(query, names, values["format"], values["headings"], values["values"])
        response = StreamingHttpResponse(Counted(export), content_type=export.shape.content_type)
        response["Content-Disposition"] = disposition(export.file_name)
        response["X-Content-Type-Options"] = "nosniff"
        return response


class Counted:
    """The pieces of an export that holds one of the places until it is closed."""

    def __init__(self, export: Export) -> None:
        """Makes the first piece. Raises Throttled, and what that raises."""
        if not _free.acquire(blocking=False):
            raise Throttled(wait=WAIT_SECONDS)
        self._held = True
        self._pieces = export.pieces()
        try:
            self._first = next(self._pieces)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield self._first
            yield from self._pieces
        finally:
            self.close()

    def close(self) -> None:
        """Give the place and the connection back; at most once."""
        if self._held:
            self._held = False
            try:
                self._pieces.close()
            finally:
                _free.release()


def disposition(name: str) -> str:
    """A download of this name, as RFC 6266 says it of any script; old readers get what is ASCII of it."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
