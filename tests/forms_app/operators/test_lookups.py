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

from forms_app.exact_json import dumps
from forms_app.field_types import registry
from forms_app.models import CustomForm
from forms_app.operators import operators
from forms_app.operators.empty import Empty
from forms_app.operators.families import Textual
from forms_app.operators.index_kinds import Expression
from forms_app.operators.like import Contains
from forms_app.operators.lookups import (
    NUMBER_BOUNDS,
    TEXT_BOUNDS,
    AnyOf,
    Between,
    Containing,
    Equal,
    Lookup,
    Not,
    Overlaps,
    contains,
    same,
)
from forms_app.operators.starts_with import StartsWith
from tests.factories import make_form
from tests.forms_app.worlds import insert

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


TEXTUAL = [operator for operator in operators if operator.family is Textual]


@pytest.fixture
def texts(db: None, custom_app: Any) -> tuple[CustomForm, dict[int, Any]]:
    form = make_form(custom_app)
    rows = [dumps({"x": text}).decode() for text in drawn(PLAIN_TEXTS.filter(bool), 500, 3)]
    pieces = random.Random(4)
    rows += [dumps({"x": "".join(pieces.choices(CHARACTERS, k=pieces.randint(1, 40)))}).decode() for _ in range(300)]
    return form, {i: data.get("x") for i, data in insert(form, [*rows, "{}"]).items()}


@given(data=st.data(), negated=st.booleans())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_texts_are_found_as_the_twins_find_them(texts: Any, data: st.DataObject, negated: bool) -> None:
    form, values = texts
    some = st.sampled_from([text for text in values.values() if text])

    def piece(text: str) -> Any:
        return st.tuples(st.just(0) | st.integers(0, len(text) - 1), st.integers(1, 5)).map(
            lambda cut: text[cut[0] : cut[0] + cut[1]]
        )

    term = data.draw(TERMS | some.flatmap(piece))
    lookup: Lookup = data.draw(st.sampled_from(TEXTUAL))
    lookup = Not(lookup) if negated else lookup
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
    assert bool(found(form, Contains(), term)) is expected
    assert Contains().matches(text, term) is expected


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("哇咔隧道咔a 133333a a", "哇", True),
        ("哇咔隧道咔a 133333a a", "哇咔隧道咔A", True),
        ("哇咔隧道咔a 133333a a", "咔", False),
        ("abca", "a", True),
        ("bca", "a", False),  # the grams hold the last character alone too
        ("xxaba", "aba", False),
        ("cab abc", "abc", False),  # each pair is there and the first character, the whole is not at the start
        ("ABC", "ab", True),
        ("ÀB", "à", False),  # case-blind for ASCII only
        ("%a", "%", True),
        ("ab", "_", False),
        ("'s", "'s", True),
        ("\\slash", "\\s", True),
        ("\x01b", " b", True),
        ("第一行\n第二行", "第一行\n第", True),
        ("😀👍", "😀", True),
        ("x", "xx", False),
    ],
    ids=repr,
)
def test_a_beginning_means_plain_characters(db: None, custom_app: Any, text: str, term: str, expected: bool) -> None:
    form = make_form(custom_app)
    insert(form, [dumps({"x": text}).decode()])
    assert bool(found(form, StartsWith(), term)) is expected
    assert StartsWith().matches(text, term) is expected


def test_every_lookup_must_say_both_halves() -> None:
    with pytest.raises(NotImplementedError):
        Lookup().sql(X, 1)
    with pytest.raises(NotImplementedError):
        Lookup().matches(1, 1)


def test_a_range_open_at_both_ends_is_every_value(stored: Any) -> None:
    form, values = stored
    assert found(form, Between(), (None, None)) == {i for i, value in values.items() if value is not None}
