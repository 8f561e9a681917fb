"""A real server's exports: what breaks off does not look whole, and who hangs up is made nothing more."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.db import connection

from forms_app.models import CustomForm, Member
from tests.apaas.live import Live, head, joined, received, serving
from tests.config.copies import wait_until
from tests.factories import CustomAppFactory, MemberFactory, OrganizationFactory, make_form, make_token
from tests.forms_app.worlds import insert

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
RECORDS = 12_000


def sessions(state: str) -> list[int]:
    """The processes of PostgreSQL that hold an export's cursor."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE state = %s AND datname = current_database()"
            " AND query LIKE 'FETCH %%'",
            [state],
        )
        return [row[0] for row in cursor.fetchall()]


def test_an_export_is_whole_or_broken_off(tmp_path: Path) -> None:
    alice: Member = MemberFactory(organization=OrganizationFactory(name="好公司"), uid=1)
    form: CustomForm = make_form(CustomAppFactory(organization=alice.organization), {"title": "text_area"})
    insert(form, [f'{{"title": "{n} {"长文" * 500}"}}' for n in range(RECORDS)])
    asked = head("GET", f"/apaas/api/v2/form_entities/export?custom_form_id={form.pk}", make_token(alice)[1])
    with serving(log=tmp_path / "log") as live:
        it_is_whole(live, asked)
        who_hangs_up_is_made_nothing_more(live, asked)
        who_reads_slowly_costs_no_memory(live, asked)
        a_head_leaves_the_connection_open(live, asked)
        what_breaks_off_does_not_look_whole(live, asked)
        assert "answer broke off" in (tmp_path / "log").read_text()
        it_is_whole(live, asked)


def records_of(raw: bytes) -> int:
    """How many records came, whatever the chunks."""
    return joined(raw.partition(b"\r\n\r\n")[2]).count("长文,".encode())


def it_is_whole(live: Live, asked: bytes) -> None:
    raw = live.raw(asked)
    assert raw.startswith(b"HTTP/1.1 200")
    assert raw.endswith(b"\r\n0\r\n\r\n")
    assert records_of(raw) == RECORDS


def who_hangs_up_is_made_nothing_more(live: Live, asked: bytes) -> None:
    with live.connect() as connected:
        connected.sendall(asked)
        connected.recv(1000)
        wait_until(lambda: bool(sessions("idle in transaction")), what="the cursor waits for its reader")
    wait_until(lambda: not sessions("idle in transaction"), what="the cursor is given up")


def who_reads_slowly_costs_no_memory(live: Live, asked: bytes) -> None:
    """The file has 36 MB, and some may lie between PostgreSQL and the client."""
    with live.connect() as connected:
        connected.sendall(asked)
        found = connected.recv(1000)
        for _look in range(5):
            time.sleep(0.5)
            wait_until(lambda: sessions("idle in transaction"), what="not all of it is made, for nobody reads it")
        found += received(connected)
    assert records_of(found) == RECORDS


def a_head_leaves_the_connection_open(live: Live, asked: bytes) -> None:
    with live.connect() as connected:
        connected.sendall(asked.replace(b"GET ", b"HEAD ", 1).replace(b"Connection: close\r\n", b""))
        assert connected.recv(4000).startswith(b"HTTP/1.1 200")
        connected.sendall(asked)
        assert records_of(received(connected)) == RECORDS


def what_breaks_off_does_not_look_whole(live: Live, asked: bytes) -> None:
    with live.connect() as connected:
        connected.sendall(asked)
        found = connected.recv(1000)
        held: list[int] = []
        wait_until(lambda: held.extend(sessions("idle in transaction")) or held, what="the cursor waits for its reader")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [held[0]])
        found += received(connected)
    assert found.startswith(b"HTTP/1.1 200")
    assert not found.endswith(b"\r\n0\r\n\r\n")
