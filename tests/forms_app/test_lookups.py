"""A lookup's SQL and its twin in Python find the same records, whatever is stored and whatever is asked."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_app.exceptions import TooLarge
from forms_app.field_types import Column, registry
from forms_app.jsontext import dumps, reads
from forms_app.lookups import (
    NUMBER_BOUNDS,
    TEXT_BOUNDS,
    AnyOf,
    Between,
    Containing,
    Empty,
    Equal,
    Expression,
    Lookup,
    Not,
    Overlaps,
    Substring,
    contains,
    same,
)
from forms_app.models import CustomForm
from forms_app.query import AnyFilter, Filter, Search, Sort, Terms
from forms_app.query.compile import matches
from forms_app.query.ordering import order
from tests.factories import make_form, schema_of
from tests.forms_app.worlds import query_of

X = Expression("(data -> 'x')", "(data ->> 'x')")
CHARACTERS = "aAbBzZ 中文本电話話９%_'\"\\&|:*()!<>-\x01\x02\n\t€😀👩‍👩‍👧éÉßİıſK{}0"
TEXTS = st.text(alphabet=CHARACTERS, max_size=8) | st.text(
    max_size=5, alphabet=st.characters(exclude_categories=["Cs"])
)
PLAIN_TEXTS = TEXTS.filter(lambda text: "\0" not in text)
TERMS = PLAIN_TEXTS.filter(lambda text: 1 <= len(text) <= 5)
SMALL = st.sampled_from([0, 1, Decimal("1.0"), Decimal("1.00"), 2, -1, Decimal("0.1"), Decimal("0.10"), 12])
NUMBERS = SMALL | st.integers(-(10**38), 10**38) | st.decimals("-1e20", "1e20", places=9).map(lambda d: d + 0)
TIMES = st.datetimes().map(lambda t: t.replace(microsecond=0).isoformat() + ".000Z")
DAYS = st.dates().map(lambda day: day.isoformat())
SPANS = st.tuples(TIMES, TIMES).map(lambda ends: sorted(ends))
KEYS = st.sampled_from(["level_0", "level_1", "country_id", "city_id", "a"])
SCALARS = PLAIN_TEXTS.filter(bool) | NUMBERS | st.booleans() | TIMES | DAYS
LEAVES = st.sampled_from(["a", "b", "4", 4, 1, Decimal("1.0"), True, False])
CONTAINERS = (
    st.lists(LEAVES, max_size=4)
    | st.dictionaries(KEYS, LEAVES, max_size=3)
    | SPANS
    | st.lists(st.lists(LEAVES, max_size=2) | st.dictionaries(KEYS, LEAVES, max_size=2), max_size=2)
    | st.lists(PLAIN_TEXTS, max_size=3)
)
STORED = SCALARS | CONTAINERS


def insert(form: CustomForm, rows: list[str]) -> dict[int, dict[str, Any]]:
    """Rows of this JSON; what each holds, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO form_entity (custom_form_id, app_id, organization_id, owner_uid, data)"
            " SELECT %s, 1, 1, 1 + mod(n, 4), j::jsonb FROM unnest(%s::text[]) WITH ORDINALITY AS r (j, n)"
            " RETURNING id, data::text",
            [form.pk, rows],
        )
        return {row[0]: reads(row[1]) for row in cursor.fetchall()}


