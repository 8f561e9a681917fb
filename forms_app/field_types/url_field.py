"""网址: an http or https address."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from forms_app.field_types._text import TextType, TextValue, remembered
from forms_app.field_types.base import registry
from forms_app.operators.families import Textual

_validate = URLValidator(schemes=["http", "https"])


def is_url(text: str) -> bool:
    """An http(s) address as Django's URLValidator takes it; Chinese domains too."""
    try:
        _validate(text)
    except ValidationError:
        return False
    return True


class UrlValue(TextValue):
    default_error_messages = {"invalid_url": _("This is no http or https address.")}
    format = "iri"

    def parse(self, raw: Any, current: Any = None) -> str:
        text = super().parse(raw, current)
        if not remembered(is_url, text):
            self.refuse("invalid_url", got=raw, allowed="https://example.com/path")
        return text


@registry.register
class UrlField(TextType):
    """A web address."""

    name = "url_field"
    label = _("Web address")
    prefix = "url"
    group = _("Contact")
    control = "url"
    Field = UrlValue
    accepts = (
        ("https://example.com/a?b=1#c", "https://example.com/a?b=1#c"),
        ("http://例子.中国/路径", "http://例子.中国/路径"),
        ("", None),
    )
    rejects = (
        ("example", "invalid_url"),
        ("javascript:alert(1)", "invalid_url"),
        ("ftp://example.com/", "invalid_url"),
        (1, "wrong_type"),
    )
    operands = {Textual: ("EXAMPLE", "路径", "HTTPS://")}
