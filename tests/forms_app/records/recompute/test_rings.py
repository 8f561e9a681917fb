"""Forms that read each other, written from both sides."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forms_app.exact_json import reads
from forms_app.models import CustomForm, Member
from forms_app.records.changes.entries import SYSTEM
from forms_app.records.recompute import recompute_batch
from forms_app.records.rings import rings
from forms_app.records.writes import entity_update
from tests.factories import actor_of, add_field, make_entity, make_form, schema_of
from tests.forms_app.records.recompute.truth import destroy, holds_true, update
from tests.forms_app.worlds import at_once, stored_of

Ring = tuple[CustomForm, CustomForm]


def answered(form: CustomForm, member: Member, record_id: int, **values: Any) -> dict[str, Any]:
    """What the answer of an update says that the record holds."""
    row = entity_update(schema=schema_of(form), record_id=record_id, values=values, actor=actor_of(member))
    data: dict[str, Any] = reads(row.data)
    return data


@pytest.mark.django_db(transaction=True)
def test_both_sides_are_written_at_once_and_nobody_is_refused(ring: Ring, alice: Member) -> None:
    customer, order = ring
    customers = [make_entity(customer, alice, name=f"c{n}") for n in range(4)]
    orders = [make_entity(order, alice, amount=n, customer={"value": customers[n]}) for n in range(4)]
    for place in range(4):
        update(customer, alice, customers[place], last={"value": orders[place]})

    def named(place: int) -> None:
        for round_ in range(8):
            update(customer, alice, customers[(place + round_) % 4], name=f"{place} {round_}")

    def ordered(place: int) -> None:
        for round_ in range(8):
            update(order, alice, orders[(place + round_) % 4], amount=10 * place + round_)

    def moved(place: int) -> None:
        for round_ in range(4):
            update(order, alice, orders[place], customer={"value": customers[round_ % 4]})

    def again(place: int) -> None:
        recompute_batch((customer, order)[place % 2].pk, (customers, orders)[place % 2], SYSTEM)

    work = (named, ordered, moved, again)
    jobs = [lambda do=do, place=place: do(place) for place in range(4) for do in work]
    assert at_once(jobs) == [None] * len(jobs)
    assert holds_true(customer)
    assert holds_true(order)


def test_an_update_answers_what_came_back_to_it_from_other_records(ring: Ring, alice: Member) -> None:
    customer, order = ring
    one = make_entity(customer, alice, name="old")
    first = make_entity(order, alice, amount=1, customer={"value": one})
    update(customer, alice, one, last={"value": first})
    said = answered(customer, alice, one, name="new")
    assert said == stored_of(customer, one)
    assert said["back"] == "new1"
    assert holds_true(customer)


def test_a_record_that_relates_to_itself_answers_what_it_reads_of_itself(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"n": "integer_field"})
    add_field(form, "up", ("relation_field", {"form": form.pk}))
    add_field(form, "sum", ("formula_field", {"formula": "{n} + {up.n}"}))
    one = make_entity(form, alice, n=1)
    assert answered(form, alice, one, up={"value": one})["sum"] == 2
    assert answered(form, alice, one, n=7)["sum"] == 14
    assert holds_true(form)


def test_records_of_one_form_that_read_each_other_are_destroyed_in_peace(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"n": "integer_field"})
    add_field(form, "up", ("relation_field", {"form": form.pk}))
    add_field(form, "sum", ("formula_field", {"formula": "{n} + {up.n}"}))
    one, two = (make_entity(form, alice, n=n) for n in (1, 2))
    update(form, alice, one, up={"value": two})
    update(form, alice, two, up={"value": one})
    destroy(form, alice, one)
    assert holds_true(form)


def test_rings_are_found_however_long_and_only_they(
    custom_app: Any, price: CustomForm, order: CustomForm, ring: Ring
) -> None:
    customer, ordered = ring
    assert rings(schema_of(price)) == rings(schema_of(order)) == []
    assert rings(schema_of(customer)) == rings(schema_of(ordered)) == [customer.pk]
    forms = [make_form(custom_app, {"n": "integer_field"}, name=f"f{n}") for n in range(3)]
    for place, form in enumerate(forms):
        add_field(form, "next", ("relation_field", {"form": forms[(place + 1) % 3].pk}))
    for form in forms:
        add_field(form, "read", ("formula_field", {"formula": "{next.n} + 1"}))
    assert [rings(schema_of(form)) for form in forms] == [[forms[0].pk]] * 3
    # What leads into two rings waits for both.
    source = make_form(custom_app, {"n": "integer_field"}, name="source")
    for form in (forms[1], customer):
        add_field(form, "from", ("relation_field", {"form": source.pk}))
        add_field(form, "taken", ("formula_field", {"formula": "{from.n} + 1"}))
    assert rings(schema_of(source)) == sorted([forms[0].pk, customer.pk])


def test_who_is_in_no_ring_takes_no_lock(price: CustomForm, order: CustomForm, alice: Member) -> None:
    item = make_entity(price, alice, price=1)
    make_entity(order, alice, amount=1, item={"value": item})
    with CaptureQueriesContext(connection) as captured:
        update(price, alice, item, price=2)
    assert not [query for query in captured if "advisory" in (query["sql"] or "")]
