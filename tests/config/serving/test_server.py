"""A real server: who trickles, idles, hangs up, sends many at once or asks too much holds nobody else up."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from select import select
from typing import Any

import pytest
from django.db import connection

from forms_app.models import AccessEvent, ApiCall, CustomForm, Member
from tests.apaas.live import Live, answer, head, received, serving
from tests.config.copies import wait_until
from tests.factories import CustomAppFactory, MemberFactory, OrganizationFactory, make_form, make_token, schema_of
from tests.forms_app.worlds import insert

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CONDITIONS = 90


class World:
    """Two organizations; the form of the first is large enough to be looked through for many seconds."""

    def __init__(self) -> None:
        self.alice: Member = MemberFactory(organization=OrganizationFactory(name="好公司"), uid=1)
        self.charlie: Member = MemberFactory(organization=OrganizationFactory(name="别的公司"), uid=1)
        self.form: CustomForm = make_form(
            CustomAppFactory(organization=self.alice.organization), {"title": "text_field", "text": "text_area"}
        )
        self.theirs = make_form(CustomAppFactory(organization=self.charlie.organization), {"title": "text_field"})
        insert(self.form, [f'{{"title": "泵", "text": "{n} {"长文" * 1000}"}}' for n in range(4_000)])
        self.token, self.other = make_token(self.alice)[1], make_token(self.charlie)[1]
        self.path = f"/apaas/api/v2/form_entities?custom_form_id={self.form.pk}"

    def dear(self) -> bytes:
        """A query that takes long, and is let in: the counters know nothing of the records."""
        inner = [{"name": "text", "op": "like", "value": f"没有{n}"} for n in range(CONDITIONS)]
        return request("PUT", self.path, self.token, {"filters": [{"or": inner}]})

    def others_are_answered(self, live: Live, times: int = 8) -> None:
        asked = head("GET", f"/apaas/api/v2/form_entities?custom_form_id={self.theirs.pk}", self.other)
        assert [answer(live.raw(asked))[0] for _ in range(times)] == [200] * times


def request(method: str, path: str, token: str, body: Any) -> bytes:
    raw = json.dumps(body, ensure_ascii=False).encode()
    return head(method, path, token, "Content-Type: application/json", f"Content-Length: {len(raw)}") + raw


def running(text: str) -> int:
    """How many statements that contain the text run now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
            " AND datname = current_database() AND position(%s IN query) > 0",
            [text],
        )
        return int(cursor.fetchone()[0])


def trickling_and_idle_connections_hold_nobody_up(live: Live, world: World) -> None:
    whole = request("PUT", world.path, world.token, {"per_page": 1, "only_field_names": ["title"]})
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(live.connect())
        trickling = [stack.enter_context(live.connect()) for _ in range(40)]
        for connected in trickling:
            connected.sendall(whole[:-10])
        endless = [stack.enter_context(live.connect()) for _ in range(20)]
        for connected in endless:
            connected.sendall(b"GET / HTTP/1.1\r\nX-Endless: ")
        world.others_are_answered(live)
        for byte in whole[-10:]:
            trickling[0].sendall(bytes([byte]))
        assert answer(received(trickling[0]))[0] == 200
    # Those that hung up with half a body are worked off, while others come and go; only their own token waits for that.
    asked = head("GET", world.path, world.token)
    wait_until(lambda: answer(live.raw(asked))[0] == 200, what="the token is served again")


def who_hangs_up_is_worked_for_no_longer(live: Live, world: World) -> None:
    with ExitStack() as stack:
        asking: list[socket.socket] = []

        def runs() -> bool:
            # Turned away while others of the token's requests are there.
            if not asking or select(asking[-1:], [], [], 0)[0]:
                assert not asking or b" 429 " in received(asking[-1])[:20]
                asking.append(stack.enter_context(live.connect()))
                asking[-1].sendall(world.dear())
            return running("strpos") > 0

        wait_until(runs, what="the query runs", seconds=60)
    wait_until(lambda: not running("strpos"), what="it is cancelled", seconds=30)
    world.others_are_answered(live)


@contextmanager
def held_up(form: CustomForm) -> Iterator[None]:
    """Readers of the form's records wait."""
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"BEGIN; LOCK TABLE {schema_of(form).partition} IN ACCESS EXCLUSIVE MODE")
            locked.set()
            done.wait(60)
            cursor.execute("ROLLBACK")
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert locked.wait(30)
    try:
        yield
    finally:
        done.set()
        thread.join()


