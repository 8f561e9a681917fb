"""Stored formulas follow the records that their own relate to, however many follow."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from forms_app.models import CustomForm, FormEntity, Member
from forms_app.records import jobs
from forms_app.records.changes.entries import SYSTEM
from forms_app.records.recompute import recompute_batch, recompute_dependents, recompute_records
from tests.factories import add_field, make_entity, make_form, schema_of
from tests.forms_app.records.recompute.truth import destroy, fresh, holds_true, run_jobs, update
from tests.forms_app.worlds import counted, row_of, stored_of


def test_formulas_follow_what_they_relate_to(
    price: CustomForm, order: CustomForm, bill: CustomForm, alice: Member
) -> None:
    item = make_entity(price, alice, name="a", price=10)
    ordered = make_entity(order, alice, amount=3, item={"value": item})
    billed = make_entity(bill, alice, order={"value": ordered})
    assert stored_of(bill, billed)["due"] == 34
    before = [
        (row_of(form, i).updated_at, FormEntity.objects.get(pk=(form.pk, i)).version)
        for form, i in ((order, ordered), (bill, billed))
    ]
    counts = [counted(form) for form in (price, order, bill)]
    update(price, alice, item, price=20)
    assert (stored_of(order, ordered)["cost"], stored_of(order, ordered)["taxed"]) == (60, 66)
    assert stored_of(bill, billed)["due"] == 67
    after = [
        (row_of(form, i).updated_at, FormEntity.objects.get(pk=(form.pk, i)).version)
        for form, i in ((order, ordered), (bill, billed))
    ]
    assert after == before  # recomputing is no change of the record's own
    assert [counted(form) for form in (price, order, bill)] == [(1, changes + 1) for _live, changes in counts]
    update(price, alice, item, name="b")  # nobody reads the name
    assert [counted(form) for form in (order, bill)] == [(1, changes + 1) for _live, changes in counts[1:]]


def test_formulas_follow_another_record_and_none(price: CustomForm, order: CustomForm, alice: Member) -> None:
    items = [make_entity(price, alice, price=number) for number in (10, 7)]
    ordered = make_entity(order, alice, amount=3, item={"value": items[0]})
    update(order, alice, ordered, item={"value": items[1]})
    assert stored_of(order, ordered)["cost"] == 21
    update(order, alice, ordered, item=None)
    assert holds_true(order)
    assert stored_of(order, ordered).get("cost", 0) == 0


def test_formulas_follow_a_record_that_is_destroyed(
    price: CustomForm, order: CustomForm, bill: CustomForm, alice: Member
) -> None:
    items = [make_entity(price, alice, price=number) for number in (10, 7)]
    ordered = [make_entity(order, alice, amount=3, item={"value": item}) for item in (*items, items[0])]
    billed = make_entity(bill, alice, order={"value": ordered[0]})
    destroy(price, alice, items[0])
    assert all(holds_true(form) for form in (order, bill))
    assert stored_of(order, ordered[1])["cost"] == 21
    assert stored_of(order, ordered[0]).get("cost", 0) == 0
    assert stored_of(order, ordered[0])["item"] == items[0]
    assert stored_of(bill, billed).get("due") == fresh(bill, billed).get("due")
    assert counted(price) == (1, 3)


def test_records_of_one_form_that_relate_to_each_other(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"n": "integer_field"})
    add_field(form, "up", ("relation_field", {"form": form.pk}))
    add_field(form, "sum", ("formula_field", {"formula": "{n} + {up.n}"}))
    top = make_entity(form, alice, n=1)
    below = [make_entity(form, alice, n=10 * place, up={"value": top}) for place in (1, 2)]
    update(form, alice, top, n=5, up={"value": top})
    assert [stored_of(form, i)["sum"] for i in (top, *below)] == [10, 15, 25]
    assert counted(form) == (3, 3 + 1 + 3)
    destroy(form, alice, top)
    assert holds_true(form)
    assert counted(form)[0] == 2


def test_many_dependents_are_left_to_the_worker(
    price: CustomForm, order: CustomForm, bill: CustomForm, alice: Member, settings: Any
) -> None:
    settings.RECOMPUTE_INLINE = 4
    item = make_entity(price, alice, price=10)
    ordered = [make_entity(order, alice, amount=amount, item={"value": item}) for amount in range(1, 11)]
    for record_id in ordered:
        make_entity(bill, alice, order={"value": record_id})
    counts = counted(order)
    update(price, alice, item, price=20)
    done = [stored_of(order, i)["cost"] == 20 * amount for amount, i in enumerate(ordered, 1)]
    assert done == [True] * 4 + [False] * 6  # in the order of their ids, so that no two writers cross
    assert run_jobs() > 0
    assert holds_true(order)
    assert holds_true(bill)
    assert counted(order) == (10, counts[1] + 10)
    update(price, alice, item, price=20)  # nothing changed, so nothing is written
    assert counted(order) == (10, counts[1] + 10)


def test_a_job_goes_on_where_the_transaction_ended_and_survives_what_is_gone(
    price: CustomForm, order: CustomForm, alice: Member, settings: Any
) -> None:
    settings.RECOMPUTE_INLINE = 2
    item = make_entity(price, alice, price=10)
    ordered = [make_entity(order, alice, amount=1, item={"value": item}) for _ in range(5)]
    update(price, alice, item, price=3)
    (job,) = ProcrastinateJob.objects.filter(queue_name="recompute", task_name__endswith="recompute_related")
    deed = [alice.uid, None, "load", ""]  # told as the update's own
    assert job.args == {
        "form_id": order.pk,
        "relation": "item",
        "target_ids": [item],
        "after": ordered[1],
        "deed": deed,
    }
    destroy(order, alice, ordered[3])
    destroy(price, alice, item)
    run_jobs()
    assert holds_true(order)
    recompute_batch(2**40, [1], SYSTEM)
    assert recompute_records(schema_of(price), [], SYSTEM) == {}
    jobs.recompute_form(form_id=order.pk)
    assert holds_true(order)


def test_a_form_that_reads_a_disabled_relation_is_passed_by(
    price: CustomForm, order: CustomForm, alice: Member
) -> None:
    item = make_entity(price, alice, price=10)
    make_entity(order, alice, amount=1, item={"value": item})
    order.custom_fields.filter(name="item").update(status="disable")
    order.save()  # a bulk update tells nobody
    price.save()
    assert recompute_dependents(schema_of(price), [item], {"price"}, SYSTEM) == {}
    update(price, alice, item, price=11)
