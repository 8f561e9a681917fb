"""What is answered where an exception reached Django: 503 while the database is away, else 500."""

from __future__ import annotations

import sys
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from apaas.errors import RETRY_SECONDS, UNAVAILABLE, of_database

log = structlog.get_logger(__name__)


def answer(request: HttpRequest) -> Any:
    """HANDLER500, which Django calls while it handles the exception, wherever that came from: a view, a template that
    asks for the account, the session. The page needs no database; the APIs put their own words in its place."""
    raised = sys.exc_info()[1]
    if not isinstance(raised, DatabaseError | InterfaceError) or of_database(raised) is not UNAVAILABLE:
        return server_error(request)
    log.warning("database away", error=str(raised))
    connection.close()  # the next request makes a new one
    response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response._has_been_logged = True  # type: ignore[attr-defined]  # in one line; Django's would have a traceback
    return response
