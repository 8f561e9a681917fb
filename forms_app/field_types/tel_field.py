"""电话: any telephone number, fixed line, service line or extension."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.field_types._text import TextType, TextValue
from forms_app.field_types.base import registry
from forms_app.operators.families import Textual

# ITU-T E.164 has at most 15 digits; an extension may follow. People write the rest as they like.
_NUMBER = re.compile(r"\+?[0-9(][0-9 ()./-]*[0-9)](?: ?(?:-|转|轉|ext\.?|x|#|,) ?[0-9]{1,8})?", re.IGNORECASE)


class TelValue(TextValue):
    default_error_messages = {"invalid_tel": _("This is no telephone number.")}

    def parse(self, raw: Any, current: Any = None) -> str:
        text = super().parse(raw, current)
        digits = sum(char in "0123456789" for char in text)
        if not _NUMBER.fullmatch(text) or not 3 <= digits <= 23:
            self.refuse("invalid_tel", got=raw, allowed="021-12345678")
        return text


@registry.register
class TelField(TextType):
    """A telephone number, stored as sent: 3 digits (110) to 15, and an extension."""

    name = "tel_field"
    label = _("Telephone")
    prefix = "tel"
    group = _("Contact")
    control = "tel"
    Field = TelValue
    accepts = (
        ("021-12345678", "021-12345678"),
        ("400-820-8820", "400-820-8820"),
        ("(02) 2345-6789 ext. 12", "(02) 2345-6789 ext. 12"),
        ("13800138000", "13800138000"),
        ("", None),
    )
    rejects = (("call me", "invalid_tel"), ("1", "invalid_tel"), ("1" * 40, "invalid_tel"), (110, "wrong_type"))
    operands = {Textual: ("820", "-1234", "(02)")}
