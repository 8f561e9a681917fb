"""The benchmarks' own parts: data as services would store them, questions that are answered rightly, tables, plot.

Nothing is measured here, so neither wrk nor pgbench is needed.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection

from benchmarks import forms, plot, product, queries, report, requests, web, wrk
from benchmarks.datasets import Datasets
from benchmarks.lines import LINES, OTHER_LINES
from benchmarks.postgresql import PostgreSQL
from benchmarks.requests import HOLE, Request
from benchmarks.sides import FloorSide, Unavailable, WebSide
from config.addresses import Address
from config.management.commands import quickstart
from forms_app.actor import Actor
from forms_app.directory import directory_of
from forms_app.jsontext import dumps, reads
from forms_app.models import FormCounter, Member
from forms_app.query import EntityQuery
from forms_app.records import Projection, present
from forms_app.schema import FormSchema
from forms_app.services.cleaning import cleaned_new
from forms_app.services.entities import entity_create

RECORDS = 120


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
    return EntityQuery(schema(), directory_of(forms.ORGANIZATION))


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
        assert EntityQuery(schema(form_id), directory_of(forms.ORGANIZATION)).count() == 7
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
                serving = stack.enter_context(web.WebServer(application, server.url(database), folder))
                sides.append(WebSide(application, server, serving, database, RECORDS))
                assert serving.memory() > 10
                assert serving.cpu() > 0
            for side in sides:
                for line in LINES:
                    try:
                        sent = side.requests(line)
                    except Unavailable:
                        assert line.kind == "cursor"
                        continue
                    assert sent
                    side.check(line, sent)
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


# --- tables and plot ---------------------------------------------------------------------------------------


def measurement(line: str, side: str, connections: int, *rates: float, dataset: str = "1,000 records") -> Any:
    rounds = [
        {
            "per_second": rate,
            "p50": 1000 / rate,
            "p99": 3000 / rate,
            "failures": 0,
            "seconds": 5.0,
            "cpu_server": 4.0,
            "cpu_postgresql": 2.0,
            "cpu_client": 0.5,
            "cpu_others": 0.1,
            "memory_mb": 123.4,
        }
        for rate in rates
    ]
    return {
        "line": line,
        "side": side,
        "dataset": dataset,
        "connections": connections,
        "rounds": rounds,
        "fault": "",
        "unavailable": "",
    }


@pytest.fixture
def results() -> dict[str, Any]:
    """What a run writes, with figures that are easy to reckon with."""
    return {
        "began": "2025-01-01T00:00:00+00:00",
        "machine": {
            "cpu": "CPU",
            "cores": 2,
            "memory_gb": 8.0,
            "system": "Linux",
            "python": "3.11",
            "wrk": "wrk 4",
            "packages": {"django": "5.2"},
            "commit": "0123456789abcdef",
            "changed_since_commit": True,
        },
        "postgresql": {"server_version": "18", "fsync": "on"},
        "options": {"sizes": [10, 1000], "forms": [[3, 50]], "seconds": 5.0, "rounds": 3},
        "reference": 1000,
        "measurements": [
            measurement("list", "product", 1, 500),
            measurement("list", "product", 16, 1000, 1200, 1100),
            measurement("list", "ordinary", 16, 20, 20, 20),
            measurement("list", "floor", 16, 2200, 2400, 2200),
            measurement("search", "product", 1, 100),
            measurement("search", "product", 16, 700),
            {**measurement("create", "product", 16), "fault": "5 requests failed"},
            measurement("growth", "10 records", 16, 150, dataset="forms of other sizes"),
            measurement("growth", "1,000 records", 16, 100, dataset="forms of other sizes"),
            measurement("forms_list", "1 form", 16, 140, dataset="3 forms of 50"),
            measurement("forms_list", "3 forms", 16, 100, dataset="3 forms of 50"),
        ],
        "facts": {
            "memory": {"product_mb": 250.0, "ordinary_mb": 200.0},
            "field_indexes": [["btree", 4], ["grams", 1]],
            "total": {"p50": 0.3, "p99": 0.8, "compared": 20, "wrong": 0, "written_meanwhile": 99},
            "load": {"rows": 100, "seconds": 31.0, "memory_mb": 100.0, "fault": ""},
        },
    }


def test_the_table_holds_medians_ratios_and_whether_the_goal_is_reached(results: dict[str, Any]) -> None:
    listed, searched, created = report.summary(results)[1:]
    assert listed == (
        *("List, first page of 20", "1,100", "18%", "20.0", "2,200", "55.0", "50%"),
        *("≥ 1,000/s, ≥ 50 ×", "yes"),
    )
    assert (searched[1], searched[-1]) == ("700", "no"), "its first page alone takes 10 ms"
    assert (created[1], created[-1]) == ("–", "–")


def test_the_other_goals_are_judged(results: dict[str, Any]) -> None:
    judged = {row[0]: (row[1], row[-1]) for row in report.other_goals(results)[1:]}
    assert judged["List at 1,000 records against 10"] == ("1.50 × the time", "yes")
    assert judged["List with 3 forms of 50 against one"] == ("1.40 × the time", "no")
    assert judged["Load of 100 rows of XLSX"][1] == "no"
    assert judged["Unfiltered total inside a request"][1] == "yes"
    assert judged["Memory of the server (PSS), 2 workers, after all lines"] == ("250 MB (ordinary: 200)", "yes")


def test_a_line_that_failed_says_why(results: dict[str, Any]) -> None:
    assert "5 requests failed" in report.text(results)
    assert "commit 0123456789 with changes" in report.text(results)


def test_others_on_the_machine_make_a_figure_doubtful(results: dict[str, Any]) -> None:
    results["measurements"][1]["rounds"][2]["cpu_others"] = 2.0
    assert report.summary(results)[1][1] == "1,100 ~"


def test_the_page_takes_the_tables_between_its_marks(results: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    for _time in range(2):
        report.into_page(page, results, Path("2025-01-01.json"))
    written = page.read_text()
    assert written.startswith("before\n") and written.endswith("\nafter\n")
    assert "old" not in written
    assert written.count("| List, first page of 20 | 1,100 |") == 1
    assert "2025-01-01.svg" in written


def test_the_plot_is_a_picture_of_every_line_that_was_measured(results: dict[str, Any]) -> None:
    tree = ElementTree.fromstring(plot.svg(results))
    words = [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"List, first page of 20", "Substring of two Chinese characters", "1,100", "this product"} <= set(words)
    assert "One record by a random id" not in words
    for bar in tree.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(bar.get("x", 0)) + float(bar.get("width", 0)) <= float(tree.get("width", 0))


def test_the_page_explains_every_line() -> None:
    page = (web.ROOT / "docs" / "benchmarks.md").read_text()
    for name in (*(line.name for line in LINES), *OTHER_LINES):
        assert f"| `{name}` |" in page


def test_a_query_says_the_same_to_all() -> None:
    query = queries.Query.filtered(Random(1), by_quantity=True)
    assert str(query.high) in queries.product(query).path
    assert str(query.high) in queries.ordinary(query).path
    assert str(query.high) in queries.brute_force(query, "record")[0]
