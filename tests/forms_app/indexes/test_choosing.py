"""Indexes grow with the form and shrink with it, by the background worker alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from forms_app.indexes import building
from forms_app.indexes.choosing import survey, tend
from forms_app.models import CustomForm
from tests.factories import add_field, make_form
from tests.forms_app.indexes.world import (
    GROWN,
    NUMBER,
    OWNER,
    SORT,
    TEXT,
    asked_for,
    grow,
    jobs_of,
    name_of,
    on_disk,
    settle,
    standings,
    work,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_form_gets_its_indexes_when_it_is_large(form: CustomForm) -> None:
    grow(form, 19)
    tend(form.pk)
    assert jobs_of(form) == []
    grow(form, 1)
    assert standings(form) == dict.fromkeys(GROWN, "missing")
    tend()
    assert jobs_of(form) == [("build_indexes", {"form_id": form.pk})]
    assert standings(form) == dict.fromkeys(GROWN, "requested")
    tend()
    assert len(jobs_of(form)) == 1  # it waits already
    work(form)
    assert standings(form) == dict.fromkeys(GROWN, "valid")
    tend(form.pk)
    assert jobs_of(form) == []


def test_many_indexes_are_analyzed_once(form: CustomForm, django_assert_max_num_queries: Any) -> None:
    grow(form, 20)
    tend(form.pk)
    with django_assert_max_num_queries(100) as captured:
        work(form)
    texts = [query["sql"] or "" for query in captured.captured_queries]
    analyzed = [text for text in texts if text.startswith("ANALYZE")]
    assert analyzed == [f"ANALYZE {building.partition(form.pk)}"]


def test_a_form_that_shrinks_a_little_keeps_its_indexes(large: CustomForm) -> None:
    grow(large, -15)  # 10 are left, half of the threshold
    assert set(standings(large).values()) == {"valid"}
    grow(large, -1)
    names = [name_of(entry.key._asdict()) for entry in survey(large.pk)]
    settle(large)
    assert standings(large) == on_disk(*names) == {}


def test_without_a_threshold_nothing_comes_and_nothing_goes(form: CustomForm, custom_app: Any, settings: Any) -> None:
    grow(form, 20)
    settle(form)
    settings.INDEX_THRESHOLD = 0
    grow(form, -19)
    add_field(form, "day", "date_field")
    assert standings(form) == dict.fromkeys(GROWN, "valid")
    other = make_form(custom_app, {"number": "float_field"})
    grow(other, 100)
    assert standings(other) == {}


def test_a_form_has_no_more_indexes_than_it_may(large: CustomForm, settings: Any) -> None:
    settings.MAX_FIELD_INDEXES = 5
    add_field(large, "title", "text_field")
    for kind in ("grams", "order"):
        asked_for(large, "title", kind)
    expected = dict.fromkeys(GROWN, "valid")
    assert standings(large) == expected | {("title", "grams"): "missing", ("title", "order"): "capped"}
    settle(large)
    assert standings(large) == expected | {("title", "grams"): "valid", ("title", "order"): "capped"}
    settings.MAX_FIELD_INDEXES = 2
    assert set(standings(large).values()) == {"valid", "capped"}  # a lower limit drops none


def test_those_that_find_come_before_those_that_sort(form: CustomForm, settings: Any) -> None:
    settings.MAX_FIELD_INDEXES = 4
    add_field(form, "day", "date_field")
    grow(form, 20)
    missing = [name for name, standing in standings(form).items() if standing == "missing"]
    assert missing == [OWNER, NUMBER, TEXT, ("day", "btree")]


def test_a_partition_has_no_more_indexes_than_it_may(form: CustomForm, settings: Any) -> None:
    leaf = building.partition(form.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indrelid = %s::regclass AND c.relname ~ '^entity_'",
            [leaf],
        )
        (there,) = cursor.fetchone()
    settings.MAX_PARTITION_INDEXES = there + 2
    grow(form, 20)
    assert standings(form) == {OWNER: "missing", NUMBER: "missing", TEXT: "capped", SORT: "capped"}
    tend(form.pk)
    assert standings(form) == {OWNER: "requested", NUMBER: "requested", TEXT: "capped", SORT: "capped"}
