"""Indexes come and go with their fields, and with the switch of each field."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.design.fields import field_change, field_index, field_remove
from forms_app.design.forms import design_of, form_design
from forms_app.indexes import building
from forms_app.indexes.choosing import tend
from forms_app.models import CustomForm, FieldIndex, Status
from tests.factories import add_field
from tests.forms_app.indexes.world import (
    GROWN,
    NUMBER,
    OWNER,
    SORT,
    TEXT,
    field_id,
    grow,
    jobs_of,
    name_of,
    on_disk,
    settle,
    standings,
    work,
)

pytestmark = pytest.mark.django_db(transaction=True)


def change(form: CustomForm, name: str, **values: Any) -> None:
    field_change(field=form.custom_fields.get(name=name), **values)


def test_a_field_added_to_a_large_form_is_indexed(large: CustomForm) -> None:
    add_field(large, "day", "date_field")
    settle(large)
    assert standings(large)["day", "btree"] == "valid"


def test_a_design_that_is_saved_is_looked_at_without_waiting_for_the_next_round(large: CustomForm) -> None:
    design = design_of(large)
    design["groups"][0]["fields"][0]["status"] = "disable"
    form_design(form=large, design=design)
    assert jobs_of(large) == [("tend_form", {"form_id": large.pk})]
    work(large)
    work(large)
    assert standings(large) == {OWNER: "valid", TEXT: "valid", SORT: "valid"}


@pytest.mark.parametrize("switch", ["field", "group"])
def test_a_field_switched_off_gives_its_index_up_and_on_gets_it_back(large: CustomForm, switch: str) -> None:
    key = {"form_id": large.pk, "field_id": field_id(large, "number"), "kind": "btree"}

    def turn(status: str) -> None:
        if switch == "field":
            change(large, "number", status=status)
            return
        group = large.field_groups.get()
        group.status = status
        group.save()

    turn(Status.DISABLE)
    settle(large)
    assert on_disk(name_of(key)) == {}
    turn(Status.ENABLE)
    settle(large)
    assert on_disk(name_of(key)) == {name_of(key): True}
    assert set(standings(large).values()) == {"valid"}


def test_a_field_switched_off_before_its_index_was_built_is_asked_for_again(form: CustomForm) -> None:
    grow(form, 20)
    tend(form.pk)
    change(form, "number", status=Status.DISABLE)
    work(form)
    tend(form.pk)
    change(form, "number", status=Status.ENABLE)
    work(form)
    settle(form)
    assert standings(form) == dict.fromkeys(GROWN, "valid")


def test_unique_and_related_fields_keep_theirs_while_they_are_switched_off(form: CustomForm) -> None:
    add_field(form, "u", ("text_field", {"unique": True}))
    add_field(form, "r", ("relation_field", {"form": form.pk}))
    for name in "ur":
        change(form, name, status=Status.DISABLE)
    work(form)  # asked for when they were made, built when they are off
    tend(form.pk)
    assert jobs_of(form) == []
    assert standings(form) == {("u", "unique"): "valid", ("r", "btree"): "valid"}


def test_a_field_of_another_type_has_the_other_type_s_indexes(form: CustomForm) -> None:
    FieldIndex.objects.all().delete()
    grow(form, 20)
    add_field(form, "x", "float_field")
    settle(form)
    change(form, "x", field_type="user_field", setting={})
    settle(form)
    assert {kind: s for (name, kind), s in standings(form).items() if name in ("x", "")} == {"gin": "valid"}


def test_a_field_that_goes_leaves_nothing(large: CustomForm) -> None:
    field = add_field(large, "day", "date_field")
    settle(large)
    key = {"field_id": field.pk, "kind": "btree"}
    field_remove(field=field)
    work(large)
    assert on_disk(name_of(key)) == {}
    assert standings(large) == dict.fromkeys(GROWN, "valid")


# --- The field's switch --------------------------------------------------------------------------------------


def switch(form: CustomForm, name: str, indexed: bool) -> None:
    field_index(field=form.custom_fields.get(name=name), indexed=indexed)


def test_a_field_that_shall_not_be_indexed_is_not_and_may_be_again(large: CustomForm) -> None:
    names = [name_of({"field_id": field_id(large, "text"), "kind": kind}) for kind in ("grams", "order")]
    switch(large, "text", False)
    assert jobs_of(large) == [("tend_form", {"form_id": large.pk})]
    work(large)
    work(large)
    assert on_disk(*names) == {}
    assert standings(large) == {OWNER: "valid", NUMBER: "valid", TEXT: "off", SORT: "off"}
    switch(large, "text", True)
    work(large)
    work(large)
    assert on_disk(*names) == dict.fromkeys(names, True)
    assert standings(large) == dict.fromkeys(GROWN, "valid")


def test_what_enforces_a_rule_stays_without_the_switch(form: CustomForm) -> None:
    add_field(form, "u", ("text_field", {"unique": True}))
    add_field(form, "r", ("relation_field", {"form": form.pk}))
    for name in ("u", "r", "number", "text"):
        switch(form, name, False)
    grow(form, 20)
    work(form)
    settle(form)
    assert standings(form) == {
        ("u", "unique"): "valid",
        ("r", "btree"): "valid",
        OWNER: "valid",
        **dict.fromkeys((NUMBER, TEXT, SORT, ("u", "grams"), ("u", "order")), "off"),
    }


@pytest.mark.parametrize("built", ["before it is on again", "after"])
def test_a_field_switched_on_before_its_index_was_built_is_asked_for_again(form: CustomForm, built: str) -> None:
    grow(form, 20)
    tend(form.pk)
    switch(form, "number", False)
    if built == "before it is on again":
        building.build_form(form.pk)
        assert standings(form)["", "btree"] == "unwanted"
    switch(form, "number", True)
    work(form)
    work(form)
    assert standings(form) == dict.fromkeys(GROWN, "valid")


def test_a_design_says_which_fields_are_indexed(large: CustomForm) -> None:
    design = design_of(large)
    number, text = design["groups"][0]["fields"]
    assert number["indexed"] is text["indexed"] is True
    number["indexed"] = False
    form_design(form=large, design=design)
    assert [field["indexed"] for field in design_of(large)["groups"][0]["fields"]] == [False, True]
    work(large)
    work(large)
    assert standings(large)[NUMBER] == "off"
    del number["indexed"]  # as designs were written before there was a switch
    form_design(form=large, design=design)
    assert large.custom_fields.get(name="number").indexed
