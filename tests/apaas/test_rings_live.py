"""Forms that read each other, written by eight clients of a real server at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forms_app.models import CustomForm
from tests.apaas.live import Live, answer, head, serving
from tests.factories import CustomAppFactory, MemberFactory, OrganizationFactory, add_field, make_form, make_token
from tests.forms_app.records.recompute.truth import holds_true
from tests.forms_app.worlds import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CLIENTS, WRITES = 8, 60
RECORDS = "/apaas/api/v2/form_entities"


class Pairs:
    """Customers and their last orders: each shows what the other one says of it."""

    def __init__(self) -> None:
        organization = OrganizationFactory()
        app = CustomAppFactory(organization=organization)
        self.token = make_token(MemberFactory(organization=organization, uid=1))[1]
        self.customer = make_form(app, {"nm": "text_field"}, name="customer")
        relation = ("relation_field", {"form": self.customer.pk})
        self.order = make_form(app, {"am": "integer_field", "cust": relation}, name="order")
        add_field(self.customer, "last", ("relation_field", {"form": self.order.pk}))
        add_field(self.order, "cn", ("formula_field", {"formula": "{cust.nm}"}))
        add_field(self.customer, "back", ("formula_field", {"formula": "{last.cn}"}))
        add_field(self.customer, "sum", ("formula_field", {"formula": "{last.am} * 2"}))
        add_field(self.order, "again", ("formula_field", {"formula": "{cust.sum} / 2"}))

    def send(self, live: Live, method: str, form: CustomForm, record_id: int | None, **values: Any) -> dict[str, Any]:
        """Write; the record as the answer shows it."""
        raw = json.dumps({"custom_form_id": form.pk, "form_entity": values}).encode()
        path = RECORDS if record_id is None else f"{RECORDS}/{record_id}"
        more = (f"Content-Length: {len(raw)}", "Content-Type: application/json")
        status, body = answer(live.raw(head(method, path, self.token, *more), raw))
        assert status == 200, body
        record: dict[str, Any] = body["data"]
        return record


def test_writes_on_both_sides_are_done_and_answered_truly() -> None:
    pairs = Pairs()
    with serving(workers=2) as live:
        customers = [pairs.send(live, "POST", pairs.customer, None, nm=f"c{n}")["id"] for n in range(4)]
        orders = [
            pairs.send(live, "POST", pairs.order, None, am=n, cust={"value": customers[n]})["id"] for n in range(4)
        ]
        for customer, order in zip(customers, orders, strict=True):
            pairs.send(live, "PUT", pairs.customer, customer, last={"value": order})

        def client(place: int) -> None:
            for number in range(place, WRITES, CLIENTS):
                pair = number // 2 % 4
                if number % 2:
                    told = pairs.send(live, "PUT", pairs.customer, customers[pair], nm=f"n{number}")
                    assert told["back"] == told["nm"] == f"n{number}"
                else:
                    told = pairs.send(live, "PUT", pairs.order, orders[pair], am=number)
                    assert told["again"] == told["am"] == number

        jobs = [lambda place=place: client(place) for place in range(CLIENTS)]
        assert at_once(jobs) == [None] * CLIENTS
        for pair in range(4):
            told = pairs.send(live, "PUT", pairs.customer, customers[pair], nm="last")
            assert told["back"] == "last"
    assert holds_true(pairs.customer)
    assert holds_true(pairs.order)
