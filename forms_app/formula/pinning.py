"""Pinning: a formula's text under names and tokens, which no change of a label touches."""

from .choices import Resolve, Resolved
from .compiler import compile_formula
from .faults import FormulaRefused


def pinned_text(text: str, resolve: Resolve, gives: Resolved | None = None) -> str:
    """Takes a stored formula's text, gives it with each field under its name and each option under its token, so that
    labels may change; a text that does not fit its form any more is given back as it is."""
    try:
        return compile_formula(text, resolve, stored=True, gives=gives).canonical_text
    except FormulaRefused:
        return text
