"""What tells a file that an export wrote (`forms_app.exporting`), so that loading undoes exactly what that did.

Its first column holds each record's id under one of these headings. In a row that has one, an empty cell is null: the
record holds nothing there, and no default takes its place. Under GUARDED texts are guarded too
(`forms_app.loading.formula_guard`): of a workbook or a line of JSON no program runs a text.
"""

from __future__ import annotations

from collections.abc import Sequence

RECORD = "#record"
GUARDED = "#record'"
"""The same in CSV, whose texts have an apostrophe in front where a spreadsheet would run them."""


def is_exported(heading: Sequence[str]) -> bool:
    """Whether a file with this first row was written by an export."""
    return bool(heading) and heading[0] in (RECORD, GUARDED)


def is_guarded(heading: Sequence[str]) -> bool:
    """Whether its texts are guarded."""
    return bool(heading) and heading[0] == GUARDED
