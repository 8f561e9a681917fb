"""The errors of the API: one table, one function that builds the body, one exit for every exception.

| code   | HTTP | when                                                        |
|--------|------|-------------------------------------------------------------|
| 100400 | 400  | malformed JSON, bad parameter, invalid value, unknown name  |
| 100401 | 401  | no valid token                                              |
| 100403 | 403  | the token may see it but not do this                        |
| 100100 | 404  | no such thing for this token                                |
| 100405 | 405  | method not allowed                                          |
| 100409 | 409  | unique value taken; others were writing the same            |
| 100412 | 412  | the version named by the caller is not the current one      |
| 100413 | 413  | body, list or file over its limit                           |
| 100415 | 415  | media type                                                  |
| 100429 | 429  | throttled                                                   |
| 100500 | 500  | our fault                                                   |
| 100503 | 503  | the database is away                                        |
| 100507 | 507  | the disk is full                                            |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg.errors import (
    DeadlockDetected,
    LockNotAvailable,
    QueryCanceled,
    ReadOnlySqlTransaction,
    SerializationFailure,
)
from psycopg.errors import DiskFull as DatabaseDiskFull
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apaas import exceptions, journal
from apaas.authentication import CHALLENGE
from apaas.throttling import AFTER_DEAR, REST
from forms_app.database.replicas import at_standby
from forms_app.database.running import CallerGone
from forms_app.exceptions import (
    Conflict,
    DiskFull,
    DomainError,
    Fault,
    Forbidden,
    NotFound,
    Refused,
    StaleVersion,
    TooLarge,
    is_disk_full,
)
from forms_app.records.cleaning import MAX_FAULTS
from forms_app.records.query.costs import too_long

log = structlog.get_logger(__name__)
RETRY_SECONDS = 5
NODE_LOST = "failure on connection marked as essential"


@dataclass(frozen=True)
class ErrorCode:
    """A row of the table: `message` is English always, `remark` follows the caller's language."""

    code: int
    status: int
    message: str
    remark: str | Promise
    unlisted: str | Promise = ""
    """What is said in its place where there is no list `errors` to look at."""

    @property
    def alone(self) -> str:
        """The sentence for who sees nothing beside it: the ticket API's reason, a fault of its own."""
        return str(self.unlisted or self.remark)


BAD_REQUEST = ErrorCode(
    100400, 400, "Bad request", _("The request is wrong; errors says where."), _("The request can't be read.")
)
NOT_AUTHENTICATED = ErrorCode(100401, 401, "Not authenticated", _("No valid access token."))
FORBIDDEN = ErrorCode(100403, 403, "Forbidden", _("This token may not do this."))
NOT_FOUND = ErrorCode(100100, 404, "Not found", _("It does not exist, or not for this token."))
METHOD_NOT_ALLOWED = ErrorCode(100405, 405, "Method not allowed", _("This path has no such method."))
CONFLICT = ErrorCode(100409, 409, "Conflict", _("It collides with what is stored."))
VERSION_MISMATCH = ErrorCode(100412, 412, "Version mismatch", _("The record has changed meanwhile."))
TOO_LARGE = ErrorCode(100413, 413, "Too large", _("Over a limit; errors says which."), _("It is over a limit."))
UNSUPPORTED_MEDIA_TYPE = ErrorCode(100415, 415, "Unsupported media type", _("Send application/json."))
THROTTLED = ErrorCode(100429, 429, "Retry later", _("Too many calls. Retry later."))
SERVER_ERROR = ErrorCode(100500, 500, "Server error", _("Our fault. The request id finds it in the log."))
UNAVAILABLE = ErrorCode(100503, 503, "Service unavailable", _("The database is away. Retry later."))
DISK_FULL = ErrorCode(100507, 507, "Insufficient storage", _("The server's disk is full. Nothing was written."))
ERRORS = (
    BAD_REQUEST,
    NOT_AUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    CONFLICT,
    VERSION_MISMATCH,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    THROTTLED,
    SERVER_ERROR,
    UNAVAILABLE,
    DISK_FULL,
)
"""The whole table."""

BY_CLASS: tuple[tuple[type[Exception], ErrorCode], ...] = (
    (Refused, BAD_REQUEST),
    (CallerGone, BAD_REQUEST),
    (NotFound, NOT_FOUND),
    (Forbidden, FORBIDDEN),
    (Conflict, CONFLICT),
    (StaleVersion, VERSION_MISMATCH),
    (TooLarge, TOO_LARGE),
    (DiskFull, DISK_FULL),
    (exceptions.UnsupportedMediaType, UNSUPPORTED_MEDIA_TYPE),
    (exceptions.Throttled, THROTTLED),
    (exceptions.NotAuthenticated, NOT_AUTHENTICATED),
    (drf.NotAuthenticated, NOT_AUTHENTICATED),
    (drf.AuthenticationFailed, NOT_AUTHENTICATED),
    (drf.PermissionDenied, FORBIDDEN),
    (PermissionDenied, FORBIDDEN),
    (exceptions.MethodNotAllowed, METHOD_NOT_ALLOWED),
    (drf.MethodNotAllowed, METHOD_NOT_ALLOWED),
    (drf.UnsupportedMediaType, UNSUPPORTED_MEDIA_TYPE),
    (drf.ParseError, BAD_REQUEST),
    (drf.NotFound, NOT_FOUND),
    (Http404, NOT_FOUND),
)
BY_STATUS = {row.status: row for _class, row in BY_CLASS} | {row.status: row for row in ERRORS[-3:]}

