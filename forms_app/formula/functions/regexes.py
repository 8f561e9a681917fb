"""Regular expressions: whether a text has one, what it finds, what is put in its place."""

import re
from typing import Any

from ..expressions import expression, occurrences, replaced
from ..kinds import BOOLEAN, TEXT
from ..parameters import A_TEXT, Parameter
from ..registry import function
from ..run import Run
from ..values import Failure, Value
from ..words import _


def _known(pattern: str) -> None:
    expression(pattern)


AN_EXPRESSION = Parameter(frozenset({"text"}), blank="", check=_known)
_GROUP = re.compile(r"\$(\$|\d)")


@function(
    "REGEXMATCH",
    "正则匹配",
    takes=[A_TEXT, AN_EXPRESSION],
    gives=BOOLEAN,
    example=('REGEXMATCH("GD-2024-01", "[0-9]{4}")', True),
    english=_("Whether a regular expression is found in the text, anywhere unless ^ and $ say otherwise."),
)
def found(run: Run, text: str, pattern: str) -> Value:
    return next(occurrences(run, pattern, text), None) is not None


@function(
    "REGEXEXTRACT",
    "正则提取",
    takes=[A_TEXT, AN_EXPRESSION],
    gives=TEXT,
    example=('REGEXEXTRACT("GD-2024-01", "-([0-9]{4})-")', "2024"),
    english=_(
        "What a regular expression finds first, or its first group where it has groups; an error when it finds nothing."
    ),
)
def extracted(run: Run, text: str, pattern: str) -> Value:
    match = next(occurrences(run, pattern, text), None)
    if match is None:
        raise Failure("missing")
    return str((match.groups() or (match.group(),))[0] or "")


@function(
    "REGEXREPLACE",
    "正则替换",
    takes=[A_TEXT, AN_EXPRESSION, A_TEXT],
    gives=TEXT,
    example=('REGEXREPLACE("2024-02-29", "(\\d+)-(\\d+)", "$2/$1")', "02/2024-29"),
    english=_("The text with all that a regular expression finds replaced; $1 to $9 are its groups, $0 the whole."),
)
def replaced_by_expression(run: Run, text: str, pattern: str, new: str) -> Value:
    def written(match: Any) -> str:
        def group(part: re.Match[str]) -> str:
            if part[1] == "$":
                return "$"
            number = int(part[1])
            return (match.group(number) or "") if number <= len(match.groups()) else part[0]

        return _GROUP.sub(group, new) if "$" in new else new

    return replaced(run, pattern, text, written)
