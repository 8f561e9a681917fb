"""Queries of filters, searches and sorts find and order the records that their twins in Python do."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_app.exact_json import dumps, reads
from forms_app.exceptions import TooLarge
from forms_app.field_types import Column, registry
from forms_app.models import CustomForm
from forms_app.records.query import AnyFilter, EntityQuery, Filter, Search, Sort, Terms
from forms_app.records.query.conditions import matches
from forms_app.records.query.ordering import order
from tests.factories import make_form, schema_of
from tests.forms_app.field_types.every_type import operands_of
from tests.forms_app.worlds import insert, query_of

# --- Terms together ----------------------------------------------------------------------------------------

FIELDS = {
    "text": "text_field",
    "number": "float_field",
    "day": "date_field",
    "moment": "datetime_field",
    "span": "datetime_range_field",
    "flag": "boolean_field",
    "choice": ("select_field", {}, registry.get("select_field").example_options),
    "many": ("multi_select", {}, registry.get("multi_select").example_options),
    "people": "user_field",
    "departments": "department_field",
    "address": "address_select",
}


def value_of(column: Column, pick: random.Random) -> Any:
    """A stored value, out of few, so that filters find some and sorts meet equals."""
    options = list(column.options)
    choices: dict[str, Any] = {
        # Some longer than an index tells them apart: alike at their start, or to their end.
        "text": lambda: pick.choice(["", "长" * 200]) + "".join(pick.choices("abA中文 %", k=pick.randint(1, 6))),
        "number": lambda: pick.choice([1, Decimal("1.0"), 2, Decimal("-0.5"), 10**20, Decimal("0.1")]),
        "day": lambda: f"2023-08-{pick.randint(18, 22)}",
        "moment": lambda: f"2023-08-{pick.randint(18, 21)}T{pick.randint(10, 23)}:00:00.000Z",
        "span": lambda: sorted(f"2023-08-{pick.randint(18, 25)}T00:00:00.000Z" for _ in "12"),
        "flag": lambda: pick.random() < 0.5,
        "choice": lambda: pick.choice(options),
        "many": lambda: pick.sample(options, pick.randint(1, 3)),
        "people": lambda: pick.sample([1, 2, 3, 4], pick.randint(1, 3)),
        "departments": lambda: pick.sample([1, 3, 4], pick.randint(1, 2)),
        "address": lambda: dict(
            list({"country_id": "4", "province_id": "9", "city_id": "73"}.items())[: pick.randint(1, 3)]
        ),
    }
    return choices[column.name]()


@pytest.fixture
def crowd(people: Any, custom_app: Any) -> tuple[CustomForm, dict[int, tuple[int, str, str, dict[str, Any]]]]:
    form = make_form(custom_app, FIELDS)
    pick = random.Random(5)
    rows = [
        dumps({c.name: value_of(c, pick) for c in schema_of(form).fields if pick.random() < 0.7}).decode()
        for _ in range(300)
    ]
    insert(form, rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE form_entity SET"
            " updated_at = '2023-08-20T00:00:00Z'::timestamptz + mod(id, 40) * interval '1 hour',"
            " created_at = '2023-08-20T00:00:00Z'::timestamptz + mod(id, 7) * interval '1 hour'"
            " WHERE custom_form_id = %s",
            [form.pk],
        )
    rows_of = query_of(form).page(1000)
    return form, {row.id: (row.owner_uid, row.created_at, row.updated_at, reads(row.data)) for row in rows_of}


def reader(record_id: int, record: tuple[int, str, str, dict[str, Any]]) -> Any:
    owner, created, updated, data = record
    system = {"id": record_id, "user": owner, "created_at": created, "updated_at": updated}
    return lambda column: system[column.name] if column.field_id is None else data.get(column.name)


def random_filter(columns: Any, pick: random.Random) -> Filter:
    column = pick.choice(list(columns.values()))
    op = pick.choice(sorted(column.lookups))
    return Filter(column, op, column.operand(op, pick.choice(operands_of(column, op))))


def test_terms_find_what_their_twins_find(crowd: Any) -> None:
    form, records = crowd
    columns = schema_of(form).columns
    pick = random.Random(6)
    sizes = set()
    for _round in range(200):
        terms: list[Filter | AnyFilter] = [random_filter(columns, pick) for _ in range(pick.randint(0, 2))]
        if pick.random() < 0.5:
            inner: list[Filter | AnyFilter] = [random_filter(columns, pick) for _ in range(pick.randint(1, 3))]
            if pick.random() < 0.3:
                inner.append(AnyFilter((random_filter(columns, pick),)))
            terms.append(AnyFilter(tuple(inner)))
        search = Search(columns["text"], pick.choice(["a", "中", "中文", "A 中", "%"])) if pick.random() < 0.3 else None
        query = query_of(form, Terms(tuple(terms), search))
        expected = {i for i, record in records.items() if matches(query.terms, reader(i, record), query.directory)}
        ids = query.ids()
        assert set(ids) == expected, query.terms
        assert len(ids) == len(expected)
        if terms or search:
            assert query.count() == len(expected)
        sizes.add(len(expected))
    assert len(sizes) > 20  # the questions tell records apart


# --- Order -------------------------------------------------------------------------------------------------


def in_order(records: dict[int, Any], sorts: tuple[Sort, ...]) -> list[int]:
    """The ids as the sorts' twins order them: empty ones last, the id ends it."""
    ids = sorted(records, reverse=sorts[-1].descending)
    for sort in reversed(sorts):

        def key(record_id: int, column: Column = sort.column) -> Any:
            value = reader(record_id, records[record_id])(column)
            return None if value is None else column.type.sort_value(column, value)

        empty = [i for i in ids if key(i) is None]
        full = sorted((i for i in ids if key(i) is not None), key=key, reverse=sort.descending)
        if sort.descending:  # a reversed sort keeps equals in their order
            full = sorted((i for i in ids if key(i) is not None), key=key, reverse=True)
        ids = full + empty
    return ids


