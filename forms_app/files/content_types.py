"""What a file is by its own bytes, whatever its sender says; and whether files of that type are taken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

import puremagic
from django.core.files.base import File

UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
PROGRAMS = (
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
)
"""What machines run. puremagic knows these, and gives most of them no content type."""
HEAD = 4096
SURE = 0.3
"""Fewer than three bytes that fit, in a file that its name calls something else, say nothing."""
WRITTEN = ("text/", "message/", "image/svg")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def content_type_of(content: File[bytes], name: str) -> str:
    """The content type of what the file holds. Its name only decides between types that its bytes all allow, such as
    the many that are ZIP archives."""
    content.seek(0)
    head = content.read(HEAD)
    content.seek(0)
    text = readable(head)
    if not text:
        for signature, program in PROGRAMS:
            if head.startswith(signature):
                return program
    try:
        matches = puremagic.magic_stream(content, name) if head else []
    except (LookupError, ValueError, OSError):
        matches = []
    content.seek(0)
    fitting = [match for match in matches if match.byte_match and match.mime_type and match.confidence >= SURE]
    if text:
        fitting = [match for match in fitting if is_text(match.mime_type)]
    if not fitting:
        return TEXT if text else UNKNOWN
    # Of equals the shortest: the general type, such as application/zip, before those made of it.
    best = min(fitting, key=lambda m: (-m.confidence, -len(m.byte_match), len(m.mime_type), m.mime_type))
    return str(best.mime_type)


def readable(head: bytes) -> bool:
    """Whether these first bytes of a file are text in UTF-8, perhaps cut inside of a character."""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if len(head) < HEAD or error.start < len(head) - 3:
            return False
    return bool(head) and not _CONTROL.search(head)


def is_text(kind: str) -> bool:
    """Whether a type's files are text."""
    return kind.startswith(WRITTEN) or kind.endswith(("xml", "json", "rtf", "pdf", "postscript"))


def allowed(kind: str, patterns: Iterable[str]) -> bool:
    """Whether a content type is taken: it fits one of the patterns (`*`, `image/*`), and none that begins with `!`."""
    patterns = [pattern.strip().lower() for pattern in patterns]
    refused = any(fnmatchcase(kind, pattern[1:]) for pattern in patterns if pattern.startswith("!"))
    return not refused and any(fnmatchcase(kind, pattern) for pattern in patterns if not pattern.startswith("!"))
