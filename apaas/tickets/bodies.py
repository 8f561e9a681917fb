"""What a call of the ticket API brings: JSON under any content type, an urlencoded form, or one of parts with files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.translation import gettext as _

from apaas import journal
from apaas.exceptions import MalformedBody
from apaas.requests.json_texts import parse_json, refuse_unstorable
from apaas.requests.reading import drain, from_pairs, is_empty, read_all, stream_of
from forms_app.exceptions import Fault, TooLarge

PIECE = 1 << 16
BLANK = b" \t\r\n\xef\xbb\xbf"
"""What may stand before JSON, a byte order mark included."""


@dataclass(frozen=True)
class Sent:
    """The parameters, empty ones dropped, and the files by the name of their parts."""

    params: dict[str, Any]
    files: Mapping[str, list[UploadedFile]] = field(default_factory=dict)


@contextmanager
def received(request: HttpRequest) -> Iterator[Sent]:
    """What the request's body holds, whatever its content type says; its files are there until the block ends. Raises
    MalformedBody, Refused, TooLarge."""
    for sent in brought(request):
        journal.saw(request, sent={**sent.params, **sent.files})
        yield sent


def brought(request: HttpRequest) -> Iterator[Sent]:
    """The same as one item."""
    stream, announced = stream_of(request)
    if request.content_type != "multipart/form-data":
        yield Sent(given(parsed(read_all(stream, announced))))
        return
    if stream is request:
        yield from parts(request, Remembering(stream), announced)
        return
    with SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE) as body:
        while piece := read_some(stream, PIECE):
            body.write(piece)
            if body.tell() > settings.MAX_UPLOAD_BYTES:
                refuse_upload(stream)
        announced = body.tell()
        body.seek(0)
        yield from parts(request, Remembering(body), announced)


def given(params: dict[str, Any]) -> dict[str, Any]:
    """An empty parameter is one that was not given."""
    return {name: value for name, value in params.items() if not is_empty(value)}


def parsed(body: bytes) -> dict[str, Any]:
    """The parameters of a JSON object, or of a urlencoded form."""
    if body.lstrip(BLANK)[:1] in (b"{", b"["):
        value = parse_json(body)
        if not isinstance(value, dict):
            raise MalformedBody(str(_("The body must be a JSON object.")))
        if b"\\u" in body:
            refuse_unstorable(value)
        return value
    try:
        text = body.decode("utf-8-sig").strip()
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20_000)
    except ValueError as error:
        message = _("The body is neither a JSON object nor a form (urlencoded or multipart).")
        raise MalformedBody(str(message)) from error
    return dict(from_pairs(pairs, lists=False))


class Remembering:
    """A stream whose first bytes can be looked at before it is read, and that knows how much of it was read."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.count = 0
        self.head = b""

    def peek(self) -> bytes:
        """The first bytes; they are read again."""
        if not self.head:
            self.head = read_some(self.stream, PIECE)
        return self.head

    def read(self, size: int = PIECE) -> bytes:
        piece, self.head = self.head[:size], self.head[size:]
        if len(piece) < size:
            piece += read_some(self.stream, size - len(piece))
        self.count += len(piece)
        return piece


def read_some(stream: Any, size: int) -> bytes:
    """Some bytes of the body. Raises MalformedBody when the client has gone."""
    try:
        piece: bytes = stream.read(size)
    except OSError as error:  # UnreadablePostError is one
        raise MalformedBody(str(_("The body ended early."))) from error
    return piece


def parts(request: HttpRequest, source: Remembering, announced: int) -> Iterator[Sent]:
    """The parts of a multipart body, its files kept on disk beyond a size; or the JSON that was sent under its name."""
    if announced > settings.MAX_UPLOAD_BYTES:
        refuse_upload(source.stream)
    if source.peek().lstrip(BLANK)[:1] in (b"{", b"["):
        yield Sent(given(parsed(read_all(source, announced))))
        return
    meta = {**request.META, "CONTENT_LENGTH": str(announced)}
    files: Any = {}
    try:
        try:
            texts, files = MultiPartParser(meta, source, request.upload_handlers, "utf-8").parse()  # type: ignore[arg-type]
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent) as error:
            drain(source)
            message = _("The body has too many parts, or too much text in them.")
            raise TooLarge([Fault("body_too_large", message, field="body")]) from error
        except MultiPartParserError as error:
            raise MalformedBody(str(_("The multipart body is malformed."))) from error
        if source.count < announced:  # some servers tell of a client that went away by an end, not by an error
            raise MalformedBody(str(_("The body ended early.")))
        pairs = [(name, text) for name, values in texts.lists() for text in values]
        yield Sent(given(from_pairs(pairs, lists=False)), dict(files.lists()))
    finally:
        for uploads in dict(files.lists() if files else ()).values():
            for upload in uploads:
                upload.close()


def refuse_upload(stream: Any) -> NoReturn:
    """Read the rest away and refuse."""
    limit = settings.MAX_UPLOAD_BYTES
    drain(stream)
    message = _("The body may have at most {limit} bytes.").format(limit=limit)
    raise TooLarge([Fault("body_too_large", message, field="body", allowed=limit)])
