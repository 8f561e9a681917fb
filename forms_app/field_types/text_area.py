"""多行文本: a long text of several lines."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from forms_app.field_types._text import TextSetting, TextType, TextValue
from forms_app.field_types.base import Column, registry
from forms_app.operators.families import Textual


class LongTextValue(TextValue):
    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self.limit = column.setting.get("max_length") or settings.MAX_TEXT_AREA_LENGTH


class LongTextSetting(TextSetting):
    limit_setting = "MAX_TEXT_AREA_LENGTH"


@registry.register
class TextArea(TextType):
    """A string with line breaks, 100,000 characters at most."""

    name = "text_area"
    label = _("Multi-line text")
    prefix = "text_area"
    control = "textarea"
    compared_by = "text"
    Field = LongTextValue
    Setting = LongTextSetting
    accepts = (("第一行\n第二行\r\n\t三", "第一行\n第二行\r\n\t三"), ("长" * 3000, "长" * 3000), ("", None))
    rejects = (
        (1.5, "wrong_type"),
        ({"a": 1}, "wrong_type"),
        ("\ud800", "invalid_text"),
        ("x" * 100_001, "too_long"),
    )
    operands = {Textual: ("行\n第", "长长长", "第一行\n")}
