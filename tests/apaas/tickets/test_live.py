"""The ticket API on a real server whose two workers share nothing but the database."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from pytest_django import Settings

from forms_app.models import Flow, StoredFile, Ticket, TicketStep
from tests.apaas.live import Live, answer, chunked, head, serving
from tests.apaas.tickets.conftest import EDIT, PASSWORD, QUERY, SECURITY, basic, uploads, value
from tests.apaas.tickets.test_security_code import aged

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CALLS = 40


def called(live: Live, address: str, body: Any, *more: str) -> dict[str, Any]:
    raw = json.dumps(body).encode()
    status, found = answer(live.raw(head("POST", address, None, f"Content-Length: {len(raw)}", *more), raw))
    assert status == 200
    return dict(found)


def test_codes_and_tickets_over_workers_and_restarts(
    account: User, flow: Flow, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # the server's
    account.set_password(PASSWORD)
    account.save()
    with serving(workers=2) as live:
        status, found = answer(
            live.raw(head("GET", SECURITY, None, f"Authorization: {basic(account.username, PASSWORD)}"))
        )
        assert status == 200
        code = found["result"]["security"]
        create = {"security": code, "action": "create", "formdata": [value("FORMITM_1", "x")]}
        numbers = [called(live, EDIT + "tickets", create)["result"] for _ in range(10)]
        assert numbers == [str(number) for number in range(1, 11)]  # by both workers
        code_is_known_to_both(live, code)
        one_push_of_many_goes_through(live, code)
        files_are_kept(live, code, tmp_path)
    with serving(workers=2) as live:
        code_is_known_to_both(live, code)
        aged(code, 301)
        told = {called(live, QUERY + "tickets", {"security": code, "data_no": 1})["message"] for _ in range(6)}
        assert told == {"查詢失敗。"}


def code_is_known_to_both(live: Live, code: str) -> None:
    for _ in range(10):
        found = called(live, QUERY + "tickets", {"security": code, "data_no": 1})
        assert [row["stop_chart_text"] for row in found["result"]] == ["review"]


def one_push_of_many_goes_through(live: Live, code: str) -> None:
    (waiting,) = called(live, QUERY + "tickets", {"security": code, "data_no": 2})["result"]
    body = {"security": code, "action": "update", "data_id": waiting["data_id"], "formdata": [value("note", "n")]}
    with ThreadPoolExecutor(CALLS) as pool:
        found = list(pool.map(lambda _n: called(live, EDIT + "tickets", body), range(CALLS)))
    assert sorted(one["message"] for one in found) == sorted(["推單成功。"] + ["推單失敗。"] * (CALLS - 1))
    assert all("approve" in one["reason"] for one in found if one["status"] == "404")
    ticket = Ticket.objects.get(flow__api_path="tickets", data_no=2)
    assert TicketStep.objects.filter(ticket_id=ticket.pk, action="push").count() == 1


def files_are_kept(live: Live, code: str, folder: Path) -> None:
    values = {"security": code, "action": "create", "formdata": json.dumps([value("FORMITM_1", "x")])}
    raw = encode_multipart(BOUNDARY, {**values, **uploads({"files": ("a.txt", b"x" * 3_000_000)})})
    kind = f"Content-Type: {MULTIPART_CONTENT}"
    sized = live.raw(head("POST", EDIT + "tickets", None, kind, f"Content-Length: {len(raw)}"), raw)
    unsized = live.raw(head("POST", EDIT + "tickets", None, kind, "Transfer-Encoding: chunked"), chunked(raw, 1 << 16))
    for found in (sized, unsized):
        assert answer(found)[1]["message"] == "開單成功。"
    assert list(StoredFile.objects.values_list("size", flat=True)) == [3_000_000] * 2
    on_disk = [path.stat().st_size for path in (folder / "files").rglob("*") if path.is_file()]
    assert on_disk == [3_000_000] * 2