BUSY = (DeadlockDetected, SerializationFailure, LockNotAvailable)
"""What PostgreSQL says where others hold what a statement needs; a write was tried several times by then."""
OVER_LIMIT = ("too_many_items",)
"""Where nothing but these is wrong, a list is over its limit: 413 (docs/contract.md §2.2)."""


def error_of(exc: Exception) -> ErrorCode:
    """The row for an exception; what is in no row is our fault, or the database's absence."""
    if isinstance(exc, Refused) and exc.faults and all(fault.code in OVER_LIMIT for fault in exc.faults):
        return TOO_LARGE
    for kind, row in BY_CLASS:
        if isinstance(exc, kind):
            return row
    if is_disk_full(exc):  # of the folder where uploads wait until they are read
        return DISK_FULL
    return of_database(exc) if isinstance(exc, DatabaseError | InterfaceError) else SERVER_ERROR


def of_database(exc: DatabaseError | InterfaceError) -> ErrorCode:
    """The row for what PostgreSQL said. It is away where the connection is lost, none was had, or the server takes no
    writes, and nowhere else."""
    if isinstance(exc.__cause__, QueryCanceled):
        return BAD_REQUEST
    if isinstance(exc.__cause__, BUSY):
        return CONFLICT
    if isinstance(exc.__cause__, DatabaseDiskFull):
        return DISK_FULL
    if isinstance(exc.__cause__, ReadOnlySqlTransaction) or at_standby():
        return UNAVAILABLE  # it was the primary, or will be: where that is now, a new connection finds out
    # An InternalError without a state is the driver's: a pooler that loses its server says so into an answer that is
    # under way ("received 2 results from command 'COMMIT'").
    away = isinstance(exc, OperationalError | InterfaceError | InternalError) and connection_is_lost(exc)
    return UNAVAILABLE if away else SERVER_ERROR


def connection_is_lost(exc: DatabaseError | InterfaceError) -> bool:
    """By its SQLSTATE: none, class 08 (connection), 53300 (no connection left), 57P (shutdown, crash, start). Where a
    node is lost within a transaction that it has part in, Citus gives no such state, but these words."""
    state = getattr(exc.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "53300", "57P")) or NODE_LOST in str(exc)


def faults_of(exc: Exception) -> Sequence[Fault]:
    """What the answer says was wrong."""
    if isinstance(exc, DomainError):
        return exc.faults
    cause = exc.__cause__ if isinstance(exc, DatabaseError) else None
    if isinstance(cause, QueryCanceled):
        return [too_long()]
    if isinstance(cause, BUSY):
        return [Fault("busy", str(_("Others were writing the same at the same time. Nothing was written; try again.")))]
    return ()


def failure_body(row: ErrorCode, faults: Iterable[Fault], request_id: str) -> dict[str, Any]:
    """The body of a failure (docs/contract.md §2.2). Never without a fault on 400."""
    errors = [fault_body(fault) for fault in islice(faults, MAX_FAULTS)]
    if row is BAD_REQUEST and not errors:
        errors = [fault_body(Fault("bad_request", row.alone))]
    return {
        "code": row.code,
        "message": row.message,
        "remark": str(row.remark),
        "data": None,
        "errors": errors,
        "request_id": request_id,
    }


def fault_body(fault: Fault) -> dict[str, Any]:
    """A fault as it is answered; the places in a list and in a mass call stand there where there are any."""
    return {key: value for key, value in asdict(fault).items() if key not in ("index", "row") or value is not None}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF's exit for exceptions: every one becomes an answer in the envelope, and what a request wrote is undone."""
    row = error_of(exc)
    request = context.get("request")
    request_id = getattr(request, "request_id", "")
    set_rollback()
    note(exc, row, request_id)
    if request is not None:
        journal.saw(request._request, refusal=(row.status, said(row, faults_of(exc))))
    if request is not None and any(fault.code == too_long().code for fault in faults_of(exc)):
        request._request.META[REST] = AFTER_DEAR
    response = Response(failure_body(row, faults_of(exc), request_id), status=row.status)
    if row is UNAVAILABLE:
        response["Retry-After"] = str(RETRY_SECONDS)
    if isinstance(exc, exceptions.Throttled):
        response["Retry-After"] = str(exc.wait)
    header = getattr(exc, "auth_header", None) or (CHALLENGE if row is NOT_AUTHENTICATED else None)
    if header:
        response["WWW-Authenticate"] = header
    return response


def said(row: ErrorCode, faults: Iterable[Fault]) -> str:
    """The refusal in a few words: its code, and those of its faults."""
    return " ".join([str(row.code), *dict.fromkeys(fault.code for fault in faults)])


def note(exc: Exception, row: ErrorCode, request_id: str) -> None:
    """Log what is our fault, a full disk or the database's absence. A lost connection is closed: the next request makes
    a new one."""
    if row is SERVER_ERROR:
        log.error("request failed", request_id=request_id, exc_info=exc)
    elif row is DISK_FULL:
        log.error("disk full", request_id=request_id, error=str(exc.__cause__ or exc))
    elif row is UNAVAILABLE:
        log.warning("database away", request_id=request_id, error=str(exc))
        connection.close()
