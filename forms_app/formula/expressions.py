"""Regular expressions, searched by RE2: in time that grows with the text alone, whatever the expression."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import re2

from .run import Run
from .values import Failure
from .words import _

LONGEST = 1_000
MEMORY = 1 << 20
MATCH_STEPS = 10
"""What one occurrence costs of an evaluation's steps: it takes ten times as long as a call."""
CHARACTERS_A_STEP = 1_000
"""How many characters times instructions of the expression one step pays for."""
_OPTIONS = re2.Options()
_OPTIONS.max_mem = MEMORY
_OPTIONS.log_errors = False


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern, _OPTIONS)


def expression(pattern: str) -> Any:
    """Takes an expression, gives it compiled; raises `Failure` for one that RE2 does not know."""
    if len(pattern) > LONGEST:
        raise Failure("value", _("A regular expression has at most {limit} characters."), limit=LONGEST)
    try:
        return _compiled(pattern)
    except (re2.error, UnicodeError) as error:
        reason = error.args[0] if error.args else ""
        said = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise Failure("value", _("This is no regular expression of RE2: {error}."), error=said[:200]) from None


def occurrences(run: Run, pattern: str, text: str) -> Iterator[Any]:
    """Gives the matches of an expression in a text one by one; spends steps for the search and for each of them."""
    compiled = expression(pattern)
    run.spend(1 + len(text) * compiled.programsize // CHARACTERS_A_STEP)
    try:
        for match in compiled.finditer(text):
            run.spend(MATCH_STEPS)
            yield match
    except UnicodeError:  # half a surrogate pair
        raise Failure("value") from None


def replaced(run: Run, pattern: str, text: str, replacement: Callable[[Any], str]) -> str:
    """Gives the text with every match replaced; fails before it is longer than a text may be."""
    pieces: list[str] = []
    length = written_to = 0
    for match in occurrences(run, pattern, text):
        pieces += [text[written_to : match.start()], replacement(match)]
        length += len(pieces[-1]) + len(pieces[-2])
        run.fits(length)
        written_to = match.end()
    return run.text("".join((*pieces, text[written_to:])))
