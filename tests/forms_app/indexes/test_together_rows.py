"""With an index of several columns, requests that filter by them find what they found without it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from forms_app.database.cursor import fetch
from forms_app.exact_json import dumps
from forms_app.field_types import Column
from forms_app.indexes import building, together
from forms_app.models import CustomForm, FieldIndex, FieldUse, Member
from forms_app.operators.index_kinds import TOGETHER
from forms_app.records.query import Filter, Terms
from forms_app.records.query.conditions import conditions, matches
from forms_app.records.query.together import key_of
from forms_app.records.query.together import together as together_of
from forms_app.schema.form_schema import FormSchema
from tests.factories import add_example_field, add_field, make_form, schema_of
from tests.forms_app.field_types.every_type import TYPES, operands_of
from tests.forms_app.field_types.test_index_use import stored_examples
from tests.forms_app.worlds import insert, query_of

pytestmark = pytest.mark.django_db(transaction=True)
RECORDS = 1_500
EMPTY = 5
"""One value of so many is none."""
NUMBERS = 1_000


@pytest.fixture
def form(alice: Member, custom_app: Any) -> CustomForm:
    """A field of each type, and two numbers beside."""
    related = make_form(custom_app, {"title": "text_field"}, name="related")
    form = make_form(custom_app, {"n": "float_field"})
    for field_type in TYPES:
        add_example_field(form, field_type, related.pk, field_type.name)
    add_field(form, "m", "integer_field")
    return form


def taking_part(schema: FormSchema) -> list[Column]:
    """The columns of those types that can stand in such an index."""
    return [column for column in schema.fields if key_of(column) and column.name not in ("n", "m")]


def filled(form: CustomForm, pick: random.Random) -> dict[int, dict[str, Any]]:
    """Records of all sorts; what each holds, its owner as `user`."""
    examples = {column.name: stored_examples(column) for column in taking_part(schema_of(form))}
    rows = []
    for _n in range(RECORDS):
        row = {name: pick.choice(values) for name, values in examples.items() if pick.randrange(EMPTY)}
        rows.append(row | {"n": pick.randrange(NUMBERS) / 2, "m": pick.randrange(9)})
    held = insert(form, [dumps(row).decode() for row in rows])
    owners = dict(fetch("SELECT id, owner_uid FROM form_entity WHERE custom_form_id = %s", [form.pk]))
    return {i: {**values, "user": owners[i]} for i, values in held.items()}


def filters(column: Column, pick: random.Random) -> list[Filter]:
    """Each way in which an index narrows the column down, with one of its operands."""
    ops = {op: operands_of(column, op) for op, lookup in column.lookups.items() if lookup.narrows}
    return [Filter(column, op, column.operand(op, pick.choice(raws))) for op, raws in ops.items() if raws]


def asked(schema: FormSchema, pick: random.Random) -> Iterator[Terms]:
    """Of each column each of its filters, with a range of the numbers, with an owner, with both and a further one."""
    number, count, user = (schema.columns[name] for name in ("n", "m", "user"))
    for column in taking_part(schema):
        for term in filters(column, pick):
            low = pick.randrange(NUMBERS) / 2
            window = Filter(number, "within", number.operand("within", [low, low + 60]))
            owner = Filter(user, "in", {"user_ids": tuple(pick.sample(range(1, 6), pick.randint(1, 2)))})
            one = Filter(count, "eq", count.operand("eq", pick.randrange(9)))
            yield Terms((term, window))
            yield Terms((owner, term))
            yield Terms((one, term, owner, window))


def built(form: CustomForm, names: tuple[str, ...]) -> dict[str, Any]:
    """An index of these columns, built now; how it is dropped."""
    number = together.number_of(form.pk, names)
    key = {"custom_form_id": form.pk, "field_id": number, "kind": TOGETHER}
    FieldUse.objects.create(**key, names=" ".join(names))
    FieldIndex.objects.create(**key)
    told = {"form_id": form.pk, "field_id": number, "kind": TOGETHER}
    assert building.build(**told, analyze=False) == FieldIndex.State.VALID, names
    return told


def test_rows_are_the_same_with_and_without_for_every_type_that_takes_part(form: CustomForm) -> None:
    pick = random.Random(11)
    held, schema = filled(form, pick), schema_of(form)
    every = [terms for terms in asked(schema, pick) if together_of(terms)]
    directory = query_of(form).directory
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {schema.partition}")  # by itself it comes now or then, and plans differ
    expected = [
        {i for i, values in held.items() if matches(terms, lambda c, v=values: v.get(c.name), directory)}
        for terms in every
    ]
    assert len(every) > 60
    assert sum(map(bool, expected)) > 40
    assert [set(query_of(form, terms).ids()) for terms in every] == expected
    for names in sorted(set(map(together_of, every))):
        key = built(form, names)
        plans = ""
        for terms, found in zip(every, expected, strict=True):
            if together_of(terms) != names:
                continue
            query = query_of(form, terms)
            assert set(query.ids()) == found, terms
            assert query.page_and_count(20)[1] == len(found), terms
            where, values = conditions(terms, directory)
            sql = f"EXPLAIN SELECT id FROM form_entity WHERE custom_form_id = {form.pk} AND {where}"
            plans += "\n".join(row[0] for row in fetch(sql, values, selective=True))
        assert building.name_of(key["field_id"], TOGETHER) in plans, (names, plans)
        FieldIndex.objects.filter(custom_form_id=form.pk, kind=TOGETHER).delete()
        building.drop(**key)
