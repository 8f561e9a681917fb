"""Events of access, noted in memory and written in batches. What is refused again and again is counted in one row an
hour, and what nobody knows gets so many rows a minute: nobody can fill the table."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from forms_app.journal.writing import writer
from forms_app.models import AccessEvent, AccessToken

Kind, Reason = AccessEvent.Kind, AccessEvent.Reason
ALONE = frozenset({Kind.SIGNED_IN, Kind.COMPANY_SIGN_IN, Kind.SIGNED_OUT, Kind.INVITATION_USED, Kind.PASSWORD_CHANGED})
"""What has a row each time: it takes an account, and a password that is hashed."""
MOST_ALONE = 1_000
"""Of these so many are held until they are written."""
OF_AN_ADDRESS = 10
"""So many rows a minute of what is not known from one address; further ones share a row."""
OF_ALL = 30
"""So many from all addresses, of what is not known and of what is; further ones share a row without an address."""


@dataclass(frozen=True)
class Event:
    """What happened at the doors. `username` is as it was typed, or of the account `user_id`."""

    kind: str
    reason: str = ""
    username: str = ""
    user_id: int | None = None
    token_id: int | None = None
    hint: str = ""
    by: str = ""
    address: str = ""
    agent: str = ""
    request_id: str = ""


class Noted(NamedTuple):
    """An event, how often, and when first and last; `alone`: it is counted with no other."""

    event: Event
    times: int
    first: datetime
    last: datetime
    alone: bool


class Events:
    """A source of the writer."""

    name = "events of access"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.empty()

    def empty(self) -> None:
        """Forget all, also which rows there are."""
        self._alone: list[Noted] = []
        self._counted: dict[tuple[Any, ...], Noted] = {}
        self._rows: set[tuple[Any, ...]] = set()
        self._hour = self._minute = 0
        self._of_addresses: Counter[str] = Counter()
        self._of_all: Counter[bool] = Counter()

    def note(self, event: Event) -> None:
        """Keep the event for the writer; costs no statement."""
        if not settings.ACCESS_EVENT_DAYS:
            return
        now = timezone.now()
        with self._lock:
            if event.kind in ALONE:
                if len(self._alone) < MOST_ALONE:
                    self._alone.append(Noted(event, 1, now, now, True))
            else:
                event = self._narrowed(event, now)
                before = self._counted.get(key_of(event))
                count, first = (before.times, before.first) if before else (0, now)
                self._counted[key_of(event)] = Noted(before.event if before else event, count + 1, first, now, False)
        writer.wake()

    def _narrowed(self, event: Event, now: datetime) -> Event:
        """The event as far as there may be a row of its own for it."""
        hour, minute = int(now.timestamp()) // 3600, int(now.timestamp()) // 60
        if hour != self._hour:
            self._rows, self._hour = set(), hour
        if minute != self._minute:
            self._of_addresses, self._of_all, self._minute = Counter(), Counter(), minute
        known = event.token_id is not None or event.user_id is not None
        if key_of(event) in self._rows:
            return event
        if not known and self._of_addresses[event.address] >= OF_AN_ADDRESS:
            event = replace(event, username="", hint="", agent="", request_id="")
            if key_of(event) in self._rows:
                return event
        if self._of_all[known] >= OF_ALL:
            return replace(event, username="", hint="", address="", agent="", request_id="")
        self._of_addresses[event.address] += not known
        self._of_all[known] += 1
        self._rows.add(key_of(event))
        return event

    def take(self) -> list[Noted]:
        with self._lock:
            noted = [*self._alone, *self._counted.values()]
            self._alone, self._counted = [], {}
        return noted

    def write(self, rows: list[Noted]) -> None:
        """Say whose each is, and write them: in one order, so that two processes do not wait for each other."""
        accounts, tokens = _accounts(rows), _tokens(rows)
        written: dict[Any, list[Any]] = {}
        for place, noted in enumerate(rows):
            row = _row(noted, accounts, tokens)
            key = _collapsed(row, noted) if not noted.alone else None
            before = written.get(key) if key else None
            if before is None:
                written[key or place] = [*row, noted.times, noted.first, noted.last, key]
            else:  # several names that no account has
                before[COUNT] += noted.times
                before[LAST] = max(before[LAST], noted.last)
        ordered = sorted(written.values(), key=lambda values: values[-1] or "")
        one = f"({', '.join(['%s'] * len(ordered[0]))})"
        with connection.cursor() as cursor:
            cursor.execute(
                UPSERT.format(values=", ".join([one] * len(ordered))), [value for row in ordered for value in row]
            )


COLUMNS = (
    "kind, reason, organization_id, user_id, account, member_id, token_id, token_name, hint, by, address, agent, "
    'request_id, "count", at, last_at, collapsed'
)
COUNT, LAST = 13, 15
"""Where in a row."""
# By hand: Django has no ON CONFLICT with an expression.
UPSERT = f"""
INSERT INTO forms_app_accessevent AS held ({COLUMNS}) VALUES {{values}}
ON CONFLICT (collapsed) DO UPDATE
SET "count" = held."count" + excluded."count", last_at = greatest(held.last_at, excluded.last_at)
"""


def key_of(event: Event) -> tuple[Any, ...]:
    """What events have in common that one row counts; the row shows the first one's client."""
    return event.kind, event.reason, event.username, event.user_id, event.token_id, event.hint, event.address


