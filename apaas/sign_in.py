"""Wrong passwords, on the sign-in page and by HTTP Basic, and wrong security codes: slowed after a few, then locked for
a while.

django-axes counts them in the database, for each account and address together: so a stranger can lock nobody out but
themself. Nobody waits on our side: who comes too early is refused before any password is hashed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_credentials
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apaas import journal
from forms_app.journal.events import Kind, Reason
from forms_app.people.doors import invitation_used, password_changed

AT_ONCE = 3
"""Wrong passwords after which the next one has to wait: 1, 2, 4 … seconds."""
LONGEST_LOGGED = 150
CODES = "security code"
"""Under this name wrong codes are counted, which name no account. None is called so: names have no blank."""


class Attempts(AxesDatabaseHandler):
    """django-axes' counts, with a wait that grows up to the lock."""

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        """Whether the account has to wait for its next attempt from this address. Who signs in elsewhere names none."""
        if not credentials or credentials.get("username") is None:
            return False
        (attempts,) = self.get_user_attempts(request, credentials)
        found = attempts.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
        request.failures = found["failures"] or 0
        request.wait = wait_after(request.failures)
        if found["last"] is not None:
            request.wait -= timezone.now() - found["last"]
        return bool(request.wait > timedelta(0))

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
        """Count a wrong password, also of who has hung up meanwhile: a transaction is brought to its end. Whom the
        company's sign-in sent and nobody knows here, sent none."""
        if credentials.get("username") is not None:
            with transaction.atomic():
                super().user_login_failed(sender, credentials, request, **kwargs)


def wait_after(failures: int) -> timedelta:
    """How long after the last of so many wrong passwords the next one is taken."""
    if failures >= settings.SIGN_IN_FAILURES:
        return timedelta(seconds=settings.SIGN_IN_LOCK_SECONDS)
    if failures < AT_ONCE:
        return timedelta(0)
    return min(timedelta(seconds=1 << (failures - AT_ONCE)), timedelta(seconds=settings.SIGN_IN_LOCK_SECONDS))


def failure_limit(request: HttpRequest, credentials: Any) -> int:
    """AXES_FAILURE_LIMIT."""
    return int(settings.SIGN_IN_FAILURES)


def lock_time(request: HttpRequest | None) -> timedelta:
    """AXES_COOLOFF_TIME."""
    return timedelta(seconds=settings.SIGN_IN_LOCK_SECONDS)


def forgive(request: HttpRequest, username: str) -> None:
    """Forget the account's wrong passwords from this address: the right one came. Signing in does it by itself."""
    if getattr(request, "failures", 0):
        AxesProxyHandler.get_implementation().reset_user_attempts(request, get_credentials(username))


def wrong_code(request: HttpRequest) -> int:
    """Count a wrong security code for the address that sent it; the seconds until the next one is counted. One that
    comes too early is not. Right codes are not asked about: who shares an address with others locks none of them out.
    """
    asked = HttpRequest()  # of what was sent nothing is to be kept with the count
    asked.META, asked.path, asked.path_info = request.META, request.path, request.path_info
    credentials = get_credentials(CODES)
    if not AxesProxyHandler.is_locked(asked, credentials):
        AxesProxyHandler.user_login_failed(__name__, credentials, asked)
        asked.wait = wait_after(asked.failures + 1)  # type: ignore[attr-defined]
    return seconds_of(asked.wait)  # type: ignore[attr-defined]


def seconds_of(wait: timedelta) -> int:
    """Whole seconds, rounded up."""
    return int(-(-wait // timedelta(seconds=1)))


def logged(username: str | None, address: str | None, user_agent: str, path: str, request: HttpRequest) -> str:
    """AXES_CLIENT_STR_CALLABLE: who it was, as one line whatever they call themself."""
    return f"{(username or '')[:LONGEST_LOGGED]!r} from {address} at {path}"


def locked(request: HttpRequest, response: HttpResponse | None, credentials: Any) -> HttpResponse:
    """AXES_LOCKOUT_CALLABLE: what is answered to who has to wait. The ticket API has its document's words for it."""
    wait = getattr(request, "wait", timedelta(0))
    if wait <= timedelta(0):  # this was the wrong password that locked the account
        wait = wait_after(getattr(request, "failures", 0) + 1)
    seconds = max(1, seconds_of(wait))
    if response is None or response.headers["Content-Type"] != "application/json":
        response = render(request, "429.html", {"minutes": -(-seconds // 60), "seconds": seconds}, status=429)
    response["Retry-After"] = str(seconds)
    return response


COMPANY = "company_sign_in"


def _signed_in(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    by_company = COMPANY in request.session.get(BACKEND_SESSION_KEY, "")
    journal.door(Kind.COMPANY_SIGN_IN if by_company else Kind.SIGNED_IN, request, user_id=user.pk)


def _signed_out(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if user is not None:
        journal.door(Kind.SIGNED_OUT, request, user_id=user.pk)


def _failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """A sign-in that was refused: looked at and wrong, or too early for that. axes has been told before."""
    if request is None:
        return
    username = credentials.get("username")
    if username is None:
        journal.door(Kind.SIGN_IN_FAILED, request, reason=Reason.NO_MEMBER)
        return
    name = str(username)[:LONGEST_LOGGED]
    looked_at = getattr(request, "axes_failures_since_start", None) is not None
    if looked_at:
        journal.door(Kind.SIGN_IN_FAILED, request, reason=Reason.WRONG_PASSWORD, username=name)
    if getattr(request, "axes_locked_out", False):
        journal.door(Kind.LOCKED, request, reason=Reason.TOO_EARLY, username=name)


def _password_changed(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    by = "" if request.user == user else request.user.get_username()
    journal.door(Kind.PASSWORD_CHANGED, request, user_id=user.pk, by=by)


def _invitation_used(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    journal.door(Kind.INVITATION_USED, request, user_id=user.pk)


def connect() -> None:
    """Note from now on who signs in, and who does not. Called once, behind axes."""
    for signal, receiver in (
        (user_logged_in, _signed_in),
        (user_logged_out, _signed_out),
        (user_login_failed, _failed),
        (password_changed, _password_changed),
        (invitation_used, _invitation_used),
    ):
        signal.connect(receiver, dispatch_uid=f"{__name__}{receiver.__name__}")
