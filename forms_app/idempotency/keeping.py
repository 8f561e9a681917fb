"""Doing a call once for each key, and answering it again and again.

The key's row is written in the transaction of what the call writes, before it. Who comes second with a key waits on its
unique index; then the first one's answer is there, or, where that was refused, the row is not, and the call is judged
anew. A call without a key pays nothing (docs/decisions/059-exactly-once.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.database.cursor import fetch
from forms_app.database.retry import retried
from forms_app.exceptions import Conflict, Fault

TABLE = "form_idempotency_key"
CLAIM = f"""
INSERT INTO {TABLE} AS held (custom_form_id, caller, key, digest, headers) VALUES (%s, %s, %s, %s, '{{}}')
ON CONFLICT (custom_form_id, caller, key)
DO UPDATE SET digest = excluded.digest, answer = NULL, headers = '{{}}', made_at = now()
WHERE held.custom_form_id = excluded.custom_form_id AND held.made_at < now() - make_interval(hours => %s) RETURNING key
"""
"""Whoever gets the key back does the call: it is new, or older than it is kept."""
ANSWER = f"SELECT digest, answer, headers::text FROM {TABLE} WHERE custom_form_id = %s AND caller = %s AND key = %s"
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
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).digest()


@retried
def once(key: Key, work: Callable[[], Answer]) -> Answer:
    """The answer of `work`, which is done in a transaction unless it was done under this key before: then the answer of
    that time. Raises Conflict where the key named another request, and whatever `work` raises: then nothing is kept."""
    with transaction.atomic():
        name = [key.custom_form_id, key.caller, key.name]
        if not fetch(CLAIM, [*name, key.digest, settings.IDEMPOTENCY_HOURS]):
            digest, body, headers = fetch(ANSWER, name)[0]
            if bytes(digest) != key.digest:
                raise Conflict([_reused(key)])
            return Answer(bytes(body), json.loads(headers), replayed=True)
        answer = work()
        fetch(KEEP, [answer.body, json.dumps(dict(answer.headers)), *name])
        return answer


def _reused(key: Key) -> Fault:
    message = _("Another request was sent with this key. Each request needs a key of its own.")
    return Fault("idempotency_key_reused", message, field="Idempotency-Key", got=key.name)
