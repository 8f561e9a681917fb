"""The benchmarks' own parts: data as services would store them, questions that are answered rightly.

Nothing is measured here, so neither wrk nor pgbench is needed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from benchmarks import calls, forms, machine, product, queries, requests, stages, web, wrk
from benchmarks.datasets import Datasets
from benchmarks.lines import LINES, Line
from benchmarks.postgresql import PostgreSQL
from benchmarks.requests import HOLE, Request
from benchmarks.sides import FloorSide, Unavailable, WebSide
from config.addresses import Address
from config.management.commands import quickstart
from forms_app.exact_json import dumps, reads
from forms_app.models import FormCounter, Member
from forms_app.people.actor import Actor
from forms_app.records.cleaning import cleaned_new
from forms_app.records.presentation import Projection, present
from forms_app.records.query import EntityQuery
from forms_app.records.writes import entity_create
from forms_app.schema.form_schema import FormSchema

RECORDS = 120
UNRESTRICTED = (Line("all_ids", "ids of all records", kind="ids"), Line("any", "simple of any", kind="simple"))
"""Few of so few records match the filters of the lines."""


def actor() -> Actor:
    member = Member.objects.get(uid=1)
    return Actor(organization_id=forms.ORGANIZATION, member_id=member.pk, uid=1)


def schema(form_id: int = forms.FORM) -> FormSchema:
    found = FormSchema.find(form_id)
    assert found is not None
    return found


def filled() -> EntityQuery:
    """The form of 30 fields with some records."""
    product.make_people()
    product.make_form(forms.RECORD, forms.FORM)
    product.fill(forms.RECORD, forms.FORM, RECORDS)
    return EntityQuery(schema(), Actor.acting_for(forms.ORGANIZATION, "test"))


def test_the_form_has_thirty_fields_of_which_a_create_sends_twenty() -> None:
    assert len(forms.RECORD) == 30
    assert len(forms.values(forms.RECORD, Random(1))) == 20
    assert sum(field.indexed for field in forms.RECORD) == 5


def test_what_sql_stores_is_what_the_services_would_store(db: None) -> None:
    query = filled()
    rows = query.page(5)
    shown = present(Projection.of(query.schema, [field.name for field in forms.RECORD]), rows, actor())
    for row, record in zip(rows, shown, strict=True):
        stored = reads(row.data)
        assert len(stored) == 30
        del record["number"], stored["number"]  # which the server gives
        assert cleaned_new(query.schema, reads(dumps(record).decode()), actor()) == stored


@pytest.mark.django_db(transaction=True)  # numbers are given on a connection of their own
def test_the_counters_and_the_numbers_go_on_behind_the_data() -> None:
    query = filled()
    assert query.count() == RECORDS
    row = entity_create(schema=query.schema, values=forms.values(forms.RECORD, Random(3)), actor=actor())
    assert row.id > RECORDS
    assert reads(row.data)["number"] == f"KH-{RECORDS + 1:08}"
    assert query.count() == RECORDS + 1


def test_forms_by_the_hundred_are_alike_and_each_has_its_own_records(db: None) -> None:
    product.make_forms(3, 7, indexed=False)
    for form_id in (1, 2, 3):
        assert len(schema(form_id).fields) == len(forms.SMALL)
        assert schema(form_id).by_field["status"].options.keys() == set(forms.tokens("status", 8))
        assert schema(form_id).primary is not None
        assert FormCounter.objects.filter(custom_form_id=form_id).count() == FormCounter.SLOTS
        assert EntityQuery(schema(form_id), Actor.acting_for(forms.ORGANIZATION, "test")).count() == 7
        row = entity_create(schema=schema(form_id), values=forms.values(forms.SMALL, Random(4)), actor=actor())
        assert row.id > 7
    with connection.cursor() as cursor:
        cursor.execute("SELECT custom_form_id, count(*) FROM form_entity GROUP BY 1 ORDER BY 1")
        assert cursor.fetchall() == [(1, 8), (2, 8), (3, 8)]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter: root's PostgreSQL is another user, and pytest's folders are closed."""
    path = Path(tempfile.mkdtemp(prefix="apaas-test-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.mark.slow
def test_every_line_is_answered_rightly_by_all_that_are_compared(folder: Path) -> None:
    """The whole way but the measuring: PostgreSQL, the three databases, the two servers, each line's first requests
    compared with brute force."""
    server = PostgreSQL(folder / "postgresql", "64MB", durable=False)
    server.start()
    said: list[str] = []
    datasets = Datasets(server, folder, fresh=False, say=said.append)
    try:
        with ExitStack() as stack:
            names = {web.PRODUCT: datasets.records(RECORDS), web.ORDINARY: datasets.ordinary(RECORDS)}
            sides: list[Any] = [FloorSide("floor", server, datasets.floor(RECORDS), RECORDS)]
            for application, kept in names.items():
                database = stack.enter_context(server.copied(kept))
                if application == web.PRODUCT:
                    assert stages.module(server, folder, "benchmarks.quotes", [], database) == calls.QUOTES
                serving = stack.enter_context(web.WebServer(application, server.url(database), folder))
                sides.append(WebSide(application, server, serving, database, RECORDS))
                assert serving.memory() > 10
                assert serving.cpu() > 0
            for side in sides:
                for line in (*LINES, *UNRESTRICTED):
                    try:
                        sent = side.requests(line)
                    except Unavailable:
                        assert side.name != web.PRODUCT
                        assert line.kind in ("cursor", *calls.KINDS)
                        continue
                    assert line.kind not in calls.KINDS or side.name == web.PRODUCT
                    assert sent
                    side.check(line, sent)
            for side in sides[1:]:
                side.check_total()
            indexes = server.fetch(names[web.PRODUCT], "SELECT state, count(*) FROM form_field_index GROUP BY 1")
            assert indexes == [("valid", 5)]
            built = len(said)
            datasets.floor(RECORDS)
            assert len(said) == built, "kept data were built anew"
            assert server.note(f"records_{RECORDS}_run") is not None
        assert server.note(f"records_{RECORDS}_run") is None
        assert server.settings()["shared_buffers"] == "64MB"
        assert server.cpu() > 0
    finally:
        server.stop()


def line_of(kind: str) -> Line:
    return next(line for line in LINES if line.kind == kind)


def nothing(_statement: str) -> list[tuple[Any, ...]]:
    return []


@pytest.mark.parametrize(
    ("quantity", "amount", "discount", "key_account", "expected"),
    [
        (1, "0.01", "0.5", True, "0.01"),
        (9_999, "1", "1", False, "10499"),
        (10_000, "1.005", "1", False, "10047.5"),
        (50_000, "2", "0.755", True, "67950"),
    ],
)
def test_a_quote_is_worth_what_its_formula_says(
    quantity: int, amount: str, discount: str, key_account: bool, expected: str
) -> None:
    values = {
        "quantity": quantity,
        "amount": Decimal(amount),
        "discount": Decimal(discount),
        "key_account": key_account,
    }
    assert calls.worth(values) == Decimal(expected)


def test_a_wrong_answer_to_the_other_calls_is_seen() -> None:
    evaluate, ids = line_of("evaluate"), line_of("ids")
    sent = calls.requests(evaluate, RECORDS)[:2]
    right = {request: float(calls.worth(calls.values_of(request))) for request in sent}
    calls.check(evaluate, sent, RECORDS, lambda request: {"value": right[request]}, nothing)
    with pytest.raises(AssertionError, match="is right"):
        calls.check(evaluate, sent, RECORDS, lambda request: {"value": right[request] + 0.01}, nothing)
    with pytest.raises(AssertionError, match="expected"):
        calls.check(ids, calls.requests(ids, RECORDS)[:1], RECORDS, lambda request: {"ids": [1]}, nothing)
    owned = calls.requests(line_of("transfer"), RECORDS)[:1]
    with pytest.raises(AssertionError, match="expected"):
        calls.check(line_of("transfer"), owned, RECORDS, lambda request: None, lambda statement: [(1, 1)])


def test_each_destroy_names_another_record_behind_those_that_are_gone() -> None:
    (request,) = calls.requests(line_of("mass_destroy"), RECORDS)
    assert json.loads(request.filled(123).body) == {"ids": ["0000123"]}
    assert calls.last_destroyed(lambda statement: [(5_000,)]) == 5_000
    assert calls.start(lambda statement: [(5_000,)]) == 5_000 + calls.UNDER_WAY
    assert '{"counter", ' in requests.script([request], {})


def test_too_few_records_to_destroy_are_not_measured() -> None:
    server: Any = SimpleNamespace()
    serving: Any = SimpleNamespace(application=web.PRODUCT)
    side = WebSide("product", server, serving, "", calls.ENOUGH - 1)
    with pytest.raises(Unavailable, match="fewer than 100,000"):
        side.prepare(line_of("mass_destroy"), [])


def test_the_servers_are_started_as_quickstart_starts_its_own(settings: Any) -> None:
    child, _worker = quickstart.Command().children(None, Address("127.0.0.1", 8123), web.WORKERS)
    assert child._command[3:] == web.command(8123, web.PRODUCT)


def test_a_script_for_wrk_holds_whole_requests() -> None:
    request = Request("POST", "/a?b=1", json.dumps({"text": f"华{HOLE}"}, ensure_ascii=False))
    written = request.written({"Host": "h"})
    head, _blank, body = written.partition("\r\n\r\n")
    assert f"Content-Length: {len(body.encode())}" in head
    assert len(request.filled(12).body) == len(request.body)
    script = requests.script([request], {"Host": "h"}, records=5, start=3)
    assert requests.lua("华") == '"\\229\\141\\142"'
    assert HOLE not in script
    assert '{"counter", "POST /a?b=1 HTTP/1.1\\013\\010Host: h' in script


def test_what_wrk_prints_is_read() -> None:
    line = 'RESULT {"requests": 100, "microseconds": 2000000, "p50": 1500, "p99": 9000, "refused": 1, "broken": 2}'
    assert wrk.load_of(f"words\n{line}\n", "", 0.5) == wrk.Load(50, 1.5, 9, 3, 0.5)
    with pytest.raises(RuntimeError, match="unable to connect"):
        wrk.load_of("", "unable to connect", 0)


def test_a_missing_wrk_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(wrk.Missing, match="apt install wrk"):
        wrk.program()


def test_a_query_says_the_same_to_all() -> None:
    query = queries.Query.filtered(Random(1), by_quantity=True)
    assert str(query.high) in queries.product(query).path
    assert str(query.high) in queries.ordinary(query).path
    assert str(query.high) in queries.brute_force(query, "record")[0]


@pytest.mark.parametrize(("status", "changed"), [("", False), (" M apaas/urls.py\n", True)])
def test_silence_of_git_means_that_nothing_was_changed(
    status: str, changed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(command: list[str], **_options: Any) -> SimpleNamespace:
        return SimpleNamespace(stdout=status if "status" in command else "wrk 4.1.0 Copyright\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert machine.described()["changed_since_commit"] is changed
