"""Changing anything that a caller may not read changes no byte of any answer (docs/contract.md §4)."""

from __future__ import annotations

import re
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import RequestFactory
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from apaas.reference import examples
from forms_app.caching import tagged
from forms_app.models import CustomApp, Member
from forms_app.people.rights import RECORD_VERBS
from forms_app.records.changes import reading
from tests.apaas.conftest import API, HANDLER, Api, encoded
from tests.apaas.rights.calls import FIELDS, Call, Caller
from tests.apaas.rights.oracle import TABS, GrantSpec, Oracle
from tests.apaas.rights.worlds import (
    Forms,
    change_unreadable,
    give,
    make_forms,
    make_records,
)
from tests.factories import make_token

CALLS = 200
"""Calls that each world is asked."""
CHANGES = 3
"""How often all that may not be read changes: each time all answers are compared with the first."""
SHARDS = 8
WORLDS = 21
"""Worlds in each shard: 8 × 21 × 3 × 200 compared answers."""
REQUEST_ID = re.compile(rb'"request_id":"[^"]*"|(?<=")\d{16}')
"""And the microsecond with which a sample of a unique text begins."""
VOLATILE = re.compile(
    rb'"request_id":"[^"]*"|"(?:updated_at|created_at)":"[^"]*"|"number":"[^"]*"|"id":\d+(?=,"app_id")'
    rb'|(?<="status":"created",)"id":\d+'
)
"""What is no value: times, request ids, and of a record that the call itself made its id and number."""

PLACE = re.compile(rb'"request_id":"[^"]*"|"next_cursor":"[^"]*"')
"""The cursor of a feed tells when it was given."""


EXAMPLES = bounds(
    max_examples=WORLDS,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # to make an example smaller would take as long as to find it
    suppress_health_check=list(HealthCheck),
)


class WorldEnds(Exception):
    """Takes back what a world holds."""


def grants(target: str) -> st.SearchStrategy[GrantSpec]:
    names = st.frozensets(st.sampled_from(FIELDS[target])) if target in FIELDS else st.just(frozenset())
    rows = ["all", "own", "department", "department_below", *(TABS if target == "deals" else ())]
    return st.builds(
        GrantSpec,
        st.just(target),
        st.frozensets(st.sampled_from(RECORD_VERBS)).map(lambda verbs: verbs | {"read"})
        | st.frozensets(st.sampled_from(RECORD_VERBS)),
        st.sampled_from(rows),
        names,
        names,
    )


ROLES = st.builds(
    lambda *lists: [grant for listed in lists for grant in listed],
    st.lists(grants("deals"), min_size=1, max_size=2),
    st.lists(grants("leads"), min_size=1, max_size=2) | st.just([]),
    st.lists(st.sampled_from(["app", "all"]).flatmap(grants), max_size=1) | st.just([]),
)
TOKENS = st.tuples(
    st.none() | st.frozensets(st.sampled_from(RECORD_VERBS)).map(lambda verbs: verbs | {"read"}),
    st.none() | st.just(frozenset({"deals"})) | st.just(frozenset({"deals", "leads"})),
)


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_two_worlds_that_differ_in_what_one_may_not_read_answer_the_same(
    shard: int, custom_app: CustomApp, people: dict[int, Member], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VERSION_CHECK_SECONDS = 60  # all that changes here is changed by this process
    # The feed tells what is committed, which here is nothing, and up to where that is, other tests' transactions say.
    monkeypatch.setattr(reading, "horizon", lambda: ("9223372036854775807::bigint", []))
    # What an example has for a unique field is made of the time.
    monkeypatch.setattr(examples, "time", SimpleNamespace(time_ns=lambda: 1_796_130_727_469_309_000))
    forms = make_forms(custom_app, people[1])
    if HANDLER._middleware_chain is None:
        HANDLER.load_middleware()
    counts: list[tuple[int, int]] = []

    @given(roles=ROLES, token=TOKENS, seed=st.integers(0, 2**32))
    @EXAMPLES
    def worlds_answer_the_same(roles: list[GrantSpec], token: Any, seed: int) -> None:
        counts.append(compare(forms, people[3], roles, token, Random(seed + shard)))

    worlds_answer_the_same()
    compared, told = (sum(each) for each in zip(*counts, strict=True))
    assert compared >= 100_000 / SHARDS
    assert told >= compared / 4, "most calls are refused: a refusal tells little"


def compare(forms: Forms, member: Member, roles: list[GrantSpec], limits: Any, chance: Random) -> tuple[int, int]:
    """Ask a world, and the same again each time that all has changed which may not be read: (how many answers were
    compared, how many of them tell something)."""
    verbs, only = limits
    oracle = Oracle(roles, verbs, only)
    told = 0
    try:
        with transaction.atomic():
            give(forms, member, roles)
            named = [forms.named(name) for name in sorted(only)] if only else ()
            _row, token = make_token(member, verbs=verbs, custom_forms=named)
            records = make_records(forms, chance)
            caller = Caller(forms, records, oracle, chance)
            calls = [caller.call() for _number in range(CALLS)]
            before = [answer(token, call) for call in calls]
            for _change in range(CHANGES):
                change_unreadable(forms, records, oracle, chance)
                tagged.empty_all()
                for call, first in zip(calls, before, strict=True):
                    second = answer(token, call)
                    assert first == second, (roles, limits, call, first, second)
                    told += first[0] == 200
            raise WorldEnds
    except WorldEnds:
        tagged.empty_all()
    return CALLS * CHANGES, told


REQUESTS = RequestFactory()
WRITES = re.compile(r"form_entities(/\d|/transfer|/mass_|/restore|\?)")
WRITTEN = {"form_entity", "form_entities", "ids"}


def answer(token: str, call: Call) -> tuple[int, bytes]:
    """Status and body, what the call wrote taken back."""
    method, path, body = call
    if path.startswith("/rest/"):
        body = {**body, "security": token}
    if not (WRITES.match(path) and method != "GET" and body.keys() & WRITTEN):
        volatile = PLACE if "/changes?" in path else REQUEST_ID
        return status_and_body(token, (method, path, body), volatile)
    try:
        with transaction.atomic():
            answered = status_and_body(token, call, VOLATILE)
            raise WorldEnds
    except WorldEnds:
        return answered


def status_and_body(token: str, call: Call, volatile: re.Pattern[bytes]) -> tuple[int, bytes]:
    """Through all middleware, without what a test's client notes of templates and cookies: an eighth of the time."""
    method, path, body = call
    if path.startswith("files/"):
        response: Any = Api(token).call(method, path)  # which closes the file
        return response.status_code, b"".join(response) if response.streaming else volatile.sub(b"", response.content)
    raw = b"" if body is None else encoded(body)
    address = path if path.startswith("/") else API + path
    request = REQUESTS.generic(method, address, raw, "application/json", HTTP_ACCESS_TOKEN=token)
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    response = HANDLER.get_response(request)
    if response.streaming:
        return response.status_code, b"".join(response)
    return response.status_code, volatile.sub(b"", response.content)
