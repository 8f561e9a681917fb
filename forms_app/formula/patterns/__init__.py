"""Patterns of TEXT, as spreadsheets write them: `#,##0.00;(#,##0.00)`, `YYYY-MM-DD HH:mm`, `[$-804]mmmm d"日"`."""

from .marks import Unreadable
from .moments import read_moment_pattern, write_moment
from .numbers import read_number_pattern, write_number
from .texts import write_text

__all__ = [
    "Unreadable",
    "read_moment_pattern",
    "read_number_pattern",
    "write_moment",
    "write_number",
    "write_text",
]
