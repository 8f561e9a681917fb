"""What the designers of forms and of flows share: how a page's post is read, and how faults are answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from forms_app.exceptions import Fault


def posted_object(request: HttpRequest) -> dict[str, Any] | None:
    """The JSON object that the page posted; None for anything else."""
    try:
        posted = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return posted if isinstance(posted, dict) else None


def unreadable() -> Fault:
    """The fault of a post that is not what the page sends."""
    return Fault("unreadable", _("The request could not be read. Load the page again."))


def fault_object(fault: Fault, **more: Any) -> dict[str, Any]:
    """A fault as the page reads it, with `more` keys; empty ones are left out."""
    values = {**asdict(fault), **more}
    return {key: value for key, value in values.items() if value not in (None, "")}


def refusal(
    faults: Iterable[Fault], status: int = 400, as_object: Callable[[Fault], dict[str, Any]] = fault_object
) -> HttpResponse:
    """The answer to what was refused."""
    return JsonResponse({"faults": [as_object(fault) for fault in faults]}, status=status)


def plain(value: Any) -> Any:
    """Only what JSON knows, lazy texts spelt out."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
