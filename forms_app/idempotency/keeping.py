"""Doing a call once for each key, and answering it again and again.

The key's row is written in the transaction of what the call writes: before it, so that who comes second with a key
waits and does nothing, or, where the write is short, after it with its answer, which takes a statement less. Either way
the row is there if and only if the write is. A call without a key pays nothing (docs/decisions/059-exactly-once.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.database.cursor import fetch, fetch_last
from forms_app.database.retry import retried
from forms_app.exceptions import Conflict, DomainError, Fault

TABLE = "form_idempotency_key"
CLAIM = f"""
INSERT INTO {TABLE} AS held (custom_form_id, caller, key, digest, headers) VALUES (%s, %s, %s, %s, '{{}}')
ON CONFLICT (custom_form_id, caller, key)
DO UPDATE SET digest = excluded.digest, answer = NULL, headers = '{{}}', made_at = excluded.made_at
WHERE held.custom_form_id = excluded.custom_form_id AND held.made_at < %s RETURNING key
"""
"""Whoever gets the key back does the call: it is new, or older than it is kept."""
ENTER = f"""
INSERT INTO {TABLE} (custom_form_id, caller, key, digest, answer, headers) VALUES (%s, %s, %s, %s, %s, %s::jsonb)
RETURNING key
"""
"""The same with the answer. It fails where the key is there: so the transaction can be committed in the same turn."""
ANSWER = f"""
SELECT digest, answer, headers::text FROM {TABLE}
WHERE custom_form_id = %s AND caller = %s AND key = %s AND made_at >= %s
"""
KEEP = (
    f"UPDATE {TABLE} SET answer = %s, headers = %s::jsonb "
    "WHERE custom_form_id = %s AND caller = %s AND key = %s RETURNING key"
)


class Key(NamedTuple):
    """What a caller calls a request: `caller` is whose name it is, `custom_form_id` 0 where the call has no form, and
    `digest` tells the request from any other."""

    custom_form_id: int
    caller: str
    name: str
    digest: bytes


class Answer(NamedTuple):
    """The success that a call was answered with; `replayed`: it was written before."""

    body: bytes
    headers: Mapping[str, str]
    replayed: bool = False


def digest_of(*parts: Any) -> bytes:
    """What tells these parts of a request (JSON values, numbers as they are) from any others."""
    fractions: list[str] = []

    def text(fraction: Decimal) -> str:
        fractions.append(str(fraction))
        return fractions[-1]

    said = json.dumps(parts, sort_keys=True, default=text)
    if fractions:  # 1.5 is not "1.5": once more, without them
        said += json.dumps(parts, sort_keys=True, default=lambda fraction: None)
    return hashlib.sha256(said.encode()).digest()


class Taken(Exception):
    """Somebody did the call under this key before: what was done now is not kept."""


def kept_since() -> datetime:
    """From when on a key is held. Bound, since Citus takes no clock where an INSERT meets a row that is there."""
    return timezone.now() - timedelta(hours=settings.IDEMPOTENCY_HOURS)


@retried
def once(key: Key, work: Callable[[], Answer]) -> Answer:
    """The answer of `work`, which is done in a transaction unless it was done under this key before: then the answer of
    that time. Raises Conflict where the key named another request, and whatever `work` raises: then nothing is kept."""
    with transaction.atomic():
        if not fetch(CLAIM, [*key, kept_since()]):
            kept = answered(key)
            assert kept is not None  # it is held, and not too old
            return kept
        answer = work()
        fetch_last(KEEP, [answer.body, json.dumps(dict(answer.headers)), *key[:3]])
        return answer


@retried
def once_at_end(key: Key, work: Callable[[], Answer]) -> Answer:
    """The same for a `work` that is short and does nothing outside of the database: it may be done again, and is taken
    back then, as it is where the first one's write is what refuses the second."""
    try:
        with transaction.atomic():
            answer = work()
            try:
                fetch_last(ENTER, [*key, answer.body, json.dumps(dict(answer.headers))])
            except IntegrityError as error:
                raise Taken from error
            return answer
    except (Taken, DomainError) as reason:
        kept = answered(key)
        if kept is not None:
            return kept
        if isinstance(reason, DomainError):
            raise
    return once(key, work)  # it is older than it is kept, or was removed meanwhile


def answered(key: Key) -> Answer | None:
    """What the call was answered with under this key; None where it is free. Raises Conflict where it named another
    request."""
    rows = fetch(ANSWER, [*key[:3], kept_since()])
    if not rows:
        return None
    digest, body, headers = rows[0]
    if bytes(digest) != key.digest:
        raise Conflict([_reused(key)])
    return Answer(bytes(body), json.loads(headers), replayed=True)


def _reused(key: Key) -> Fault:
    message = _("Another request was sent with this key. Each request needs a key of its own.")
    return Fault("idempotency_key_reused", message, field="Idempotency-Key", got=key.name)
