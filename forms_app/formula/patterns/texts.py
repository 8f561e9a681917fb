"""The fourth section of a pattern, for texts: `@` is the text itself."""

from .marks import Section, Unreadable, is_colour, sections


def write_text(text: str, pattern: str) -> str:
    """Takes a text and a pattern, gives the text as the section for texts writes it; without one, as it is."""
    found = sections(pattern)
    if len(found) == 4:
        return _written(text, found[3])
    return _written(text, found[0]) if len(found) == 1 and is_for_text(found[0]) else text


def is_for_text(section: Section) -> bool:
    """Says whether a section has an `@`."""
    return any(mark.kind == "plain" and mark.text == "@" for mark in section)


def _written(text: str, section: Section) -> str:
    pieces = []
    for mark in section:
        if mark.kind == "plain" and mark.text == "@":
            pieces.append(text)
        elif mark.kind == "literal" or (mark.kind == "plain" and not (mark.text.isascii() and mark.text.isalnum())):
            pieces.append(mark.text)
        elif not (mark.kind == "bracket" and is_colour(mark.text)):
            raise Unreadable(mark.text)
    return "".join(pieces)


def check_text_section(section: Section) -> None:
    """Raises `Unreadable` when a section can't write a text."""
    _written("", section)