SORTS = st.lists(
    st.tuples(
        st.sampled_from(["text", "number", "day", "moment", "flag", "choice", "user", "created_at", "updated_at"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda sort: sort[0],
)


@given(keys=SORTS, size=st.integers(1, 120), filtered=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_in_order_repeat_and_skip_nothing(crowd: Any, keys: Any, size: int, filtered: bool) -> None:
    form, records = crowd
    columns = schema_of(form).columns
    sorts = tuple(Sort(columns[name], descending) for name, descending in keys)
    terms = (Filter(columns["flag"], "empty", False),) if filtered else ()
    query = query_of(form, Terms(terms, sorts=sorts))
    wanted = {i: r for i, r in records.items() if not filtered or r[3].get("flag") is not None}
    expected = in_order(wanted, sorts)
    assert query.ids() == expected
    paged: list[int] = []
    while rows := query.page(size, len(paged)):
        paged += [row.id for row in rows]
    assert paged == expected
    assert walked(query, size) == expected


def walked(query: EntityQuery, size: int) -> list[int]:
    """The ids of all pages by position."""
    position, found = None, []
    while True:
        rows, position = query.page_after(position, size)
        found += [row.id for row in rows]
        if position is None:
            return found
        assert len(rows) == size


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("name", ["number", "text", "choice"])
def test_a_page_may_lie_across_the_seam_to_the_empty(crowd: Any, name: str, descending: bool) -> None:
    form, records = crowd
    column = schema_of(form).columns[name]
    query = query_of(form, Terms(sorts=(Sort(column, descending),)))
    full = sum(name in record[3] for record in records.values())
    assert 0 < full < len(records)
    expected = in_order(records, query.terms.sorts)
    for offset in (full - 3, full - 1, full, full + 1, len(records) - 1, len(records)):
        assert [row.id for row in query.page(5, offset)] == expected[offset : offset + 5]
    assert walked(query, full - 1) == walked(query, full) == walked(query, full + 1) == expected


def test_the_default_order_is_the_last_changed_first(crowd: Any) -> None:
    form, records = crowd
    expected = sorted(records, key=lambda i: (records[i][2], i), reverse=True)
    assert query_of(form).ids() == expected
    assert [row.id for row in query_of(form).page(20)] == expected[:20]


@pytest.mark.parametrize("descending", [False, True])
def test_what_follows_the_id_in_a_sort_changes_nothing(crowd: Any, descending: bool) -> None:
    form, records = crowd
    columns = schema_of(form).columns
    sorts = (Sort(columns["id"], descending), Sort(columns["number"], not descending))
    query = query_of(form, Terms(sorts=sorts))
    assert query.ids() == walked(query, 70) == sorted(records, reverse=descending)


def test_a_column_that_does_not_sort_is_no_order(crowd: Any) -> None:
    form, _records = crowd
    with pytest.raises(ValueError, match="people"):
        order((Sort(schema_of(form).columns["people"]),))


def test_terms_are_narrowed_and_a_later_sort_wins(crowd: Any) -> None:
    form, records = crowd
    columns = schema_of(form).columns
    some = Terms((Filter(columns["flag"], "eq", True),), Search(columns["text"], "a"), (Sort(columns["number"]),))
    query = query_of(form, some).where(Terms((Filter(columns["number"], "gt", (0, None)),)))
    expected = {
        i
        for i, (_owner, _made, _changed, data) in records.items()
        if data.get("flag") is True and "a" in data.get("text", "").lower() and data.get("number", -1) > 0
    }
    assert expected
    assert set(query.ids()) == expected
    assert query.terms.sorts == some.sorts
    assert query.where(Terms(sorts=(Sort(columns["day"]),))).terms.sorts == (Sort(columns["day"]),)


def test_all_ids_are_given_or_none(crowd: Any, settings: Any) -> None:
    form, records = crowd
    settings.MAX_IDS = len(records)
    assert len(query_of(form).ids()) == len(records)
    settings.MAX_IDS = len(records) - 1
    with pytest.raises(TooLarge) as refused:
        query_of(form).ids()
    assert [(fault.code, fault.allowed) for fault in refused.value.faults] == [("too_many_ids", len(records) - 1)]
