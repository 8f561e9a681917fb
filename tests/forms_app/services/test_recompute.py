"""Stored formulas stay true: whatever changes, wherever, and whoever writes at the same time."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from forms_app import tasks
from forms_app.exceptions import Refused
from forms_app.field_types import Option
from forms_app.formulas import compute, related_of, relations_of, volatile_page, with_needed
from forms_app.models import CustomForm, FormEntity, Member
from forms_app.services.entities import entity_mass_destroy, entity_update
from forms_app.services.fields import field_change
from forms_app.services.forms import design_of, form_design
from forms_app.services.recompute import recompute_batch, recompute_dependents, recompute_records
from tests.factories import actor_of, add_field, make_entity, make_form, schema_of
from tests.forms_app.worlds import at_once, counted, query_of, row_of, shown_of, stored_of

TOKENS = ("H6Qq/ojoIFNyICUXzx3UOw==", "qxjjDA3ECTzu2olh+sPR9A==")
OPTIONS = (Option(TOKENS[0], "红"), Option(TOKENS[1], "绿"))


def update(form: CustomForm, member: Member, record_id: int, **values: Any) -> None:
    entity_update(schema=schema_of(form), record_id=record_id, values=values, actor=actor_of(member))


def destroy(form: CustomForm, member: Member, *ids: int) -> None:
    entity_mass_destroy(schema=schema_of(form), ids=ids, actor=actor_of(member))


def fresh(form: CustomForm, record_id: int) -> dict[str, Any]:
    """What the record's formulas are worth, computed from what is stored now."""
    schema = schema_of(form)
    data = stored_of(form, record_id)
    formulas = schema.stored_formulas
    related = related_of(schema, relations_of(formulas.values()), [data])
    return {name: value for name, value in compute(schema, formulas, data, related[0]).items() if value is not None}


def holds_true(form: CustomForm) -> bool:
    names = schema_of(form).stored_formulas.keys()
    return all(
        {name: value for name, value in stored_of(form, i).items() if name in names} == fresh(form, i)
        for i in query_of(form).ids()
    )


def run_jobs() -> int:
    """Run what was enqueued for the worker, as it would; how much it was."""
    done = 0
    while job := ProcrastinateJob.objects.filter(queue_name="recompute", pk__gt=done).order_by("pk").first():
        getattr(tasks, job.task_name.rpartition(".")[2])(**job.args)
        done = job.pk
    return ProcrastinateJob.objects.filter(queue_name="recompute").count()


@pytest.fixture
def price(custom_app: Any) -> CustomForm:
    """A form of prices, another one of orders that read them, and a third that reads orders."""
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


# --- Of one's own fields -----------------------------------------------------------------------------------


def test_a_formula_follows_its_own_record(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"a": "float_field", "b": "float_field", "free": "text_field"})
    add_field(form, "sum", ("formula_field", {"formula": "{a} + {b}"}))
    add_field(form, "twice", ("formula_field", {"formula": "{sum} * 2"}))
    record_id = make_entity(form, alice, a=1, b=Decimal("0.5"))
    assert stored_of(form, record_id)["twice"] == 3
    update(form, alice, record_id, b=Decimal("0.1"))
    assert (stored_of(form, record_id)["sum"], stored_of(form, record_id)["twice"]) == (Decimal("1.1"), Decimal("2.2"))
    before = stored_of(form, record_id)
    update(form, alice, record_id, free="x")
    assert stored_of(form, record_id) == {**before, "free": "x"}
    update(form, alice, record_id, a=None, b=None)
    assert holds_true(form)


def test_a_formula_that_fails_is_empty_and_comes_back(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"a": "float_field", "b": "float_field"})
    add_field(form, "ratio", ("formula_field", {"formula": "{a} / {b}", "decimal_places": 2}))
    record_id = make_entity(form, alice, a=1, b=0)
    assert "ratio" not in stored_of(form, record_id)
    update(form, alice, record_id, b=3)
    assert stored_of(form, record_id)["ratio"] == Decimal("0.33")
    update(form, alice, record_id, b=0)
    assert "ratio" not in stored_of(form, record_id)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("0.125", "0.13"),
        ("-0.125", "-0.13"),
        ("123456789012345678901234567890.125", "123456789012345678901234567890.13"),
        ("12345678901234567890123456789012345.675", "12345678901234567890123456789012345.68"),
        ("1e300", "1e300"),
    ],
)
def test_results_are_rounded_half_up_however_long(custom_app: Any, alice: Member, number: str, expected: str) -> None:
    form = make_form(custom_app, {"a": "float_field"})
    add_field(form, "f", ("formula_field", {"formula": "{a} + 0", "decimal_places": 2}))
    assert stored_of(form, make_entity(form, alice, a=Decimal(number)))["f"] == Decimal(expected)


