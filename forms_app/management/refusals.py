"""What a command says of a refusal."""

from __future__ import annotations

from forms_app.exceptions import DomainError


def sentences(error: DomainError) -> str:
    """A line for each fault: what it is about, what is wrong, and what would be right where that is known."""
    lines = []
    for fault in error.faults:
        row = "" if fault.row is None else f"row {fault.row}, "
        allowed = "" if fault.allowed is None else f" Allowed: {fault.allowed}"
        lines.append(f"{row}{fault.field or fault.code}: {fault.message}{allowed}")
    return "\n".join(lines)