class Account(NamedTuple):
    """An account and its member."""

    user_id: int
    username: str
    member_id: int | None
    organization_id: int | None
    active: bool


NOBODY = Account(0, "", None, None, True)


def _accounts(rows: Iterable[Noted]) -> dict[str | int, Account]:
    """The accounts that the events name, by name and by key."""
    names = {noted.event.username for noted in rows if noted.event.username and "\0" not in noted.event.username}
    keys = {noted.event.user_id for noted in rows if noted.event.user_id is not None}
    if not names and not keys:
        return {}
    fields = ("pk", "username", "member__pk", "member__organization", "is_active", "member__is_active")
    found = (User.objects.filter(username__in=names) | User.objects.filter(pk__in=keys)).values_list(*fields)
    accounts = [Account(pk, name, member, of, on and here is not False) for pk, name, member, of, on, here in found]
    return {key: account for account in accounts for key in (account.user_id, account.username)}


def _tokens(rows: Iterable[Noted]) -> dict[int, tuple[str, int, int]]:
    """(name, member, organization) of the tokens that the events name."""
    keys = {noted.event.token_id for noted in rows if noted.event.token_id is not None}
    found = AccessToken.objects.filter(pk__in=keys) if keys else AccessToken.objects.none()
    return {row.pk: (row.name, row.member_id, row.organization_id) for row in found}


def _row(noted: Noted, accounts: dict[str | int, Account], tokens: dict[int, tuple[str, int, int]]) -> list[Any]:
    """The values of COLUMNS up to the request's id. Of a name that no account has nothing is kept."""
    event = noted.event
    account = accounts.get(event.user_id or event.username, NOBODY)
    member_id, organization_id = account.member_id, account.organization_id
    token_name, reason = "", event.reason
    if event.token_id in tokens:
        token_name, member_id, organization_id = tokens[event.token_id]
    if reason == Reason.WRONG_PASSWORD and event.username:
        reason = Reason.UNKNOWN_ACCOUNT if account is NOBODY else reason if account.active else Reason.INACTIVE_MEMBER
    return [
        str(event.kind),
        str(reason),
        organization_id,
        account.user_id or None,
        account.username,
        member_id,
        event.token_id,
        token_name,
        event.hint,
        event.by,
        event.address,
        event.agent,
        event.request_id,
    ]


def _collapsed(row: list[Any], noted: Noted) -> str:
    kind, reason, organization, user, _name, member, token, _token_name, hint, _by, address, _agent, _id = row
    hour = noted.first.astimezone(UTC).strftime("%Y%m%d%H")
    shared = (kind, reason, organization, user, member, token, hint, address, hour)
    return hashlib.sha256(repr(shared).encode()).hexdigest()[:32]


events = Events()
writer.sources.append(events)
