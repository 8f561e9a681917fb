"""What is answered where an exception reached Django: 503 while the database is away, else 500."""

from __future__ import annotations

import sys
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from apaas.errors import RETRY_SECONDS, UNAVAILABLE, of_database
from forms_app.database import running

log = structlog.get_logger(__name__)


def answer(request: HttpRequest) -> Any:
    """HANDLER500, which Django calls while it handles the exception, wherever that came from: a view, a template that
    asks for the account, the session. The page needs no database; the APIs put their own words in its place."""
    raised = sys.exc_info()[1]
    if running.current().gone and isinstance(raised, running.CallerGone | OperationalError):
        return quietly(HttpResponse(status=400))  # to nobody: no statement is begun for who hung up
    if not isinstance(raised, DatabaseError | InterfaceError) or of_database(raised) is not UNAVAILABLE:
        return server_error(request)
    log.warning("database away", error=str(raised))
    connection.close()  # the next request makes a new one
    response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return quietly(response)  # it is logged, in one line; Django's would have a traceback


def quietly(response: HttpResponse) -> HttpResponse:
    """The answer, of which Django writes nothing to the log."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
