"""Uploading a file for a file field, and fetching it (docs/contract.md §2.5, ours)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import Any, NoReturn
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from apaas.authentication import token_of
from apaas.exceptions import UnsupportedMediaType
from apaas.requests.idempotency import REQUEST_TICKET, key_of, sha256_of
from apaas.requests.parameters import checked
from apaas.requests.readers import fault
from apaas.requests.reading import drain, from_query, query_of, stream_of
from apaas.viewsets.base import ApiViewSet
from apaas.viewsets.exactly_once import done_once
from forms_app.exceptions import Refused, TooLarge
from forms_app.files.storing import file_item, file_store, signed_file
from forms_app.idempotency.keeping import digest_of
from forms_app.people.permission import may_write
from forms_app.tickets.sight import file_for

NAMES = ("file", "csrfmiddlewaretoken", REQUEST_TICKET)
SURROUNDING = 1 << 20
"""What a multipart body may hold beside its file."""


class FileViewSet(ApiViewSet):
    """Files of the caller's organization."""

    by_address: bool
    """Whether the address alone opens the file: it is signed, and nobody said who calls."""
    parser_classes = [MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """As of all calls; but an address that is signed needs no caller. Raises NotAuthenticated, Throttled."""
        http = request._request
        self.by_address = self.action == "download" and "signature" in http.GET and token_of(http) is None
        if self.by_address:
            request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        else:
            super().initial(request, *args, **kwargs)

    def upload(self, request: Request) -> HttpResponseBase:
        """One `file` part of a multipart body; gives one item for a file field."""
        may_write(self.actor)
        if not (request.content_type or "").startswith("multipart/form-data"):
            raise UnsupportedMediaType(request.content_type or "", "multipart/form-data")
        query = from_query(query_of(request._request))
        faults = self.faults
        faults += checked("upload", query)[1]
        with sized(request._request):
            self.limited(request)
            files: Any = request.FILES.getlist("file")
            unknown = [name for name in {*request.FILES, *request.data} if name not in NAMES]
            faults += [
                fault(name[:128], "unknown_parameter", _("This call has no such parameter.")) for name in unknown
            ]
            sent: Any = request.data
            key = self.noted(lambda: key_of(request._request, {**query, **sent.dict()}))
            if len(files) != 1:
                faults.append(fault("file", "required", _("One part named file is needed."), len(files)))
            if faults:
                raise Refused(faults)
            uploaded = files[0]

            def store() -> HttpResponseBase:
                return self.answer(file_item(file_store(content=uploaded, name=uploaded.name, actor=self.actor)))

            return (
                store()
                if key is None
                else done_once(self, key, digest_of("upload", uploaded.name, sha256_of(uploaded)), store)
            )

    def limited(self, request: Request) -> None:
        """Reads the parts. Raises TooLarge over a limit of Django's: many parts, or much text in them."""
        try:
            request.FILES  # noqa: B018  reads
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent) as error:
            message = _("The body has too many parts, or too much text in them.")
            raise TooLarge([fault("body", "body_too_large", message)]) from error

    def download(self, request: Request, token: str) -> HttpResponseBase:
        """The file, always as a download: never shown by the browser as a page of this site."""
        values = self.checked_values()
        if self.by_address:
            stored = signed_file(token=token, until=values["until"] or 0, signature=values["signature"])
        else:
            stored = file_for(token=token, actor=self.actor)
        response = FileResponse(stored.content.open("rb"), content_type="application/octet-stream")
        response["Content-Length"] = str(stored.size)
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stored.name, safe='')}"
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response


@contextmanager
def sized(request: HttpRequest) -> Iterator[None]:
    """Refuses a body that holds more than any file may have before it fills the disk, and gives a chunked one the
    length without which Django takes it for empty. Raises TooLarge."""
    stream, announced = stream_of(request)
    most = settings.MAX_FILE_BYTES + SURROUNDING
    if announced > most:
        drain(stream)
        refuse_file(announced)
    if stream is request:
        yield
        return
    with SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE) as body:
        while piece := stream.read(1 << 20):
            body.write(piece)
            if body.tell() > most:
                drain(stream)
                refuse_file(body.tell())
        request.META["CONTENT_LENGTH"] = str(body.tell())
        body.seek(0)
        request._stream = body  # type: ignore[assignment]
        yield


def refuse_file(size: int) -> NoReturn:
    message = _("A file may have at most {limit} bytes.").format(limit=settings.MAX_FILE_BYTES)
    raise TooLarge([fault("file", "file_too_large", message, size, settings.MAX_FILE_BYTES)])
