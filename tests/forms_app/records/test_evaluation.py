"""Computing one formula over values that are not saved: the same value as a stored one's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from forms_app.exceptions import NotFound, Refused
from forms_app.models import CustomForm, Member
from forms_app.people.call_windows import hit
from forms_app.records.evaluation import field_evaluate
from forms_app.records.writes import entity_update
from tests.factories import actor_of, add_field, make_entity, make_form, schema_of
from tests.forms_app.worlds import counted, shown_of, stored_of


@pytest.fixture
def price(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"n": "float_field", "tax": ("formula_field", {"formula": "{n} * 0.1"})})


@pytest.fixture
def form(custom_app: Any, price: CustomForm) -> CustomForm:
    form = make_form(custom_app, {"a": "float_field", "t": "text_field", "m": "datetime_field"})
    add_field(form, "r", ("relation_field", {"form": price.pk}))
    add_field(form, "f", ("formula_field", {"formula": "{a} * {r.n} + {r.tax}"}))
    add_field(form, "g", ("formula_field", {"formula": "{f} + 1"}))
    add_field(form, "later", ("formula_field", {"formula": "{m}"}))
    return form


def evaluate(form: CustomForm, member: Member, field_name: str, values: Any, **kwargs: Any) -> Any:
    limits = kwargs.pop("limits", {})
    return field_evaluate(
        **{
            "schema": schema_of(form),
            "field_name": field_name,
            "values": values,
            "record_id": None,
            "objects": {},
            "actor": actor_of(member, **limits),
            **kwargs,
        }
    ).value


def test_it_gives_what_a_record_would_hold(form: CustomForm, price: CustomForm, alice: Member) -> None:
    item = make_entity(price, alice, n=10)
    values = {"a": Decimal("1.5"), "r": {"value": item}}
    before = counted(form)
    assert evaluate(form, alice, "g", values) == 17
    assert counted(form) == before
    assert stored_of(form, make_entity(form, alice, **values))["g"] == 17
    assert evaluate(form, alice, "later", {"m": "2023-08-20"}) == "2023-08-20T00:00:00.000+08:00"
    assert evaluate(form, alice, "later", {}) is None


def test_what_is_not_sent_is_read_from_the_record(form: CustomForm, price: CustomForm, alice: Member) -> None:
    item = make_entity(price, alice, n=10)
    record_id = make_entity(form, alice, a=2, r={"value": item})
    assert evaluate(form, alice, "f", {}, record_id=record_id) == 21
    assert evaluate(form, alice, "f", {"a": 3}, record_id=record_id) == 31
    assert evaluate(form, alice, "f", {"r": None, "a": 3}, record_id=record_id) in (None, 0)
    with pytest.raises(NotFound):
        evaluate(form, alice, "f", {}, record_id=2**60)
    assert shown_of(form, record_id, alice)["f"] == 21


def test_an_object_stands_in_for_the_related_record(form: CustomForm, price: CustomForm, alice: Member) -> None:
    name = price.data_table_name
    assert evaluate(form, alice, "f", {"a": 2}, objects={name: {"id": 5, "n": 10}}) == 21
    item = make_entity(price, alice, n=100)
    values = {"a": 2, "r": {"value": item}}
    assert evaluate(form, alice, "f", values, objects={name: {"n": 10}}) == 21  # its own formula too
    assert evaluate(form, alice, "f", values, objects={name: {}}) == 210


def test_every_fault_is_told(form: CustomForm, price: CustomForm, alice: Member) -> None:
    objects = {price.data_table_name: {"n": "x", "zz": 1}}
    with pytest.raises(Refused) as refused:
        evaluate(form, alice, "a", {"a": "x", "yy": 1, "r": {"value": 999}}, objects=objects)
    assert sorted(fault.code for fault in refused.value.faults) == [
        "not_computed",
        "unknown_field",
        "unknown_field",
        "unknown_record",
        "wrong_type",
        "wrong_type",
    ]
    with pytest.raises(Refused) as refused:
        evaluate(form, alice, "nothing", {})
    assert [(fault.code, fault.allowed) for fault in refused.value.faults] == [("not_computed", ["f", "g", "later"])]


def test_a_token_learns_nothing_of_a_form_it_may_not_read(form: CustomForm, price: CustomForm, alice: Member) -> None:
    item = make_entity(price, alice, n=10)
    record_id = make_entity(form, alice, a=1, r={"value": item})
    limits = {"form_ids": frozenset({form.pk})}
    for values, record in (({"a": 1}, record_id), ({"a": 1, "r": {"value": item}}, None)):
        with pytest.raises(Refused) as refused:
            evaluate(form, alice, "f", values, record_id=record, limits=limits)
        assert (refused.value.faults[0].field, refused.value.faults[0].code) == ("field_name", "not_computed")
        assert "f" not in refused.value.faults[0].allowed  # a formula that reads it does not exist for the token
    assert evaluate(form, alice, "later", {"m": "2023-08-20"}, record_id=record_id, limits=limits) is not None


def test_calls_are_counted_by_window_and_organization(alice: Member, charlie: Member) -> None:
    mine, theirs = alice.organization_id, charlie.organization_id
    assert [hit(organization_id=mine, window=1) for _ in range(3)] == [1, 2, 3]
    assert hit(organization_id=theirs, window=1) == 1
    assert [hit(organization_id=mine, window=2) for _ in range(2)] == [1, 2]


# --- Why it is null ----------------------------------------------------------------------------------------------


def reason(form: CustomForm, member: Member, field_name: str, values: Any) -> str:
    return field_evaluate(
        schema=schema_of(form),
        field_name=field_name,
        values=values,
        record_id=None,
        objects={},
        actor=actor_of(member),
    ).reason


def test_a_null_that_an_error_gave_says_why(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"n": "float_field", "t": "text_field", "d": "date_field"})
    formulas = {
        "divided": ("1 / {n}", "Division by zero."),
        "written": (
            "TEXT({d}, {t})",
            "The pattern Due: YYYY is not known from Due: YYYY on. Words in a pattern stand in quotes.",
        ),
        "between": ("DATEDIF({d}, {d}, {t})", "The unit is one of Y, M, D, H, MI, S, YM, MD, YD, not Due: YYYY."),
        "cut": ("LEFT({t}, {n} - 1)", "A length can't be negative."),
        "empty": ("IF({n} = 1, 1)", ""),
    }
    for name, (text, _said) in formulas.items():
        add_field(form, name, ("formula_field", {"formula": text}))
    values = {"n": 0, "t": "Due: YYYY", "d": "2024-02-29"}
    with translation.override("en"):
        said = {name: reason(form, alice, name, values) for name in formulas}
    assert said == {name: sentence for name, (_text, sentence) in formulas.items()}


# --- The record itself -------------------------------------------------------------------------------------------


def test_a_formula_knows_its_record_and_follows_its_updates(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"n": "float_field"})
    add_field(form, "own", ("formula_field", {"formula": "RECORD_ID() & '-' & {n}"}))
    add_field(form, "made", ("formula_field", {"formula": "CREATED_TIME()"}))
    add_field(form, "changed", ("formula_field", {"formula": "LAST_MODIFIED_TIME()"}))
    record_id, other = make_entity(form, alice, n=1), make_entity(form, alice, n=2)
    assert shown_of(form, other, alice)["own"] == f"{other}-2"
    for number in (3, 4):
        with connection.cursor() as cursor:  # as if the record had lain for a day
            cursor.execute(
                "UPDATE form_entity SET updated_at = updated_at - interval '1 day' WHERE id = %s", [record_id]
            )
        before = shown_of(form, record_id, alice)
        entity_update(schema=schema_of(form), record_id=record_id, values={"n": number}, actor=actor_of(alice))
        after = shown_of(form, record_id, alice)
        assert after["own"] == f"{record_id}-{number}"
        assert (after["made"], after["changed"]) == (after["created_at"], after["updated_at"])
        assert after["changed"] > before["changed"]
    assert evaluate(form, alice, "own", {}, record_id=record_id) == f"{record_id}-4"
    assert evaluate(form, alice, "own", {"n": 9}) == "-9"
