"""Reading true and false."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.field_types.base import Text, ValueField
from forms_app.field_types.lookups import Equal, Lookup, Not

BOOLEAN_LOOKUPS: dict[str, Lookup] = {"eq": Equal(), "ne": Not(Equal())}


class BooleanValue(ValueField):
    expected = _("true or false")

    def parse(self, raw: Any, current: Any = None) -> bool:
        if isinstance(raw, Text) and raw.lower() in ("true", "false"):
            return raw.lower() == "true"
        if not isinstance(raw, bool):
            self.wrong_type(raw)
        return raw

    def written_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def operand(self, op: str, raw: Any) -> bool:
        return self.parse(raw)
