"""A form of prices, another one of orders that read them, and a third of bills that read orders."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.models import CustomForm
from tests.factories import add_field, make_form


@pytest.fixture
def price(custom_app: Any) -> CustomForm:
    return make_form(
        custom_app,
        {"name": "text_field", "price": "float_field", "tax": ("formula_field", {"formula": "{price} * 0.1"})},
    )


@pytest.fixture
def order(custom_app: Any, price: CustomForm) -> CustomForm:
    form = make_form(custom_app, {"amount": "integer_field", "item": ("relation_field", {"form": price.pk})})
    add_field(form, "cost", ("formula_field", {"formula": "{amount} * {item.price}"}))
    add_field(form, "taxed", ("formula_field", {"formula": "{cost} + {amount} * {item.tax}"}))
    return form


@pytest.fixture
def bill(custom_app: Any, order: CustomForm) -> CustomForm:
    form = make_form(custom_app, {"order": ("relation_field", {"form": order.pk})})
    add_field(form, "due", ("formula_field", {"formula": "{order.taxed} + 1"}))
    return form


@pytest.fixture
def ring(custom_app: Any) -> tuple[CustomForm, CustomForm]:
    """Customers and orders that read each other: an order the name of its customer, a customer that of the last order,
    which is so their own."""
    customer = make_form(custom_app, {"name": "text_field"}, name="customer")
    order = make_form(
        custom_app, {"amount": "integer_field", "customer": ("relation_field", {"form": customer.pk})}, name="order"
    )
    add_field(customer, "last", ("relation_field", {"form": order.pk}))
    add_field(order, "of", ("formula_field", {"formula": "{customer.name}"}))
    add_field(customer, "back", ("formula_field", {"formula": "{last.of} & {last.amount}"}))
    return customer, order
