"""Uploads to tickets that are refused: too large, cut short, programs, hostile names, a full disk."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import translation
from pytest_django import Settings

from apaas.errors import DISK_FULL
from apaas.tickets.answers import LANGUAGE
from forms_app.models import StoredFile, Ticket
from tests import disks
from tests.apaas.tickets.conftest import EDIT, Desk, reason, uploads
from tests.apaas.tickets.test_ticket_files import CREATE, PDF, Kept, nothing_kept
from tests.seeds import ticket_document as document


def test_a_full_disk_fails_in_the_document_s_words_and_leaves_nothing(
    desk: Desk, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    disks.fill(monkeypatch, after=1)
    said = reason(desk.form(CREATE, {"files": [("a", b"a"), ("b", b"b")]}), document.CREATE_FAILED)
    assert said == "files[1]: 伺服器已沒有存放檔案的空間，未保存任何內容。"
    assert nothing_kept(kept)
    assert not Ticket.objects.exists()


def test_a_full_folder_of_waiting_uploads_fails_likewise(
    desk: Desk, kept: Kept, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    disks.fill_waiting_room(monkeypatch, settings)
    with translation.override(LANGUAGE):
        said = str(DISK_FULL.remark)
    assert reason(desk.form(CREATE, {"files": ("a", b"a")}), document.CREATE_FAILED) == said
    assert nothing_kept(kept)


def test_limits_are_settings(desk: Desk, settings: Settings, kept: Kept) -> None:
    settings.MAX_FILE_BYTES = 5
    told = reason(desk.form(CREATE, {"files": [("a", b"a"), ("b", b"123456")]}), document.CREATE_FAILED)
    assert told.startswith("files[1]: ")
    settings.MAX_TICKET_FILES = 1
    told = reason(desk.form(CREATE, {"files": [("a", b"a"), ("b", b"b")]}), document.CREATE_FAILED)
    assert told.startswith("files: ")
    settings.FILE_TYPES = ["image/*"]
    told = reason(desk.form(CREATE, {"files": ("a.png", b"text")}), document.CREATE_FAILED)
    assert told.startswith("files[0]: ")
    assert "text/plain" in told
    settings.MAX_UPLOAD_BYTES = 100
    assert reason(desk.form(CREATE, {"files": ("a", b"x" * 200)}), document.CREATE_FAILED).startswith("body: ")
    assert nothing_kept(kept)


def test_a_program_is_refused_whatever_it_is_called(desk: Desk, kept: Kept) -> None:
    told = reason(desk.form(CREATE, {"files": ("a.pdf", b"MZ\x90\0\x03\0\0\0")}), document.CREATE_FAILED)
    assert "portable-executable" in told
    assert nothing_kept(kept)


def test_hostile_names_are_made_harmless(desk: Desk) -> None:
    values = {**CREATE, "security": desk.security}
    raw = encode_multipart(BOUNDARY, {**values, **uploads({"files": ("PLACE", b"a")})})
    for name in (
        "..",
        "/etc/passwd",
        "x" * 400,
        " ",
        "\u202egnp.exe",
        "a\tb",
        "C:\\x\\y.txt",
        "é.txt",
        "a\0b",
        "a\r\nb",
    ):
        hostile = raw.replace(b"PLACE", name.encode())
        assert desk.send(EDIT + "tickets", hostile, CONTENT_TYPE=MULTIPART_CONTENT).content
    assert StoredFile.objects.count() >= 5
    for row in StoredFile.objects.all():
        assert row.name
        assert len(row.name) <= 255
        assert not set(row.name) & set("/\\\x00\r\n\t\u202e")


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_body_that_ends_early_opens_nothing(desk: Desk, kept: Kept, cut: int) -> None:
    values = {**CREATE, "security": desk.security}
    raw = encode_multipart(BOUNDARY, {**values, **uploads({"files": ("a.pdf", PDF * 100)})})
    headers: Any = {"CONTENT_LENGTH": str(len(raw)), "wsgi.input": BytesIO(raw[:-cut])}
    answer = desk.send(EDIT + "tickets", raw, CONTENT_TYPE=MULTIPART_CONTENT, **headers).content
    assert reason(answer, document.CREATE_FAILED).startswith("body: ")
    assert nothing_kept(kept)


@pytest.mark.parametrize("limit", [104_857_600, 300])
def test_a_chunked_body_is_read(desk: Desk, kept: Kept, settings: Settings, limit: int) -> None:
    settings.MAX_UPLOAD_BYTES = limit
    values = {**CREATE, "security": desk.security}
    raw = encode_multipart(BOUNDARY, {**values, **uploads({"files": ("a.pdf", PDF)})})
    stream = BytesIO(raw)
    headers: Any = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": stream}
    answer = desk.send(EDIT + "tickets", raw, CONTENT_TYPE=MULTIPART_CONTENT, **headers).content
    if limit > len(raw):
        assert answer == document.said(document.CREATED, result="1")
        assert kept() == [PDF]
    else:
        assert reason(answer, document.CREATE_FAILED).startswith("body: ")
        assert nothing_kept(kept)
    assert stream.read() == b""


def test_too_many_parts_are_refused(desk: Desk, kept: Kept) -> None:
    many = {f"n{number}": "x" for number in range(1100)}
    assert reason(desk.form({**CREATE, **many}, {}), document.CREATE_FAILED).startswith("body: ")
    files = {f"f{number}": ("a", b"a") for number in range(120)}
    assert reason(desk.form(CREATE, files), document.CREATE_FAILED).startswith("body: ")
    assert nothing_kept(kept)
