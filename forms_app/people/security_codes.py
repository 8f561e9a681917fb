"""Security codes: what stands for an account in the ticket API while it is in use. The database alone keeps them."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from forms_app.database.retry import retried
from forms_app.models import SecurityCode
from forms_app.people.tokens import digest

NOTED_EVERY = timedelta(seconds=1)
LONGEST = 200
"""No code is longer; what is longer is not worth a hash."""


def idle_time() -> timedelta:
    """For how long a code may go unused."""
    return timedelta(seconds=settings.SECURITY_CODE_IDLE_SECONDS)


@retried
def security_code_issue(*, user: User) -> str:
    """A new code for the account, which is not kept itself; codes of the account that went idle are removed."""
    now = timezone.now()
    SecurityCode.objects.filter(user=user, last_used_at__lt=now - idle_time()).delete()
    code = str(uuid.uuid4())
    SecurityCode.objects.create(
        digest=digest(code), user=user, session_auth_hash=user.get_session_auth_hash(), last_used_at=now
    )
    return code


def was_security_code(code: str) -> bool:
    """Whether it was a code, though it has ended; that is forgotten when its account gets another."""
    return SecurityCode.objects.filter(digest=digest(code)).exists()


def security_code_user(code: str) -> User | None:
    """The active account behind a code that was used within the idle time, which begins anew. None for any other, and
    when the account's password was changed since the code was given, in whatever way."""
    if not code or len(code) > LONGEST:
        return None
    now = timezone.now()
    row = SecurityCode.objects.select_related("user").filter(digest=digest(code)).first()
    if row is None or not row.user.is_active or now - row.last_used_at > idle_time():
        return None
    if not constant_time_compare(row.session_auth_hash, row.user.get_session_auth_hash()):
        return None
    # Of many calls at once only one writes: who waited for it finds the row used.
    if now - row.last_used_at >= NOTED_EVERY:
        SecurityCode.objects.filter(pk=row.pk, last_used_at__lte=now - NOTED_EVERY).update(last_used_at=now)
    return row.user
