"""Stored formulas follow their definitions; those with TODAY are computed when they are read."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.design.fields import field_change
from forms_app.design.forms import design_of, form_design
from forms_app.exceptions import Refused
from forms_app.models import CustomForm, Member
from forms_app.records.computing import volatile_page, with_needed
from tests.factories import add_field, make_entity, make_form, schema_of
from tests.forms_app.records.recompute.truth import OPTIONS, TOKENS, run_jobs, update
from tests.forms_app.worlds import counted, row_of, shown_of, stored_of

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
        assert not column.type.column_indexes(column)
