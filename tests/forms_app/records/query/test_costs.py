"""What a query may cost: refused before it runs where that is known, cancelled at the limit, by the same fault."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from forms_app.exceptions import Fault, TooExpensive
from forms_app.field_types.base import Column
from forms_app.indexes import building
from forms_app.models import CustomForm, FormCounter
from forms_app.records.query import AnyFilter, Filter, Search, Sort, Terms, costs
from tests.factories import make_form, schema_of
from tests.forms_app.indexes.world import grow, requested
from tests.forms_app.worlds import query_of, statements

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    """A form of 100 records, with a valid index of `number` and of `found`."""
    form = make_form(custom_app, {"text": "text_field", "number": "float_field", "found": "text_field"})
    grow(form, 100)
    for name, kind in (("number", "btree"), ("found", "grams")):
        building.build(**requested(form, name, kind))
    return form


@pytest.fixture
def columns(form: CustomForm) -> dict[str, Column]:
    return dict(schema_of(form).columns)


def like(column: Column, text: str = "客户") -> Filter:
    return Filter(column, "like", column.operand("like", text))


def named(refused: pytest.ExceptionInfo[TooExpensive]) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in refused.value.faults]


def test_as_many_values_as_allowed_are_looked_through_and_no_more(
    form: CustomForm, columns: dict[str, Column], settings: Settings
) -> None:
    terms = Terms((like(columns["text"]), like(columns["text"], "户")))
    settings.MAX_SCANNED_VALUES = 200
    assert query_of(form, terms).count() == 100
    settings.MAX_SCANNED_VALUES = 199
    query = query_of(form, terms)
    with statements() as asked:
        for read in (
            query.count,
            query.ids,
            lambda: query.page(1),
            lambda: query.page_and_count(1),
            lambda: query.page_after(None, 1),
        ):
            with pytest.raises(TooExpensive) as refused:
                read()
            assert named(refused) == [("text", "too_expensive")]
    assert asked == []
    (fault,) = refused.value.faults
    assert (fault.allowed, fault.got, fault.label) == ({"max": 199}, 200, "label of text")


def test_a_search_counts_and_so_does_what_stands_in_a_group(
    form: CustomForm, columns: dict[str, Column], settings: Settings
) -> None:
    settings.MAX_SCANNED_VALUES = 150
    text, found = columns["text"], columns["found"]
    for terms, names in (
        (Terms((like(text),), Search(text, "客")), ["text"]),
        (Terms((AnyFilter((like(text), like(found))),)), ["text", "found"]),
        (Terms((AnyFilter((like(text), AnyFilter((Filter(text, "empty", True), like(text))))),)), ["text"]),
    ):
        with pytest.raises(TooExpensive) as refused:
            query_of(form, terms).count()
        assert named(refused) == [(name, "too_expensive") for name in names]


def test_what_an_index_serves_is_asked_with_whatever_else(
    form: CustomForm, columns: dict[str, Column], settings: Settings
) -> None:
    settings.MAX_SCANNED_VALUES = 1
    text, number, found = columns["text"], columns["number"], columns["found"]
    many = tuple(like(text, str(n % 10)) for n in range(5))
    for terms in (
        Terms((like(text),)),  # a single condition, however many records
        Terms((*many, Filter(number, "eq", 1))),
        Terms(many, Search(found, "客")),
        Terms((*many, Filter(columns["user"], "in", {"user_ids": (1,)}))),
        Terms((*many, AnyFilter((Filter(number, "eq", 1), like(found))))),
    ):
        query_of(form, terms).page(1)


def test_how_large_a_form_is_is_read_once_a_minute(
    form: CustomForm, columns: dict[str, Column], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert costs.size(form.pk) == 100
    FormCounter.objects.filter(custom_form_id=form.pk, slot=0).update(live=7)
    assert costs.size(form.pk) == 100
    monkeypatch.setattr(costs, "COUNTED_EVERY", -1)
    assert costs.size(form.pk) == 7


def test_what_no_index_serves_is_named_where_the_time_ran_out(form: CustomForm, columns: dict[str, Column]) -> None:
    text, number, found, user = (columns[name] for name in ("text", "number", "found", "user"))
    for terms, names in (
        (Terms((like(text), Filter(number, "eq", 1), Filter(number, "ne", 1))), ["text", "number"]),
        (Terms((), Search(text, "x"), (Sort(number),)), ["text"]),
        (Terms((like(found),), None, (Sort(text),)), ["text"]),
        (Terms((), None, (Sort(number), Sort(user))), ["number", "user"]),
        (Terms((Filter(columns["id"], "gt", (1, None)),), None, (Sort(user),)), [""]),
        (Terms(), [""]),
    ):
        faults = costs.cancelled(terms)
        assert [(fault.field, fault.code) for fault in faults] == [(name, "too_expensive") for name in names]
        assert all("10" in fault.message for fault in faults)


@contextmanager
def time_limit(milliseconds: int) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {milliseconds}")
        yield
        cursor.execute("SET statement_timeout = 0")


@contextmanager
def held_up(form: CustomForm) -> Iterator[None]:
    """Readers of the form's records wait."""
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"BEGIN; LOCK TABLE {schema_of(form).partition} IN ACCESS EXCLUSIVE MODE")
            locked.set()
            done.wait(30)
            cursor.execute("ROLLBACK")
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert locked.wait(30)
    yield
    done.set()
    thread.join()


def test_a_query_that_postgresql_cancels_is_refused_by_its_terms(form: CustomForm, columns: dict[str, Column]) -> None:
    found: list[Fault] = []
    query = query_of(form, Terms((like(columns["text"]),)))
    with held_up(form), time_limit(100), pytest.raises(TooExpensive) as refused:
        query.page_and_count(15)
    found += refused.value.faults
    assert [(fault.field, fault.code, fault.allowed) for fault in found] == [("text", "too_expensive", {"seconds": 10})]
    assert len(query.page(15)) == 15
