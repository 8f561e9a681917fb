"""GET|PUT form_entities/export: all records of a selection as one file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from pytest_django import Settings

from forms_app.exporting import export as exporting
from forms_app.exporting import sending
from forms_app.models import CustomForm
from tests.apaas.conftest import Api, address

Record = Callable[..., int]


def rows_of(api: Api, form: CustomForm, body: Any = None, **query: Any) -> list[dict[str, str]]:
    """The rows of the CSV file that the call answers with."""
    response = api.call("PUT", address(form, "export", headings="name", **query), body)
    assert response.status_code == 200, response.content
    return list(csv.DictReader(io.StringIO(content_of(response).decode("utf-8-sig"), newline="")))


def content_of(response: Any) -> bytes:
    assert isinstance(response, StreamingHttpResponse)
    return b"".join(response.streaming_content)  # type: ignore[arg-type]


@pytest.fixture
def ids(record: Record) -> list[int]:
    return [record(title=f"pump {n}", amount=n) for n in range(20)]


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_it_gives_the_list_s_records_in_its_order(
    api: Api, form: CustomForm, ids: list[int], method: str, slash: str
) -> None:
    response = api.call(method, f"form_entities/export{slash}?custom_form_id={form.pk}&headings=name")
    rows = list(csv.DictReader(io.StringIO(content_of(response).decode("utf-8-sig"), newline="")))
    assert [row["#record'"] for row in rows] == [str(number) for number in ids[::-1]]
    assert rows[0]["title"] == "pump 19"


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"search_column_name": "title", "query": "PUMP 1"}, [1, *range(10, 20)]),
        ({"filters": [{"name": "amount", "op": "within", "value": [3, 4]}]}, [3, 4]),
        ({"scope": "mine", "filters": [{"name": "amount", "op": "gte", "value": 18}]}, [18, 19]),
        ({"filters": [{"name": "user", "op": "in", "value": {"user_ids": [2]}}]}, []),
    ],
)
def test_it_takes_what_restricts_the_list(
    api: Api, form: CustomForm, ids: list[int], terms: dict[str, Any], expected: list[int]
) -> None:
    rows = rows_of(api, form, {**terms, "sort": [{"id": "asc"}]})
    assert [row["#record'"] for row in rows] == [str(ids[n]) for n in expected]


@pytest.mark.parametrize(
    "sort", [[], [{"amount": "desc"}], [{"amount": "asc"}], [{"title": "desc"}, {"amount": "asc"}]]
)
def test_every_record_is_in_it_once_whatever_the_order(
    api: Api, form: CustomForm, ids: list[int], record: Record, monkeypatch: pytest.MonkeyPatch, sort: Any
) -> None:
    record(title="without an amount")
    monkeypatch.setattr(exporting, "BATCH", 4)
    listed = api.ok("PUT", address(form, per_page=100), {"sort": sort})["models"]
    assert [int(row["#record'"]) for row in rows_of(api, form, {"sort": sort})] == [each["id"] for each in listed]


def test_it_tells_the_named_fields_alone(api: Api, form: CustomForm, record: Record) -> None:
    record(title="pump", amount=2)
    assert rows_of(api, form, {"only_field_names": ["amount", "id"]}) == [
        {"#record'": str(record_id), "amount": "2", "#id": str(record_id)}
        for record_id in [api.ok("GET", address(form))["models"][0]["id"]]
    ]


def test_lines_of_json_are_what_the_api_takes(api: Api, form: CustomForm, record: Record) -> None:
    number = record(title="=pump", amount=2.5, due="2023-08-20 00:01")
    response = api.call("GET", address(form, "export", format="jsonl", only_field_names=["title", "amount", "due"]))
    (line,) = content_of(response).splitlines()
    assert json.loads(line) == {
        "#record": number,
        "title": "=pump",
        "amount": 2.5,
        "due": "2023-08-19T16:01:00.000Z",
    }
    response = api.call("GET", address(form, "export", format="jsonl", values="shown", headings="label"))
    assert json.loads(content_of(response))["label of due"] == "2023-08-20 00:01:00"


@pytest.mark.parametrize(("kind", "begins"), [("csv", b"\xef\xbb\xbf#record'"), ("xlsx", b"PK"), ("jsonl", b'{"#rec')])
def test_it_is_a_download_of_the_form_s_name_that_nobody_stores(
    api: Api, form: CustomForm, record: Record, kind: str, begins: bytes
) -> None:
    record(title="pump")
    form.name = '客户/"线索"'
    form.save()
    response = api.call("GET", address(form, "export", format=kind))
    assert content_of(response).startswith(begins)
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    name = "%E5%AE%A2%E6%88%B7__%E7%BA%BF%E7%B4%A2_"
    assert response["Content-Disposition"] == f"attachment; filename=\"_______.{kind}\"; filename*=UTF-8''{name}.{kind}"


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ({"format": "xls"}, ("format", "unknown_value", None)),
        ({"headings": "names"}, ("headings", "unknown_value", None)),
        ({"values": "both"}, ("values", "unknown_value", None)),
        ({"page": 1}, ("page", "unknown_parameter", None)),
        ({"cursor": "*"}, ("cursor", "unknown_parameter", None)),
        ({"only_field_names": "nothing"}, ("nothing", "unknown_field", 0)),
        ({"sort": '[{"nothing": "asc"}]'}, ("nothing", "unknown_field", 0)),
        ({"scope": "nothing"}, ("scope", "unknown_scope", None)),
    ],
)
def test_it_refuses_as_the_list(api: Api, form: CustomForm, query: dict[str, Any], fault: Any) -> None:
    found = api.faults("GET", address(form, "export", **query))
    assert [(field, code) for field, code, _index in found] == [fault[:2]]


def test_who_may_not_read_the_form_gets_nothing(api: Api, stranger: Api, limited: Api, other_form: CustomForm) -> None:
    stranger.refused("GET", address(other_form, "export"), status=404)
    limited.refused("GET", address(other_form, "export"), status=404)


def test_what_is_read_is_asked_before_the_first_byte(
    api: Api, form: CustomForm, ids: list[int], settings: Settings
) -> None:
    settings.MAX_SCANNED_VALUES = 10
    filters = [{"name": "amount", "op": "gte", "value": 0}, {"name": "amount", "op": "lte", "value": 9}]
    (fault,) = api.faults("PUT", address(form, "export"), {"filters": filters})
    assert fault[:2] == ("amount", "too_expensive")


def test_a_sheet_holds_no_more_than_it_can(
    api: Api, form: CustomForm, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", 19)
    assert api.faults("GET", address(form, "export", format="xlsx"), status=413) == [("format", "too_many_rows", None)]
    assert len(rows_of(api, form)) == 20


def test_so_many_exports_are_made_at_a_time(
    api: Api, form: CustomForm, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST_AT_ONCE", 1)
    for _attempt in range(2):
        assert len(rows_of(api, form)) == 20
        api.faults("GET", address(form, "export", scope="nothing"))
    sending.places.take(0)
    try:
        refused = api.call("GET", address(form, "export"))
    finally:
        sending.places.give(0)
    assert (refused.status_code, refused["Retry-After"]) == (429, str(sending.WAIT_SECONDS))
