"""What can be wrong with a request before it reaches the domain."""

from __future__ import annotations

from django.utils.translation import gettext as _

from forms_app.exceptions import DomainError, Fault, Refused
from forms_app.field_types.base import excerpt


class MalformedBody(Refused):
    """The body, or a parameter that holds JSON, can't be read. Its message says where."""

    def __init__(self, message: str, field: str = "body") -> None:
        super().__init__([Fault("malformed_json", message, field=field)])


class UnsupportedMediaType(DomainError):
    """The body is of a type that the call does not take."""

    def __init__(self, content_type: str, allowed: str = "application/json") -> None:
        message = _("The body must be of the type {type}.").format(type=allowed)
        got = excerpt(content_type)
        super().__init__([Fault("unsupported_media_type", message, "Content-Type", allowed=[allowed], got=got)])


class Throttled(DomainError):
    """Too many calls; `wait` seconds until the next is welcome."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__()


class MethodNotAllowed(DomainError):
    """No such method on this path."""


class NotAuthenticated(DomainError):
    """No valid token. `wait`: seconds until the next attempt is looked at, where there were too many."""

    wait = 0