def test_results_of_every_kind_are_stored_and_shown(custom_app: Any, alice: Member) -> None:
    form = make_form(
        custom_app,
        {
            "n": "float_field",
            "t": "text_field",
            "d": "date_field",
            "m": "datetime_field",
            "b": "boolean_field",
            "r": "datetime_range_field",
            "s": ("select_field", {}, OPTIONS),
            "l": ("multi_select", {}, OPTIONS),
            "c": ("nested_select", {}, OPTIONS),
            "u": "user_field",
            "o": "department_field",
            "a": "address_select",
            "x": "file_field",
        },
    )
    sent = {
        "n": Decimal("1.5"),
        "t": "文",
        "d": "2023-08-20",
        "m": "2023-08-20 01:00:00",
        "b": True,
        "r": ["2023-08-20", "2023-08-21"],
        "s": TOKENS[0],
        "l": list(TOKENS),
        "c": {"level_0": TOKENS[1]},
        "u": [{"uid": 2}, {"uid": 1}],
        "o": [{"did": 3}],
        "a": {"country_id": "4", "detail_address": "路"},
        "x": [{"name": "合同.pdf", "file_url": "https://example.com/a"}],
    }
    expected = {
        "n": Decimal("1.5"),
        "t": "文",
        "d": "2023-08-20",
        "m": "2023-08-20T01:00:00.000+08:00",
        "b": True,
        "r": ["2023-08-20T00:00:00.000+08:00", "2023-08-21T00:00:00.000+08:00"],
        "s": "红",
        "l": ["红", "绿"],
        "c": ["绿"],
        "u": [2, 1],
        "o": [3],
        "a": "路",
        "x": ["合同.pdf"],
    }
    for name in sent:
        add_field(form, f"f_{name}", ("formula_field", {"formula": f"{{{name}}}"}))
        add_field(form, f"g_{name}", ("formula_field", {"formula": f"{{f_{name}}}"}))
    record_id = make_entity(form, alice, **sent)
    shown = shown_of(form, record_id, alice)
    assert {name: shown[f"f_{name}"] for name in sent} == expected
    assert {name: shown[f"g_{name}"] for name in sent} == expected
    empty = shown_of(form, make_entity(form, alice), alice)
    assert {empty[f"g_{name}"] for name in sent} == {None}


def test_a_text_longer_than_any_field_s_is_empty(custom_app: Any, alice: Member, settings: Any) -> None:
    form = make_form(custom_app, {"t": "text_area"})
    add_field(form, "f", ("formula_field", {"formula": "{t} & {t}"}))
    settings.MAX_TEXT_AREA_LENGTH = 10
    assert stored_of(form, make_entity(form, alice, t="x" * 5))["f"] == "x" * 10
    assert "f" not in stored_of(form, make_entity(form, alice, t="x" * 6))


# --- Through relations -------------------------------------------------------------------------------------


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
    assert job.args == {"form_id": order.pk, "relation": "item", "target_ids": [item], "after": ordered[1]}
    destroy(order, alice, ordered[3])
    destroy(price, alice, item)
    run_jobs()
    assert holds_true(order)
    recompute_batch(2**40, [1])
    assert recompute_records(schema_of(price), []) == {}
    tasks.recompute_form(form_id=order.pk)
    assert holds_true(order)


def test_a_form_that_reads_a_disabled_relation_is_passed_by(
    price: CustomForm, order: CustomForm, alice: Member
) -> None:
    item = make_entity(price, alice, price=10)
    make_entity(order, alice, amount=1, item={"value": item})
    order.custom_fields.filter(name="item").update(status="disable")
    order.save()  # a bulk update tells nobody
    price.save()
    assert recompute_dependents(schema_of(price), [item], {"price"}) == {}
    update(price, alice, item, price=11)


# --- What a definition's change does -----------------------------------------------------------------------


def change_design(form: CustomForm, **changes: dict[str, Any]) -> None:
    """Change the fields of these names as the designer does."""
    design = design_of(CustomForm.objects.get(pk=form.pk))
    for group in design["groups"]:
        for field in group["fields"]:
            field.update(changes.get(field["name"], {}))
    form_design(form=CustomForm.objects.get(pk=form.pk), design=design)