def somebody_waits_for(form: CustomForm) -> bool:
    """Whether a statement waits for the lock of the form's records."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = %s::regclass AND NOT granted)",
            [schema_of(form).partition],
        )
        return bool(cursor.fetchone()[0])


def a_token_with_too_many_requests_is_told_so_at_once(live: Live, world: World) -> None:
    asked = head("GET", world.path, world.token)
    with held_up(world.form), ExitStack() as stack:
        waiting = [stack.enter_context(live.connect()) for _ in range(6)]
        for connected in waiting:
            connected.sendall(asked)
        refused = b""

        def turned_away() -> bool:
            nonlocal refused
            refused = received_now(live, asked)
            return b" 429 " in refused

        wait_until(turned_away, what="one too many is refused")
        assert b"retry-after: 1" in refused.lower()
        status, body = answer(refused)
        assert (status, body["code"], body["message"]) == (429, 100429, "Retry later")
        if schema_of(world.form).partition != schema_of(world.theirs).partition:
            world.others_are_answered(live)
        else:
            assert answer(live.raw(head("GET", "/apaas/api/v2/custom_apps", world.other)))[0] == 200
    wait_until(lambda: answer(live.raw(asked))[0] == 200, what="the token is served again")


def received_now(live: Live, asked: bytes) -> bytes:
    """What is answered within two seconds."""
    with live.connect() as connected:
        connected.settimeout(2)
        connected.sendall(asked)
        return received(connected)


def passwords_are_checked_one_after_the_other(live: Live, world: World) -> None:
    basic = base64.b64encode(b"nobody:wrong").decode()
    asked = head("GET", "/accounts/api/security/get/", None, f"Authorization: Basic {basic}")
    with ExitStack() as stack:
        several = [stack.enter_context(live.connect()) for _ in range(14)]
        for connected in several:
            connected.sendall(asked)
        world.others_are_answered(live, times=3)
        answers = [received(connected).lower() for connected in several]
    assert all(b" 200 ok" in each[:20] for each in answers)
    assert 14 - 8 - 4 <= sum(b"retry-after" in each for each in answers) < 14


CHECKS: list[Callable[[Live, World], None]] = [
    trickling_and_idle_connections_hold_nobody_up,
    who_hangs_up_is_worked_for_no_longer,
    a_token_with_too_many_requests_is_told_so_at_once,
    passwords_are_checked_one_after_the_other,
]


def test_nobody_holds_up_the_others() -> None:
    world = World()
    failures: list[str] = []
    with serving(STATEMENT_SECONDS="120", TOKEN_CONCURRENCY="5") as live:
        for check in CHECKS:
            try:
                check(live, world)
            except (TimeoutError, AssertionError) as error:
                failures.append(f"{check.__name__}: {error}")
    assert not failures, "\n\n".join(failures)


def test_a_token_s_own_limit_holds_for_all_workers() -> None:
    world = World()
    token = make_token(world.alice, calls_at_once=1)[1]
    asked = head("GET", "/apaas/api/v2/custom_apps", token)
    with serving(workers=2) as live:

        def answered(times: int) -> set[int]:
            return {answer(live.raw(asked))[0] for _time in range(times)}

        assert answered(40) == {200}  # one after the other
        with held_up(world.form), live.connect() as waiting:
            waiting.sendall(head("GET", world.path, token))
            wait_until(lambda: somebody_waits_for(world.form), what="the one request is there")
            assert answered(20) == {429}
        wait_until(lambda: answer(live.raw(asked))[0] == 200, what="the token is served again")


@pytest.mark.parametrize("pooler", ["0", "1"], ids=["direct", "pooler"])
def test_a_query_over_the_limit_is_cancelled_and_named(pooler: str) -> None:
    world = World()
    with serving(STATEMENT_SECONDS="2", DB_POOLER=pooler) as live:
        began = time.monotonic()
        status, body = answer(live.raw(world.dear()))
        assert time.monotonic() - began > 2
        assert (status, body["code"]) == (400, 100400)
        assert [(fault["field"], fault["code"]) for fault in body["errors"]] == [("text", "too_expensive")]
        world.others_are_answered(live)


def test_calls_are_noted_by_each_worker_and_the_last_at_its_end() -> None:
    world = World()
    path = f"/apaas/api/v2/form_entities?custom_form_id={world.theirs.pk}"
    with serving(workers=2, CALL_LOG="1", CALL_LOG_PER_SECOND="50", ACCESS_EVENT_DAYS="180") as live:
        for _n in range(20):
            assert answer(live.raw(head("GET", path, world.other)))[0] == 200
        wait_until(lambda: ApiCall.objects.filter(status=200).count() == 20, what="calls are noted")
        for _n in range(5):
            live.raw(head("GET", path, "apaas_nobody_has_this"))
        assert live.raw(request("POST", path, world.other, {"form_entity": {"title": "last"}}))
    assert ApiCall.objects.filter(status=200).count() == 21
    assert ApiCall.objects.filter(status=401, code="100401").count() >= 5  # and those that ask whether it is up
    assert AccessEvent.objects.get(kind="token_refused").count == 5
    ApiCall.objects.all().delete()
    AccessEvent.objects.all().delete()
