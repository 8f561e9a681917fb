"""Pages that only read, at a replica where one has what who is signed in wrote."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from forms_app.people.accounts import caller_of
from forms_app.replicas.reading import read

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


def from_replica(view: Callable[Concatenate[HttpRequest, P], R]) -> Callable[Concatenate[HttpRequest, P], R]:
    """The view of a page that changes nothing where it is read, by GET; it may be asked twice."""

    @wraps(view)
    def reading(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if request.method not in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        return read(lambda: view(request, *args, **kwargs), caller=caller_of(request.user))

    return reading
