"""Reading true and false."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.field_types.base import ValueField
from forms_app.operators.families import Exact
from forms_app.operators.lookups import Equal

BOOLEANS = (Exact(Equal()),)
"""The families of true and false."""


class BooleanValue(ValueField):
    expected = _("true or false")

    def parse(self, raw: Any, current: Any = None) -> bool:
        truth = self.truth(raw)
        if truth is None:
            self.wrong_type(raw)
        return truth

    def written_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def single(self, raw: Any) -> bool:
        return self.parse(raw)
