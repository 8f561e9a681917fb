"""Stored formulas stay true, whoever writes at the same time."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from forms_app.exceptions import Refused
from forms_app.models import CustomForm, Member
from forms_app.records.jobs import recompute_related
from tests.factories import make_entity
from tests.forms_app.records.recompute.truth import destroy, holds_true, run_jobs, update
from tests.forms_app.worlds import at_once, counted, query_of, stored_of


@pytest.mark.django_db(transaction=True)
def test_writers_on_both_sides_leave_the_truth(price: CustomForm, order: CustomForm, alice: Member) -> None:
    items = [make_entity(price, alice, price=number) for number in (1, 2)]
    ordered = [make_entity(order, alice, amount=1, item={"value": item}) for item in items * 3]

    def dear(place: int) -> None:
        for round_ in range(3):
            update(price, alice, items[place % 2], price=100 * place + round_)

    def much(place: int) -> None:
        for round_ in range(3):
            update(order, alice, ordered[place], amount=10 * place + round_, item={"value": items[round_ % 2]})

    def more(place: int) -> None:
        for _round in range(3):
            make_entity(order, alice, amount=place, item={"value": items[place % 2]})

    jobs = [lambda work=work, place=place: work(place) for place in range(4) for work in (dear, much, more)]
    assert at_once(jobs) == [None] * len(jobs)
    assert holds_true(price)
    assert holds_true(order)
    assert counted(order)[0] == 6 + 12 == query_of(order).count()


@pytest.mark.django_db(transaction=True)
def test_who_relates_to_a_record_while_it_is_destroyed_is_true_afterwards(
    price: CustomForm, order: CustomForm, alice: Member
) -> None:
    items = [make_entity(price, alice, price=number) for number in range(1, 7)]
    jobs: list[Any] = [lambda item=item: destroy(price, alice, item) for item in items]
    jobs += [lambda item=item: make_entity(order, alice, amount=2, item={"value": item}) for item in items]
    outcomes = at_once(jobs)
    assert not [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, Refused)]
    assert holds_true(order)


@pytest.mark.django_db(transaction=True)
def test_a_job_and_writers_at_once_leave_the_truth(price: CustomForm, order: CustomForm, alice: Member) -> None:
    item = make_entity(price, alice, price=1)
    ordered = [make_entity(order, alice, amount=n, item={"value": item}) for n in range(12)]

    def dear() -> None:
        for number in range(6):
            update(price, alice, item, price=number)

    def job() -> None:
        for _round in range(4):
            recompute_related(form_id=order.pk, relation="item", target_ids=[item])

    jobs = [dear, job, *(lambda i=i: update(order, alice, i, amount=50) for i in ordered)]
    assert at_once(jobs) == [None] * len(jobs)
    assert holds_true(order)


def test_a_recomputation_that_is_rolled_back_leaves_no_job(
    price: CustomForm, order: CustomForm, alice: Member, settings: Any
) -> None:
    settings.RECOMPUTE_INLINE = 0
    item = make_entity(price, alice, price=1)
    make_entity(order, alice, amount=1, item={"value": item})
    with pytest.raises(RuntimeError), transaction.atomic():
        update(price, alice, item, price=2)
        assert ProcrastinateJob.objects.filter(queue_name="recompute").exists()
        raise RuntimeError
    assert not ProcrastinateJob.objects.filter(queue_name="recompute").exists()
    update(price, alice, item, price=2)
    assert stored_of(order, query_of(order).ids()[0])["cost"] == 1
    settings.RECOMPUTE_INLINE = 200
    run_jobs()
    assert holds_true(order)
