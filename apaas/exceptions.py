"""What can be wrong with a request before it reaches the domain."""

from __future__ import annotations

from forms_app.exceptions import DomainError, Fault, Refused


class MalformedBody(Refused):
    """The body, or a parameter that holds JSON, can't be read. Its message says where."""

    def __init__(self, message: str, field: str = "body") -> None:
        super().__init__([Fault("malformed_json", message, field=field)])


class UnsupportedMediaType(DomainError):
    """The body is of a type that the call does not take."""

    def __init__(self, content_type: str) -> None:
        super().__init__(
            [Fault("unsupported_media_type", content_type[:100], field="Content-Type", allowed=["application/json"])]
        )


class Throttled(DomainError):
    """Too many calls; `wait` seconds until the next is welcome."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__()


class MethodNotAllowed(DomainError):
    """No such method on this path."""


class NotAuthenticated(DomainError):
    """No valid token."""
