"""单行文本: one line of text."""

from django.utils.translation import gettext_lazy as _

from forms_app.field_types._text import TextType
from forms_app.field_types.base import registry
from forms_app.operators.families import Textual


@registry.register
class TextField(TextType):
    """A string."""

    name = "text_field"
    label = _("Single-line text")
    prefix = "text"
    accepts = (
        ("哇咔隧道咔a 133333a a", "哇咔隧道咔a 133333a a"),
        ("100%_\\'\"", "100%_\\'\""),
        ("", None),
        (None, None),
    )
    rejects = (
        (1, "wrong_type"),
        (True, "wrong_type"),
        (["a"], "wrong_type"),
        ({}, "wrong_type"),
        ("a\0", "invalid_text"),
        ("x" * 1001, "too_long"),
    )
    operands = {Textual: ("咔", "隧道", "A 1", "%_", "哇咔隧道咔A")}
