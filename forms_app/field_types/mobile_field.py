"""手机: a mobile number, Chinese unless it begins with +."""

import re
from typing import Any

import phonenumbers
from django.utils.translation import gettext_lazy as _

from forms_app.field_types._text import TextType, TextValue, remembered
from forms_app.field_types.base import registry
from forms_app.operators.families import Textual

MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)

# libphonenumber also takes full-width digits, letters for digits, and a number in the middle of a sentence.
_SPELT = re.compile(r"\+?[0-9 ()./-]+", re.ASCII)
_china: Any = phonenumbers.PhoneMetadata.metadata_for_region("CN")
CHINESE = re.compile(rf"(?=1[3-9]\d{{9}}\Z)(?:{_china.mobile.national_number_pattern})", re.ASCII)
"""What the library itself asks of a number that is Chinese and mobile: no other of its steps can say otherwise."""


def is_mobile(text: str) -> bool:
    """A number that its country gives to mobile phones (libphonenumber's tables; China without a country code)."""
    if not _SPELT.fullmatch(text):
        return False
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(number) in MOBILE


class MobileValue(TextValue):
    default_error_messages = {"invalid_mobile": _("This is no mobile number.")}

    def parse(self, raw: Any, current: Any = None) -> str:
        text = super().parse(raw, current)
        if not CHINESE.fullmatch(text) and not remembered(is_mobile, text):
            self.refuse("invalid_mobile", got=raw, allowed="13800138000")
        return text


@registry.register
class MobileField(TextType):
    """A mobile number, stored as sent."""

    name = "mobile_field"
    label = _("Mobile")
    prefix = "mobile"
    group = _("Contact")
    control = "tel"
    Field = MobileValue
    accepts = (("13800138000", "13800138000"), ("+886 912 345 678", "+886 912 345 678"), ("", None))
    rejects = (
        ("12345", "invalid_mobile"),
        ("一二三", "invalid_mobile"),
        ("１３８００１３８０００", "invalid_mobile"),
        (13800138000, "wrong_type"),
    )
    operands = {Textual: ("8001", "912", "+886")}
