"""Is between: from a least to a greatest value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.operators.base import Operator, Reader, operators
from forms_app.operators.families import Ranged
from forms_app.operators.lookups import Lookup


@operators.register
class Within(Operator[Ranged]):
    """Both bounds belong to it. A span of time lies within where it overlaps."""

    name = "within"
    label = _("is between")
    position = 20
    family = Ranged
    control = "range"

    def operand(self, field: Reader, raw: Any) -> tuple[Any, Any]:
        """[low, high], None for an open end; not both open, low not above high."""
        if isinstance(raw, str) or not isinstance(raw, Sequence) or len(raw) != 2:
            field.refuse("wrong_range", got=raw)
        if all(end in (None, "") for end in raw):
            field.refuse("wrong_range", got=raw)

        def bound(end: tuple[Any, Callable[[Any], Any]]) -> Any:
            value, read = end
            return read(value) if field.given(value) else None

        low, high = field.each([(raw[0], field.start), (raw[1], field.end)], bound)
        if low is not None and high is not None and low > high:
            field.refuse("wrong_range", got=raw)
        return low, high

    def lookup(self, family: Ranged) -> Lookup:
        return family.lookup
