"""邮箱: an e-mail address."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from forms_app.field_types._text import TextType, TextValue
from forms_app.field_types.base import registry
from forms_app.operators.families import Textual


class EmailValue(TextValue):
    default_error_messages = {"invalid_email": _("This is no e-mail address.")}
    format = "email"

    def parse(self, raw: Any, current: Any = None) -> str:
        text = super().parse(raw, current)
        try:
            validate_email(text)
        except ValidationError:
            self.refuse("invalid_email", got=raw, allowed="name@example.com")
        return text


@registry.register
class EmailField(TextType):
    """An address as Django's EmailValidator takes it."""

    name = "email_field"
    label = _("E-mail")
    prefix = "email"
    group = _("Contact")
    control = "email"
    Field = EmailValue
    accepts = (("li.lei@example.com", "li.lei@example.com"), ("", None))
    rejects = (("nobody", "invalid_email"), ("a@b@c.com", "invalid_email"), (5, "wrong_type"))
    operands = {Textual: ("LEI", "@example", "LI.")}
