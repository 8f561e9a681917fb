"""Texts as their grams see them: what the SQL function `form_grams` folds, and how a tsquery names it.

The grams of a text are its pairs of neighbours, and its first and its last character alone: of `abc` a, ab, bc, c.
"""

from __future__ import annotations

_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)} | {1: " "}


def fold(text: str) -> str:
    """What `folded` gives in SQL: A–Z in lower case and no other letter, the separator of the grams blanked."""
    return text.translate(_ASCII_LOWER)


def folded(expression: str) -> str:
    """SQL of a text with the case of ASCII letters and the separator of the grams gone. Character for character."""
    return f"""lower(translate({expression}, E'\\x01', ' ') COLLATE "C")"""


def pairs(term: str) -> list[str]:
    """The neighbours of a folded text as lexemes, each once."""
    return [lexeme(pair) for pair in dict.fromkeys(term[place : place + 2] for place in range(len(term) - 1))]


def lexeme(text: str) -> str:
    """`text` quoted as one lexeme of a tsquery."""
    doubled = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
