"""The variables of a flow: what is taken for one, how it is stored with the ticket, what formulas read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused
from forms_app.field_types._times import moment, parsed, stored
from forms_app.field_types._values import excerpt
from forms_app.flows.language import Variable
from forms_app.formula import BOOLEAN, DATE, DATETIME, NUMBER, TEXT, FormulaType

KIND_TYPES: Mapping[str, FormulaType] = {
    "text": TEXT,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "date": DATE,
    "datetime": DATETIME,
}
MAX_TEXT = 10_000


def cleaned_variable(variable: Variable, raw: Any) -> Any:
    """What is stored for a value as a client sends it (as itself or spelled as text); None for an empty one. Raises
    Refused, its fault named after the variable."""
    if raw is None or raw == "":
        return None
    cleaned = _read(variable.kind, raw)
    if cleaned is None:
        message = _("The variable {name} takes a {kind}.").format(name=variable.name, kind=_(variable.kind))
        raise Refused([Fault("wrong_type", message, field=variable.name, got=excerpt(raw), allowed=variable.kind)])
    return cleaned


def _read(kind: str, raw: Any) -> Any:
    if kind == "text":
        return raw if isinstance(raw, str) and len(raw) <= MAX_TEXT and "\0" not in raw else None
    if kind == "boolean":
        spelled = {"true": True, "false": False}.get(raw.lower()) if isinstance(raw, str) else None
        return raw if isinstance(raw, bool) else spelled
    if kind == "number":
        return _number(raw)
    instant = parsed(raw) if isinstance(raw, str) else None
    if instant is None:
        return None
    return stored(instant) if kind == "datetime" else instant.date().isoformat()


def _number(raw: Any) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal | str) or not str(raw).isascii():
        return None
    try:
        number = Decimal(str(raw)[:100])
    except InvalidOperation:
        return None
    digits = number.is_finite() and len(number.as_tuple().digits) <= 38 and abs(number.adjusted()) <= 308
    return number if digits else None


def assigned_variable(variable: Variable, value: Any) -> Any:
    """What is stored for what a formula gave. Raises Refused, as `cleaned_variable`."""
    if isinstance(value, datetime):
        value = stored(value)
    elif isinstance(value, date):
        value = value.isoformat()
    return cleaned_variable(variable, value)


def variable_value(kind: str, value: Any) -> Any:
    """The stored value as formulas read it."""
    if value is None:
        return None
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "datetime":
        return moment(value)
    return Decimal(value) if kind == "number" else value
