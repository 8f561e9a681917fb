"""Faults: what is wrong with a formula's text, and where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .values import ErrorValue, filled
from .words import _

MESSAGES: dict[str, str] = {
    "empty": _("The formula is empty."),
    "too_long": _("The formula has {length} characters; at most {limit} are allowed."),
    "too_deep": _("The formula is nested more than {limit} levels deep."),
    "too_large": _("The formula has more than {limit} operands, operators and calls."),
    "unexpected_character": _("The character {character} can't stand here."),
    "unclosed_text": _("This text has no closing quote."),
    "unclosed_reference": _("This reference has no closing brace."),
    "unexpected_token": _("{token} can't stand here."),
    "unexpected_end": _("The formula ends too early."),
    "number_out_of_range": _("The number {number} has too many digits or is out of range."),
    "empty_reference": _("The reference {reference} lacks a name."),
    "unknown_reference": _("There is no field {reference}."),
    "unknown_name": _("{name} is neither TRUE nor FALSE; fields stand in braces, text in quotes."),
    "unknown_function": _("There is no function {name}."),
    "unknown_function_close": _("There is no function {name}; did you mean {suggestion}?"),
    "wrong_arity": _("{function} takes {expected} arguments, not {got}."),
    "wrong_type": _("{place} takes {expected}, not {got}."),
    "list_not_allowed": _("{place} takes a single {expected}, not a {got}."),
    "incomparable": _("{left} can't be compared with {right}."),
    "wrong_argument": _("{place}: {reason}"),
    "unknown_option": _("{reference} has no option {label}."),
}
"""Code of a fault → its sentence, a template with the names of its `params`."""


@dataclass(frozen=True, slots=True)
class FormulaFault:
    """One fault: 0-based offset, 1-based line and column, a stable code, a template and its parameters."""

    position: int
    line: int
    column: int
    code: str
    message: str
    params: dict[str, object] = field(default_factory=dict)
    cause: ErrorValue | None = None
    """For a constant that its function does not take: the error value that it would give."""

    def said(self, translate: Callable[[str], str] = str) -> str:
        """Gives the sentence; `translate` turns a template or a word into the reader's language."""
        reason = {"reason": self.cause.said(translate)} if self.cause else {}
        return filled(self.message, {**self.params, **reason}, translate)

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.said()}"


class FormulaRefused(Exception):
    """Raised for a formula that can't be compiled; `faults` holds all that were found, in source order."""

    def __init__(self, faults: Sequence[FormulaFault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(str(fault) for fault in faults))


def fault_at(text: str, position: int, code: str, cause: ErrorValue | None = None, **params: object) -> FormulaFault:
    """Takes the source and an offset in it, gives the fault with line and column worked out."""
    before = text[:position]
    line = before.count("\n") + 1
    column = position - (before.rfind("\n") + 1) + 1
    template = MESSAGES["unknown_function_close" if params.get("suggestion") else code]
    return FormulaFault(position, line, column, code, template, params, cause)
