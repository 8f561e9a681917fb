"""Anything a client may send is stored or refused in words, whatever the type."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_app.exact_json import dumps
from forms_app.exceptions import Refused
from forms_app.field_types import FieldType, Text
from forms_app.operators import operators
from forms_app.records.query import Filter, Terms
from forms_app.records.query.conditions import conditions
from tests.forms_app.field_types.every_type import EXAMPLE, TYPES, column_alone, each_type

pytestmark = pytest.mark.slow

NAMES = sorted(operator.name for operator in operators)
TOKENS = st.sampled_from(["H6Qq/ojoIFNyICUXzx3UOw==", "60943MKVMq0Erpe9dUdV7w==", "WkFg1hVKiht2xdOjfhlpqQ=="])
KEYS = st.sampled_from(
    ("value", "label", "uid", "did", "user_ids", "department_ids", "level_0", "level_1", "level_99", "country_id")
) | st.sampled_from(("city_id", "detail_address", "latitude", "longitude", "name", "file_url", "id", "file_file_size"))
STRANGE = st.sampled_from(
    ("\0", "\ud800", "９", "1e400", "-0", "1" * 400, "true", "9999-12-31", "0001-01-01 00:00", "2023-01-01T00:00+99:99")
) | st.sampled_from(("http://[::1", "tel:110;ext=1", "a@b", "https://" + "a" * 70, "{x}", "%s", "null", "2023-02-30"))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**400), 10**400)
    | st.decimals()
    | st.text(alphabet=st.characters(), max_size=12)
    | STRANGE
    | TOKENS
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=4)
)
UNTYPED = st.one_of(STRANGE, TOKENS, st.text(alphabet=st.characters(), max_size=12), st.integers().map(str)).map(Text)


def sayable(refused: Refused) -> None:
    assert refused.faults
    for fault in refused.faults:
        assert fault.code
        assert fault.field == EXAMPLE
        dumps([fault.got, fault.allowed, fault.message])


@each_type(TYPES)
@given(raw=ANYTHING | UNTYPED, current=st.none() | ANYTHING)
@settings(max_examples=40, deadline=None)
def test_a_value_is_stored_or_refused_in_words(field_type: FieldType, raw: Any, current: Any) -> None:
    column = column_alone(field_type)
    try:
        stored = column.clean(raw, current)
    except Refused as refused:
        sayable(refused)
    else:
        dumps(stored)
        column.type.title(column, stored)
        column.type.formula_value(column, stored)
        for _key, show in column.type.keys(column):
            if stored is not None and show is not None and not field_type.refers:
                dumps(show(stored, None))
        assert column.clean(None if stored is None else raw, current) == stored


@each_type(TYPES)
@given(raw=ANYTHING | UNTYPED, op=st.sampled_from(NAMES))
@settings(max_examples=40, deadline=None)
def test_an_operand_is_read_or_refused_in_words(field_type: FieldType, raw: Any, op: str) -> None:
    column = column_alone(field_type)
    if op not in column.lookups:
        return
    try:
        column.operand(op, raw)
    except Refused as refused:
        sayable(refused)


@pytest.mark.django_db
@each_type(TYPES)
@given(raw=ANYTHING | UNTYPED, op=st.sampled_from(NAMES))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postgresql_takes_every_operand_that_the_type_takes(field_type: FieldType, raw: Any, op: str) -> None:
    column = column_alone(field_type)
    if op not in column.lookups:
        return
    try:
        operand = column.operand(op, raw)
    except Refused:
        return

    class Nobody:
        def members_below(self, dids: Any) -> Any:
            return list(dids)

        departments_below = members_below

    text, values = conditions(Terms((Filter(column, op, operand),)), Nobody())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM form_entity WHERE custom_form_id = 1 AND {text}", values)