def drawn(strategy: Any, count: int, seed: int) -> list[Any]:
    """`count` values of the strategy, the same each time."""
    found: list[Any] = []

    @settings(
        max_examples=count, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(strategy)
    def draw(value: Any) -> None:
        found.append(value)

    draw()
    random.Random(seed).shuffle(found)
    return found[:count]


@lru_cache(maxsize=1)
def samples() -> tuple[str, ...]:
    """Values of all types, and what no type stores, under one key; records without the key."""
    values: list[Any] = [*drawn(SCALARS, 400, 1), *drawn(CONTAINERS, 400, 2)]
    column_values = [stored for field_type in registry for _sent, stored in field_type.accepts if stored is not None]
    rows = [dumps({"x": value}).decode() for value in values + column_values]
    return (*rows, "{}", '{"y": 1}', '{"x": {"a": null}}', '{"x": [null]}', '{"x": 1e300}', '{"x": -1e-300}')


def found(form: CustomForm, lookup: Lookup, operand: Any) -> set[int]:
    text, values = lookup.sql(X, operand)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM form_entity WHERE custom_form_id = {form.pk} AND {text}", values)
        return {row[0] for row in cursor.fetchall()}


@pytest.fixture
def stored(db: None, custom_app: Any) -> Iterator[tuple[CustomForm, dict[int, Any]]]:
    form = make_form(custom_app)
    held = insert(form, list(samples()))
    yield form, {record_id: data.get("x") for record_id, data in held.items()}


def ends(values: Any) -> Any:
    """(low, high) of values, one of them perhaps open."""
    pairs = st.tuples(values, values).map(lambda pair: pair if pair[0] <= pair[1] else (pair[1], pair[0]))
    return pairs | values.map(lambda value: (value, None)) | values.map(lambda value: (None, value))


NUMBER_ENDS, TIME_ENDS = ends(NUMBERS), ends(TIMES | DAYS)
DOCUMENTS = st.lists(
    st.lists(LEAVES, max_size=2)
    | st.dictionaries(KEYS, LEAVES, max_size=2)
    | st.lists(st.lists(LEAVES, max_size=1), max_size=1),
    max_size=3,
).map(tuple)
CASES = st.one_of(
    st.tuples(st.just(Equal()), STORED),
    st.tuples(st.just(AnyOf()), st.lists(STORED, max_size=4).map(tuple)),
    st.tuples(
        st.sampled_from([Between(bounds=NUMBER_BOUNDS), Between(bounds=NUMBER_BOUNDS, strict=True)]), NUMBER_ENDS
    ),
    st.tuples(st.sampled_from([Between(bounds=TEXT_BOUNDS), Between(bounds=TEXT_BOUNDS, strict=True)]), TIME_ENDS),
    st.tuples(st.just(Overlaps()), TIME_ENDS),
    st.tuples(st.just(Containing()), DOCUMENTS),
    st.tuples(st.just(Empty()), st.booleans()),
)


@given(case=CASES, negated=st.booleans())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_and_twin_find_the_same(stored: Any, case: tuple[Lookup, Any], negated: bool) -> None:
    form, values = stored
    lookup, operand = case
    lookup = Not(lookup) if negated else lookup
    expected = {record_id for record_id, value in values.items() if lookup.matches(value, operand)}
    assert found(form, lookup, operand) == expected


@given(case=CASES)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_asked_for_as_it_is_stored_is_found(stored: Any, case: tuple[Lookup, Any]) -> None:
    form, values = stored
    some = next(value for value in values.values() if value is not None)
    assert found(form, Equal(), some) == {i for i, value in values.items() if value is not None and same(value, some)}
    assert found(form, AnyOf(), ()) == set()
    assert found(form, Not(AnyOf()), ()) == set(values)
    if isinstance(some, list | dict):
        assert contains(some, some)


@pytest.fixture
def texts(db: None, custom_app: Any) -> tuple[CustomForm, dict[int, Any]]:
    form = make_form(custom_app)
    rows = [dumps({"x": text}).decode() for text in drawn(PLAIN_TEXTS.filter(bool), 500, 3)]
    pieces = random.Random(4)
    rows += [dumps({"x": "".join(pieces.choices(CHARACTERS, k=pieces.randint(1, 40)))}).decode() for _ in range(300)]
    return form, {i: data.get("x") for i, data in insert(form, [*rows, "{}"]).items()}


@given(data=st.data(), negated=st.booleans())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_search_finds_what_its_twin_finds(texts: Any, data: st.DataObject, negated: bool) -> None:
    form, values = texts
    some = st.sampled_from([text for text in values.values() if text])

    def piece(text: str) -> Any:
        return st.tuples(st.integers(0, len(text) - 1), st.integers(1, 5)).map(
            lambda cut: text[cut[0] : cut[0] + cut[1]]
        )

    term = data.draw(TERMS | some.flatmap(piece))
    lookup: Lookup = Not(Substring()) if negated else Substring()
    assert found(form, lookup, term) == {i for i, value in values.items() if lookup.matches(value, term)}


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("哇咔隧道咔a 133333a a", "隧道", True),
        ("哇咔隧道咔a 133333a a", "道咔A", True),
        ("ABC", "b", True),
        ("ÀB", "à", False),  # case-blind for ASCII only
        ("100%", "%", True),
        ("100%", "1%", False),
        ("a_b", "a_b", True),
        ("axb", "a_b", False),
        ("it's", "'s", True),
        ("back\\slash", "k\\s", True),
        ("a\x01b", "a b", True),
        ("a\x01b", "a\x01b", True),
        ("第一行\n第二行", "行\n第", True),
        ("😀👍", "👍", True),
        ("aab", "ab", True),
        ("abab", "bb", False),
        ("banana", "anab", False),  # each pair is there, the whole is not
        ("x", "xx", False),
    ],
    ids=repr,
)
def test_a_search_means_plain_characters(db: None, custom_app: Any, text: str, term: str, expected: bool) -> None:
    form = make_form(custom_app)
    insert(form, [dumps({"x": text}).decode()])
    assert bool(found(form, Substring(), term)) is expected
    assert Substring().matches(text, term) is expected


def test_every_lookup_must_say_both_halves() -> None:
    with pytest.raises(NotImplementedError):
        Lookup().sql(X, 1)
    with pytest.raises(NotImplementedError):
        Lookup().matches(1, 1)


def test_a_range_open_at_both_ends_is_every_value(stored: Any) -> None:
    form, values = stored
    assert found(form, Between(), (None, None)) == {i for i, value in values.items() if value is not None}


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
        "text": lambda: "".join(pick.choices("abA中文 %", k=pick.randint(1, 6))),
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


SYSTEM_OPERANDS: dict[str, Any] = {
    "id": {
        "in": ([1, 2, 3], ["5"]),
        "gt": (5,),
        "lte": (10**6,),
        "ne": (3,),
        "nin": ([4],),
        "eq": (7,),
        "gte": (9,),
        "lt": (3,),
    },
    "user": {
        "in": ({"user_ids": [1, 2]}, {"department_ids": [3]}),
        "eq": (1, {"user_ids": [2]}),
        "ne": (4,),
        "nin": ({"department_ids": [1]},),
    },
    "created_at": {
        "within": (["2023-08-20 09:00", None], [None, "2023-08-20"]),
        "eq": ("2023-08-20",),
        "ne": ("2023-08-21",),
    },
    "updated_at": {
        "gt": ("2023-08-21",),
        "gte": ("2023-08-21",),
        "lt": ("2023-08-21",),
        "lte": ("2023-08-20 12:00:00",),
    },
}


def random_filter(columns: Any, pick: random.Random) -> Filter:
    column = pick.choice(list(columns.values()))
    op = pick.choice(sorted(column.lookups))
    if op in ("empty", "not_empty"):
        raw: Any = pick.choice([True, False, None])
    else:
        examples = column.type.operands or SYSTEM_OPERANDS[column.name]
        raw = pick.choice(examples[op])
    return Filter(column, op, column.operand(op, raw))


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
    assert query_of(form, Terms(sorts=sorts)).ids() == sorted(records, reverse=descending)


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
