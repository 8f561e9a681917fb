"""Hostile and unusual HTTP against a real server, whose workers share nothing but the database."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from forms_app.models import CustomApp, CustomForm, FormEntity, Member, Organization
from forms_app.people.tokens import token_revoke
from tests.apaas.live import Live, answer, chunked, head, received, serving
from tests.factories import (
    CustomAppFactory,
    MemberFactory,
    OrganizationFactory,
    add_field,
    make_entity,
    make_form,
    make_token,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
JSON = "Content-Type: application/json"


class World:
    """What is in the database while the server runs."""

    def __init__(self) -> None:
        self.organization: Organization = OrganizationFactory(name="好公司")
        self.alice: Member = MemberFactory(organization=self.organization, uid=1)
        self.app: CustomApp = CustomAppFactory(organization=self.organization)
        self.form: CustomForm = make_form(self.app, {"title": "text_field", "amount": "float_field"})
        self.ids = [make_entity(self.form, self.alice, title=f"泵 {n}", amount=n) for n in range(3)]
        self.token = make_token(self.alice)[1]
        self.path = f"/apaas/api/v2/form_entities?custom_form_id={self.form.pk}"

    def at(self, path: str) -> str:
        return f"/apaas/api/v2/form_entities/{path}?custom_form_id={self.form.pk}"


def sent(live: Live, world: World, method: str, path: str, body: bytes | Any = None, *more: str) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    length = () if body is None else (f"Content-Length: {len(raw)}", JSON)
    return answer(live.raw(head(method, path, world.token, *length, *more), raw))


def bodies_come_on_every_method(live: Live, world: World) -> None:
    wanted = {"filters": [{"name": "title", "op": "like", "value": "泵 1"}], "only_field_names": ["id"]}
    raw = json.dumps(wanted, ensure_ascii=False).encode()
    for method in ("GET", "PUT"):
        for size in (1, 7, 4096):
            request = head(method, world.path, world.token, "Transfer-Encoding: chunked", JSON) + chunked(raw, size)
            status, body = answer(live.raw(request))
            assert (status, body["data"]["models"]) == (200, [{"id": world.ids[1]}]), (method, size)
        status, body = sent(live, world, method, world.path, raw)
        assert (status, body["data"]["models"]) == (200, [{"id": world.ids[1]}])
    entity = b'{"form_entity":{"title":"chunked","amount":0.1}}'
    status, body = answer(
        live.raw(head("POST", world.path, world.token, "Transfer-Encoding: chunked", JSON), chunked(entity))
    )
    assert (status, body["data"]["amount"]) == (200, Decimal("0.1"))
    gone = json.dumps({"ids": [body["data"]["id"]]}).encode()
    destroy = head("DELETE", world.at("mass_destroy"), world.token, "Transfer-Encoding: chunked", JSON)
    assert answer(live.raw(destroy, chunked(gone)))[0] == 200
    assert answer(live.raw(destroy, chunked(gone)))[0] == 404


def text_is_utf8_both_ways(live: Live, world: World) -> None:
    for query in ("&search_column_name=title&query=泵+2", "&search_column_name=title&query=%E6%B3%B5%202"):
        request = head("GET", "PLACE", world.token).replace(b"PLACE", (world.path + query).encode())
        raw = live.raw(request)
        status, body = answer(raw)
        assert (status, [model["title"] for model in body["data"]["models"]]) == (200, ["泵 2"]), query
        assert "泵 2".encode() in raw


def a_body_over_the_limit_is_answered(live: Live, world: World) -> None:
    megabytes = b'{"form_entity":{"title":"' + b"x" * (30 << 20) + b'"}}'
    length = f"Content-Length: {len(megabytes)}"
    with live.connect() as connected:
        keep = head("POST", world.path, world.token, length, JSON).replace(b"Connection: close\r\n", b"")
        connected.sendall(keep)
        connected.sendall(megabytes)
        connected.sendall(head("GET", world.path, world.token))
        found = received(connected)
    first, _separator, second = found.partition(b"HTTP/1.1 200")
    assert answer(first)[0] == 413
    assert answer(first)[1]["errors"][0]["code"] == "body_too_large"
    assert second, "the connection was usable for the next request"
    request = head("POST", world.path, world.token, "Transfer-Encoding: chunked", JSON)
    assert answer(live.raw(request, chunked(megabytes, 1 << 20)))[0] == 413
    assert sent(live, world, "GET", world.path)[0] == 200


def deep_and_long_bodies_are_refused_soon(live: Live, world: World) -> None:
    began = time.monotonic()
    for body, status in (
        (b'{"filters":' + b"[" * 10_000 + b"]" * 10_000 + b"}", 400),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400),
        (json.dumps({"ids": list(range(1, 100_001)), "to_user_uid": 1}).encode(), 413),
        (json.dumps({"filters": [{"name": "x"}] * 100_000}).encode(), 413),
        (json.dumps({f"unknown{n}": 1 for n in range(100_000)}).encode(), 400),
    ):
        path = world.at("transfer") if b"to_user_uid" in body else world.path
        assert sent(live, world, "PUT", path, body)[0] == status, body[:40]
    entity = {"form_entity": {f"unknown{n}": 1 for n in range(100_000)}}
    status, answered = sent(live, world, "POST", world.path, entity)
    assert (status, len(answered["errors"])) == (400, 1000)
    numbers = {"form_entity": {"amount": int("9" * 4000)}}
    assert sent(live, world, "POST", world.path, json.dumps(numbers).encode())[0] == 400
    assert time.monotonic() - began < 10


def unusual_requests_are_understood(live: Live, world: World) -> None:
    entity = b'{"form_entity":{"title":"expected"},"only_field_names":["title"]}'
    expecting = head("POST", world.path, world.token, "Expect: 100-continue", f"Content-Length: {len(entity)}", JSON)
    found = live.raw(expecting, entity, pause=0.2)
    found = found.partition(b"\r\n\r\n")[2] if b" 100 " in found[:16] else found
    assert answer(found) == (200, {"code": 0, "message": "success", "remark": "成功", "data": {"title": "expected"}})
    assert answer(live.raw(head("GET", world.path, world.token, version="1.0")))[0] == 200
    assert (
        answer(live.raw(head("GET", world.path, None, f'Authorization: Token token="{world.token}",device=pc')))[0]
        == 200
    )
    assert answer(live.raw(head("GET", world.path, None, f"access-token: {world.token}")))[0] == 200
    assert answer(live.raw(head("PROPFIND", world.path, world.token)))[0] == 405
    assert answer(live.raw(head("GET", "/apaas/nowhere", world.token)))[0] == 404
    assert answer(live.raw(head("GET", "/apaas/%ff%00", world.token)))[0] == 404
    assert answer(live.raw(head("GET", world.path, world.token).replace(b"localhost", b"evil.example")))[0] == 400
    assert answer(live.raw(head("GET", world.path, world.token, "X-Request-Id: mine")))[0] == 200
    assert b"x-request-id: mine" in live.raw(head("GET", world.path, world.token, "X-Request-Id: mine")).lower()


def broken_requests_change_nothing(live: Live, world: World) -> None:
    before = FormEntity.objects.filter(custom_form_id=world.form.pk).count()
    entity = b'{"form_entity":{"title":"cut"}}'
    short = head("POST", world.path, world.token, f"Content-Length: {len(entity) - 5}", JSON)
    assert answer(live.raw(short, entity))[0] == 400
    with live.connect() as connected:
        connected.sendall(head("POST", world.path, world.token, f"Content-Length: {len(entity) + 50}", JSON) + entity)
        connected.shutdown(1)
        found = received(connected)
    assert not found or answer(found)[0] == 400
    with live.connect() as connected:
        request = head("POST", world.path, world.token, "Transfer-Encoding: chunked", JSON)
        connected.sendall(request + b'5\r\n{"for')
        connected.shutdown(1)
        found = received(connected)
    assert not found or answer(found)[0] == 400
    for raw in (
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n",
    ):
        found = live.raw(raw + b"\r\n")
        assert not found or b" 4" in found[:16] or b" 5" in found[:16]
    two = head("POST", world.path, world.token, "Content-Length: 3", "Transfer-Encoding: chunked", JSON)
    live.raw(two, chunked(entity))
    assert FormEntity.objects.filter(custom_form_id=world.form.pk, data__title="cut").count() <= 1
    assert sent(live, world, "GET", world.path)[0] == 200
    assert FormEntity.objects.filter(custom_form_id=world.form.pk).count() <= before + 1


CHECKS: list[Callable[[Live, World], None]] = [
    bodies_come_on_every_method,
    text_is_utf8_both_ways,
    a_body_over_the_limit_is_answered,
    deep_and_long_bodies_are_refused_soon,
    unusual_requests_are_understood,
    broken_requests_change_nothing,
]


def test_one_worker_withstands_what_comes_over_a_socket() -> None:
    world = World()
    failures: list[str] = []
    with serving() as live:
        for check in CHECKS:
            try:
                check(live, world)
            except AssertionError as error:
                failures.append(f"{check.__name__}: {error}")
    assert not failures, "\n\n".join(failures)


HEADS = (
    b"GET /admin/ HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
    b"GET /apaas/ HTTP/1.1\r\nHost: localhost\r\n" + b"X: 1\r\n" * 500 + b"\r\n",
    b"GET /admin/?" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /admin/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /admin/ HTTP/1.1\r\nHost: localhost\r\nX: \xff\x00\r\n\r\n",
    b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
)


@pytest.mark.parametrize("path", ["/admin/", "/apaas/api/v2/custom_apps"])
def test_a_head_that_cannot_be_read_is_refused_and_logs_no_traceback(tmp_path: Path, path: str) -> None:
    with serving(log=tmp_path / "log") as live:
        for raw in HEADS:
            found = live.raw(raw)
            assert not found or re.match(rb"HTTP/1\.1 4(00|14|31) ", found), found[:80]
        for host in (b"evil", b"\xff\xfe", b"localhost\r\nHost: evil", b"x" * 100_000):
            found = live.raw(head("GET", path, None).replace(b"localhost", host))
            assert found.startswith(b"HTTP/1.1 400 "), found[:80]
        assert answer(live.raw(head("GET", "/apaas/api/v2/custom_apps", None)))[0] == 401
    logged = (tmp_path / "log").read_text()
    assert "Traceback" not in logged
    assert [line.split()[1:3] for line in logged.splitlines()] == [["[warning", "]"]] * 4, logged


def polled(ask: Callable[[], bool], times: int = 12) -> list[bool]:
    """What many connections hear, spread over the workers."""
    return [ask() for _ in range(times)]


@pytest.fixture
def _two() -> Iterator[tuple[Live, World]]:
    world = World()
    with serving(workers=2) as live:
        yield live, world


def test_two_workers_see_a_change_within_a_second(_two: tuple[Live, World]) -> None:
    live, world = _two
    assert all(polled(lambda: sent(live, world, "GET", world.path)[0] == 200))
    add_field(world.form, "extra", "text_field")
    field = world.form.custom_fields.get(name="amount")
    field.status = "disable"
    field.save()
    time.sleep(1)

    def changed() -> bool:
        model = sent(live, world, "GET", world.path)[1]["data"]["models"][0]
        return "extra" in model and "amount" not in model

    assert all(polled(changed))
    row, token = make_token(world.alice)
    world.token = token
    assert all(polled(lambda: sent(live, world, "GET", world.path)[0] == 200))
    token_revoke(access_token=row)
    time.sleep(1)
    assert all(polled(lambda: sent(live, world, "GET", world.path)[0] == 401))
