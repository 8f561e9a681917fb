"""What a file is by its bytes: not by what its sender, nor by what its name says."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile

from forms_app.files.content_types import HEAD, allowed, content_type_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def archive(*names: str) -> bytes:
    held = BytesIO()
    with ZipFile(held, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"%PDF-1.4\n%\xe2\xe3", "a.txt", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.pdf", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01", "x", "image/jpeg"),
        (archive("[Content_Types].xml", "word/document.xml"), "a.docx", DOCX),
        (archive("a.txt"), "a.zip", "application/zip"),
        (archive("a.txt"), "a.jpg", "application/zip"),
        (b"MZ\x90\0\x03\0\0\0", "invoice.pdf", "application/vnd.microsoft.portable-executable"),
        (b"\x7fELF\x02\x01\x01\0", "a.txt", "application/x-executable"),
        (b"\xcf\xfa\xed\xfe\x07\0\0\x01", "a", "application/x-mach-binary"),
        (b"<!DOCTYPE html><html></html>", "a.txt", "text/html"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.png", "image/svg+xml"),
        ("内容 text\n".encode(), "a.exe", "text/plain"),
        (b"BMW is a car", "a", "text/plain"),
        (b"MZ is text", "a", "text/plain"),
        (b"x" * (HEAD - 1) + "界".encode(), "a", "text/plain"),
        (b"x" * (HEAD + 9) + b"\0\xff", "a", "text/plain"),
        (bytes(range(256)), "a.pdf", "application/octet-stream"),
        (b"\x93\xfa", "a", "application/octet-stream"),
        (b"", "a.pdf", "application/octet-stream"),
        (b"{}", "\0" * 9 + "." * 300, "text/plain"),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, name: str, kind: str) -> None:
    held = ContentFile(content)
    assert content_type_of(held, name) == kind
    assert held.read() == content  # from its beginning


@pytest.mark.parametrize(
    ("patterns", "taken", "refused"),
    [
        (["*"], ["a/b", "text/plain"], []),
        (["image/*", "application/pdf"], ["image/png", "application/pdf"], ["application/pdfx", "text/plain"]),
        (["*", "!text/html"], ["text/plain"], ["text/html"]),
        ([" !TEXT/* ", "*"], ["image/png"], ["text/html"]),
        (["!text/html"], [], ["text/html", "text/plain"]),
        ([], [], ["text/plain"]),
    ],
)
def test_types_are_taken_by_patterns(patterns: list[str], taken: list[str], refused: list[str]) -> None:
    assert [kind for kind in [*taken, *refused] if allowed(kind, patterns)] == taken
