"""GET|PUT|POST form_entities/evaluate: the value of a formula field over unsaved values."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from forms_app.models import CustomForm, FieldOption, FormEntity, Member
from tests.apaas.conftest import Api, address
from tests.factories import add_field, make_entity, make_token

FORMULA = "{amount} * {count} + {partner.price} * {partner.pieces}"


@pytest.fixture
def leads(other_form: CustomForm) -> CustomForm:
    add_field(other_form, "pieces", "integer_field")
    return other_form


@pytest.fixture
def orders(form: CustomForm, leads: CustomForm) -> CustomForm:
    """A form whose `total` reads two of its own fields and two of a related record."""
    add_field(form, "count", "integer_field")
    add_field(form, "partner", ("relation_field", {"form": leads.pk}))
    add_field(form, "total", ("formula_field", {"formula": FORMULA}))
    return form


@pytest.fixture
def lead(leads: CustomForm, alice: Member) -> int:
    return make_entity(leads, alice, secret="s", price=Decimal("5.78"), pieces=Decimal("6.23"))


def ask(api: Api, form: CustomForm, method: str = "GET", **body: Any) -> Any:
    data = api.ok(method, "form_entities/evaluate", {"custom_form_id": form.pk, "field_name": "total", **body})
    assert list(data) == ["value"]
    return data["value"]


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_it_computes_over_what_was_sent_with_every_digit(
    api: Api, orders: CustomForm, lead: int, method: str, slash: str
) -> None:
    body = {
        "custom_app_id": 2,
        "custom_form_id": orders.pk,
        "field_name": "total",
        "form_entity": {
            "amount": Decimal("3.45"),
            "count": Decimal("1.12"),
            "partner": {"value": lead, "label": "x", "relation_source": {"id": 1}},
        },
    }
    data = api.ok(method, f"form_entities/evaluate{slash}", body)
    assert data == {"value": Decimal("39.8734")}
    assert FormEntity.objects.filter(custom_form_id=orders.pk).count() == 0


def test_an_object_stands_in_for_the_related_record_whatever_its_id(api: Api, orders: CustomForm, lead: int) -> None:
    name = CustomForm.objects.get(name="other").data_table_name
    values = {"amount": 1, "count": 1, "partner": {"value": lead}}
    assert ask(api, orders, form_entity=values, **{name: {"id": 987654321, "price": 2, "pieces": 3}}) == 7
    assert ask(api, orders, form_entity=values, **{name: {"price": 2}}) == Decimal("13.46")
    assert ask(api, orders, form_entity={"amount": 1, "count": 1}, **{name: {"price": 2, "pieces": 3}}) == 7


def test_what_was_not_sent_is_read_from_the_record(api: Api, orders: CustomForm, lead: int, alice: Member) -> None:
    record_id = make_entity(orders, alice, amount=2, count=3, partner={"value": lead})
    stored = api.ok("GET", address(orders, str(record_id)))["total"]
    assert ask(api, orders, id=record_id) == stored == Decimal("42.0094")
    assert ask(api, orders, id=str(record_id), form_entity={"amount": 10}) == stored + 24
    assert ask(api, orders, id=record_id, form_entity={"count": None}) == ask(api, orders, form_entity={
        "amount": 2, "partner": {"value": lead}})  # fmt: skip
    query = f"form_entities/evaluate?custom_form_id={orders.pk}&field_name=total&id={record_id}&form_entity[amount]=10"
    assert api.ok("GET", query)["value"] == stored + 24


def test_what_a_record_holds_may_be_echoed_though_it_could_not_be_chosen_anew(api: Api, wide: CustomForm) -> None:
    token = "H6Qq/ojoIFNyICUXzx3UOw=="
    record_id = api.ok("POST", address(wide), {"form_entity": {"a_select_field": token}})["id"]
    option = FieldOption.objects.get(custom_field__name="a_select_field", value=token)
    option.status = "disable"
    option.save()
    body = {"custom_form_id": wide.pk, "field_name": "a_formula_field", "form_entity": {"a_select_field": token}}
    assert api.faults("PUT", "form_entities/evaluate", body) == [("a_select_field", "disabled_option", None)]
    assert api.ok("PUT", "form_entities/evaluate", {**body, "id": record_id}) == {"value": Decimal("1.5")}


@pytest.mark.parametrize("name", ["amount", "nope", "id", "partner.price", "label of total"])
def test_only_a_computed_field_has_a_value(api: Api, orders: CustomForm, name: str) -> None:
    body = {"custom_form_id": orders.pk, "field_name": name}
    (fault,) = api.refused("GET", "form_entities/evaluate", body)["errors"]
    assert (fault["field"], fault["code"], fault["got"], fault["allowed"]) == (
        "field_name",
        "not_computed",
        name,
        ["total"],
    )


def test_faults_come_together(api: Api, orders: CustomForm) -> None:
    name = CustomForm.objects.get(name="other").data_table_name
    body: dict[str, Any] = {
        "custom_form_id": orders.pk,
        "field_name": "nope",
        "form_entity": {"amount": "x", "zzz": 1, "total": 5, "partner": {"value": 987654321}},
        name: {"price": "y", "qqq": 1},
    }
    assert set(api.faults("PUT", "form_entities/evaluate", body)) == {
        ("field_name", "not_computed", None),
        ("amount", "wrong_type", None),
        ("zzz", "unknown_field", None),
        ("total", "read_only", None),
        ("partner", "unknown_record", 0),
        ("price", "wrong_type", None),
        ("qqq", "unknown_field", None),
    }
    wrong = {"custom_form_id": orders.pk, "form_entity": 5, "id": "x", "data_1_1_ffffff": {}, name: 5}
    assert set(api.faults("PUT", "form_entities/evaluate", wrong)) == {
        ("field_name", "required", None),
        ("form_entity", "wrong_object", None),
        ("id", "wrong_id", None),
        ("data_1_1_ffffff", "unknown_parameter", None),
        (name, "wrong_object", None),
    }
    assert api.faults("GET", "form_entities/evaluate") == [
        ("custom_form_id", "required", None),
        ("field_name", "required", None),
    ]


def test_an_absent_record_is_not_found(api: Api, orders: CustomForm, record: Callable[..., int]) -> None:
    body = {"custom_form_id": orders.pk, "field_name": "total", "id": 987654321}
    api.refused("GET", "form_entities/evaluate", body, status=404)


def test_charlie_gets_not_found_and_a_read_only_token_may_ask(
    stranger: Api, reader: Api, orders: CustomForm, lead: int
) -> None:
    for body in ({"field_name": "total"}, {"field_name": "nope", "x": 1}):
        stranger.refused("GET", address(orders, "evaluate"), body, status=404)
    for method in ("GET", "PUT", "POST"):
        assert ask(reader, orders, method, form_entity={"amount": 2, "count": 2, "partner": {"value": lead}})


def test_a_limited_token_can_neither_read_nor_replace_what_it_does_not_see(
    api: Api, orders: CustomForm, leads: CustomForm, lead: int, alice: Member
) -> None:
    limited = Api(make_token(alice, custom_forms=[orders])[1])
    body: dict[str, Any] = {"custom_form_id": orders.pk, "field_name": "total"}
    stand_in = {**body, leads.data_table_name: {"price": 1}}
    absent = {**body, "data_1_1_ffffff": {"price": 1}}
    assert limited.faults("PUT", "form_entities/evaluate", stand_in) == [
        (leads.data_table_name, "unknown_parameter", None)
    ]
    assert limited.faults("PUT", "form_entities/evaluate", absent)[0][1] == "unknown_parameter"
    related = {**body, "form_entity": {"partner": {"value": lead}}}
    assert limited.faults("PUT", "form_entities/evaluate", related) == [
        ("field_name", "not_computed", None),
        ("partner", "unknown_record", 0),
    ]
    record_id = make_entity(orders, alice, amount=1, count=1, partner={"value": lead})
    of_record = {**body, "id": record_id, "form_entity": {"amount": 0}}
    answer = limited.refused("PUT", "form_entities/evaluate", of_record)
    assert [fault["code"] for fault in answer["errors"]] == ["not_computed"]
    assert "total" not in answer["errors"][0]["allowed"]  # what reads another form does not exist without it
    assert str(Decimal("36.0094")) not in str(answer)
    assert "total" not in limited.ok("GET", f"form_entities/{record_id}?custom_form_id={orders.pk}")
    limited.refused("PUT", "form_entities/evaluate", {"custom_form_id": leads.pk, "field_name": "x"}, status=404)


def test_an_error_of_the_formula_is_an_empty_value_that_says_why(api: Api, form: CustomForm) -> None:
    add_field(form, "ratio", ("formula_field", {"formula": "1 / {amount}"}))
    why = {"value": None, "reason": "除数为零。"}
    for values, expected in (({"amount": 0}, why), ({"amount": 4}, {"value": Decimal("0.25")}), ({}, why)):
        body = {"custom_form_id": form.pk, "field_name": "ratio", "form_entity": values}
        assert api.ok("GET", "form_entities/evaluate", body) == expected
