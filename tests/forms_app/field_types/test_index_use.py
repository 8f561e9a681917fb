"""On a form of 20,000 records the planner uses each type's index, and finds by it what the twins in Python find."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.db import connection

from forms_app.exact_json import dumps
from forms_app.field_types import Column
from forms_app.indexes import building
from forms_app.indexes.choosing import survey, tend
from forms_app.models import CustomForm, FieldIndex, FormCounter, Member
from forms_app.records.query import Filter, Search, Terms
from forms_app.records.query.conditions import conditions, matches
from tests.factories import add_example_field, add_field, make_form, schema_of
from tests.forms_app.field_types.every_type import TYPES, operands_of
from tests.forms_app.indexes.world import asked_for
from tests.forms_app.worlds import insert, query_of

pytestmark = pytest.mark.django_db(transaction=True)
RECORDS = 20_000
EVERY = 200
"""One record of so many has a value."""
CHARACTERS = "aAbB 中文上海%_'\"\\\x01😀👍é\u0301ß\n&|!:*()<>"


class Crowd(NamedTuple):
    form: CustomForm
    values: dict[int, dict[str, Any]]
    """What each record holds that holds anything."""


def stored_examples(column: Column) -> list[Any]:
    """Values as records hold them."""
    kind = column.type
    if kind.numbered:
        return [kind.numbered_text(column, datetime(2023, 8, day), day) for day in range(1, 20)]
    if kind.computed:
        return [kind.stored_result(column, Decimal(number) / 2) for number in range(10)]
    return [column.clean(sent) for sent, shown in kind.accepts if shown is not None]


@pytest.fixture
def crowd(alice: Member, custom_app: Any, settings: Any) -> Crowd:
    """Every type in one form, with its indexes; a few texts of all kinds of characters besides."""
    related = make_form(custom_app, {"title": "text_field"}, name="related")
    form = make_form(custom_app)
    for field_type in TYPES:
        add_example_field(form, field_type, related.pk, field_type.name)
    add_field(form, "odd", "text_field")
    examples = {column.name: stored_examples(column) for column in schema_of(form).fields if column.name != "odd"}
    pick = random.Random(7)
    rows: list[dict[str, Any]] = [{} for _n in range(RECORDS)]
    for place in range(0, RECORDS, EVERY):
        rows[place] = {name: found[place // EVERY % len(found)] for name, found in examples.items()}
        rows[place + 1]["odd"] = "".join(pick.choices(CHARACTERS, k=pick.randint(1, 40)))
    values = {i: held for i, held in insert(form, [dumps(row).decode() for row in rows]).items() if held}
    FormCounter.objects.filter(custom_form_id=form.pk, slot=0).update(live=RECORDS)
    settings.INDEX_THRESHOLD = RECORDS
    for column in schema_of(form).fields:
        for index in column.type.column_indexes(column):
            asked_for(form, column.name, index.kind)
    tend(form.pk)
    building.build_form(form.pk)
    assert {str(entry.standing) for entry in survey(form.pk)} == {"valid"}
    return Crowd(form, values)


def filters(column: Column) -> Iterator[Terms]:
    """Each lookup of the type that an index can serve, with each of its operands."""
    for op, lookup in column.lookups.items():
        if lookup.indexed:
            for raw in operands_of(column, op):
                yield Terms((Filter(column, op, column.operand(op, raw)),))


def test_each_type_s_index_serves_each_of_its_lookups(crowd: Crowd) -> None:
    form, schema, directory = crowd.form, schema_of(crowd.form), query_of(crowd.form).directory
    asked = 0
    for kind in TYPES:
        column = schema.columns[kind.name]
        names = [
            building.name_of(column.field_id or 0, i.kind) for i in kind.column_indexes(column) if not i.only_sorts
        ]
        if not names:
            continue
        terms = list(filters(column))
        if kind.searchable:
            text = next(held[kind.name] for held in crowd.values.values() if kind.name in held)
            terms += [Terms(search=Search(column, text[1 : 1 + length])) for length in (1, 2, 3, 5)]
        assert terms, kind.name
        for term in terms:
            asked += 1
            where, values = conditions(term, directory)
            plan = explained(f"SELECT id FROM form_entity WHERE custom_form_id = {form.pk} AND {where}", values)
            assert any(name in plan for name in names), (kind.name, term, plan)
            found = set(query_of(form, term).ids())
            expected = {
                i for i, held in crowd.values.items() if matches(term, lambda c, h=held: h.get(c.name), directory)
            }
            assert found == expected, (kind.name, term)
    assert asked > 60


def test_each_type_s_index_sorts_both_ways(crowd: Crowd) -> None:
    form, schema = crowd.form, schema_of(crowd.form)
    sorted_by = set()
    for kind in TYPES:
        column = schema.columns[kind.name]
        sort = kind.sort_expression(column)
        if sort is None or sort[1] or not kind.column_indexes(column):
            continue
        keys = [*kind.sort_prefix(column), sort[0], "id"]
        for direction in ("ASC", "DESC"):
            by = ", ".join(f"{key} {direction}" for key in keys)
            sql = f"SELECT id FROM form_entity WHERE custom_form_id = {form.pk} AND {keys[0]} IS NOT NULL ORDER BY {by}"
            plan = explained(f"{sql} LIMIT 10")
            used = [i for i in kind.column_indexes(column) if building.name_of(column.field_id or 0, i.kind) in plan]
            assert used, (kind.name, plan)
            assert " Sort  (" not in plan.replace("Incremental Sort", ""), (kind.name, plan)
            sorted_by |= {index.kind for index in used}
    assert sorted_by == {"btree", "order"}


def test_a_search_by_grams_finds_what_its_twin_finds(crowd: Crowd) -> None:
    form, schema, directory = crowd.form, schema_of(crowd.form), query_of(crowd.form).directory
    column = schema.columns["odd"]
    name = building.name_of(column.field_id or 0, "grams")
    texts = {i: held["odd"] for i, held in crowd.values.items() if "odd" in held}
    pick = random.Random(8)
    terms = set(CHARACTERS)
    for text in texts.values():
        start, length = pick.randrange(len(text)), pick.randint(1, 8)
        terms |= {text[start : start + length], text[start : start + length].swapcase()}
        terms.add("".join(pick.choices(CHARACTERS, k=pick.randint(1, 4))))
    assert len(terms) > 200
    for term in sorted(terms):
        search = Terms(search=Search(column, term))
        where, values = conditions(search, directory)
        assert name in explained(f"SELECT id FROM form_entity WHERE custom_form_id = {form.pk} AND {where}", values)
        expected = {i for i, text in texts.items() if matches(search, lambda c, t=text: t, directory)}
        assert set(query_of(form, search).ids()) == expected, term
    assert FieldIndex.objects.filter(custom_form_id=form.pk, kind="grams").count() > 5


def explained(sql: str, values: Any = ()) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", list(values))
        return "\n".join(row[0] for row in cursor.fetchall())