def test_a_formula_that_is_edited_is_computed_anew(
    price: CustomForm, order: CustomForm, bill: CustomForm, alice: Member
) -> None:
    item = make_entity(price, alice, price=10)
    ordered = make_entity(order, alice, amount=3, item={"value": item})
    billed = make_entity(bill, alice, order={"value": ordered})
    change_design(price, tax={"setting": {"formula": "{price} * 0.2"}})
    run_jobs()
    assert (stored_of(price, item)["tax"], stored_of(order, ordered)["taxed"], stored_of(bill, billed)["due"]) == (
        2,
        36,
        37,
    )


@pytest.mark.parametrize("most", [2, 200])
def test_an_option_that_is_named_anew_is_so_in_formulas(
    custom_app: Any, alice: Member, settings: Any, most: int
) -> None:
    settings.RECOMPUTE_INLINE = most
    form = make_form(custom_app, {"colour": ("select_field", {}, OPTIONS)})
    add_field(form, "f", ("formula_field", {"formula": "'is ' & {colour}"}))
    reader = make_form(custom_app, {"r": ("relation_field", {"form": form.pk})})
    add_field(reader, "g", ("formula_field", {"formula": "{r.colour} & '!'"}))
    ids = [make_entity(form, alice, colour=TOKENS[0]) for _ in range(5)]
    readers = [make_entity(reader, alice, r={"value": i}) for i in ids]
    options = [{"value": TOKENS[0], "label": "深红"}, {"value": TOKENS[1], "label": "绿"}]
    change_design(form, colour={"options": options})
    assert (run_jobs() > 0) is (most == 2)
    assert {stored_of(form, i)["f"] for i in ids} == {"is 深红"}
    assert {stored_of(reader, i)["g"] for i in readers} == {"深红!"}


def test_a_formula_that_was_switched_off_is_true_when_it_is_on_again(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"n": "integer_field"})
    add_field(form, "f", ("formula_field", {"formula": "{n} + 1"}))
    record_id = make_entity(form, alice, n=1)
    change_design(form, f={"status": "disable"})
    update(form, alice, record_id, n=5)
    change_design(form, f={"status": "enable"})
    assert stored_of(form, record_id)["f"] == 6


def test_nothing_is_computed_where_the_design_says_the_same(
    price: CustomForm, order: CustomForm, alice: Member
) -> None:
    item = make_entity(price, alice, price=10)
    make_entity(order, alice, amount=3, item={"value": item})
    before = [counted(form) for form in (price, order)]
    change_design(price, name={"label": "another"})
    assert [counted(form) for form in (price, order)] == before
    assert run_jobs() == 0


def test_no_formula_reads_itself_by_whatever_way(price: CustomForm, order: CustomForm, bill: CustomForm) -> None:
    add_field(price, "back", ("relation_field", {"form": bill.pk}))
    for form, formula in ((price, "{back.due} * 0.1"), (price, "{tax}")):
        tax = form.custom_fields.get(name="tax")
        with pytest.raises(Refused) as refused:
            field_change(field=tax, setting={"formula": formula})
        assert [(fault.code, fault.field) for fault in refused.value.faults] == [("formula_cycle", "formula")]
        assert "tax" in refused.value.faults[0].message
    assert price.custom_fields.get(name="tax").setting["formula"] == "{price} * 0.1"


# --- Those with TODAY --------------------------------------------------------------------------------------


def test_a_formula_that_moves_with_the_clock_is_computed_when_it_is_read(
    price: CustomForm, order: CustomForm, alice: Member
) -> None:
    add_field(order, "today", ("formula_field", {"formula": "YEAR(TODAY()) + {cost}"}))
    add_field(order, "later", ("formula_field", {"formula": "{today} + 1"}))
    item = make_entity(price, alice, price=10)
    record_id = make_entity(order, alice, amount=3, item={"value": item})
    assert not {"today", "later"} & stored_of(order, record_id).keys()
    schema = schema_of(order)
    assert set(schema.volatile_formulas) == {"today", "later"}
    shown = shown_of(order, record_id, alice)
    assert shown["later"] == shown["today"] + 1
    assert shown["today"] > 2023 + 30
    assert shown_of(order, record_id, alice, ["later"]) == {"later": shown["later"]}
    (page,) = volatile_page(schema, [row_of(order, record_id)], [schema.by_field["later"]])
    assert set(page) == {"cost", "today", "later"} == set(with_needed(schema, ["later"]))
    for name in ("today", "later"):
        column = schema.columns[name]
        assert not column.lookups
        assert column.type.sort_expression(column) is None
        assert not column.type.is_searchable(column)
        assert column.type.column_index(column) is None


# --- At the same time --------------------------------------------------------------------------------------


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
            tasks.recompute_related(form_id=order.pk, relation="item", target_ids=[item])

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
