"""Filters, sorts and indexes of every type, held to their twins in Python and to PostgreSQL's plans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from forms_app.field_types import FieldType
from forms_app.indexes import building
from forms_app.models import FieldIndex, Member
from forms_app.operators import index_kinds
from forms_app.records.query import Filter, Search, Terms
from forms_app.records.query.conditions import conditions, matches
from tests.factories import schema_of
from tests.forms_app.field_types.every_type import EXAMPLE, TYPES, column_alone, create, each_type, operands_of, world
from tests.forms_app.worlds import query_of, stored_of

KINDS = frozenset(index.kind for index in vars(index_kinds).values() if isinstance(index, index_kinds.Index))


@each_type(TYPES)
def test_each_operand_finds_what_its_twin_finds(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    for sent, _shown in field_type.accepts or (((), ()), ((), ())):
        create(form, alice, {EXAMPLE: sent} if field_type.writable else {})
    create(form, alice, {})
    column = schema_of(form).columns[EXAMPLE]
    directory = query_of(form).directory
    stored = {record_id: stored_of(form, record_id).get(EXAMPLE) for record_id in query_of(form).ids()}
    for op in column.lookups:
        for raw in operands_of(column, op):
            for known in (column, replace(column, ready=KINDS)):  # as a scan asks, and as an index is asked
                terms = Terms((Filter(known, op, column.operand(op, raw)),))
                found = set(query_of(form, terms).ids())
                expected = {i for i, value in stored.items() if matches(terms, lambda _column, v=value: v, directory)}
                assert found == expected, (op, raw, known.ready)


@each_type([field_type for field_type in TYPES if field_type.sortable])
def test_it_sorts_as_its_twin(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    for sent, _shown in field_type.accepts or (((), ()), ((), ())):
        create(form, alice, {EXAMPLE: sent} if field_type.writable else {})
    column = schema_of(form).columns[EXAMPLE]
    from_sql = column.type.sort_expression(column)
    assert from_sql is not None
    with connection.cursor() as cursor:
        text, values = from_sql
        cursor.execute(
            f"SELECT id FROM form_entity WHERE custom_form_id = {form.pk} ORDER BY {text} NULLS LAST, id", values
        )
        found = [row[0] for row in cursor.fetchall()]
    stored = {record_id: stored_of(form, record_id).get(EXAMPLE) for record_id in found}
    full = sorted((column.type.sort_value(column, value), i) for i, value in stored.items() if value is not None)
    assert found == [i for _value, i in full] + sorted(i for i, value in stored.items() if value is None)


@pytest.mark.django_db(transaction=True)
@each_type([field_type for field_type in TYPES if field_type.column_indexes(column_alone(field_type))])
def test_its_own_index_serves_each_of_its_lookups(field_type: FieldType, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    samples = [sent for sent, shown in field_type.accepts if shown is not None]
    made = [create(form, alice, {EXAMPLE: sent} if field_type.writable else {}) for sent in samples or [(), ()]]
    # Many records without a value beside few with: the parent's own index would have to read them all.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO form_entity (custom_form_id, app_id, organization_id, owner_uid, data) SELECT %s, 1, 1, 1,"
            ' \'{"other": "x"}\' FROM generate_series(1, 2000)',
            [form.pk],
        )
    field = form.custom_fields.get(name=EXAMPLE)
    column = schema_of(form).columns[EXAMPLE]
    index = column.type.column_indexes(column)[0]
    FieldIndex.objects.get_or_create(custom_form_id=form.pk, field_id=field.pk, kind=index.kind)
    assert building.build(form_id=form.pk, field_id=field.pk, kind=index.kind) == FieldIndex.State.VALID
    name = building.name_of(field.pk, index.kind)
    column = schema_of(form).columns[EXAMPLE]  # which knows its index now
    directory = query_of(form).directory
    terms = [
        Terms((Filter(column, op, column.operand(op, raw)),))
        for op, lookup in column.lookups.items()
        for raw in operands_of(column, op)
        if lookup.indexed
    ]
    if field_type.searchable:
        terms += [Terms(search=Search(column, term)) for term in ("官", "官网", "电话黄页")]
    assert terms
    for term in terms:
        query = query_of(form, term)
        where, values = conditions(term, directory)
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
            cursor.execute(f"EXPLAIN SELECT id FROM form_entity WHERE custom_form_id = {form.pk} AND {where}", values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            cursor.execute("RESET enable_seqscan")
        assert name in plan, (term, plan)
        assert set(query.ids()) <= set(made)
