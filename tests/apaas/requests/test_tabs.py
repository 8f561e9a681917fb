"""A tab takes what a request takes: what the one refuses, the other refuses, by the same code."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.design.document import design_of
from forms_app.design.forms import form_design
from forms_app.exceptions import Refused
from forms_app.models import CustomForm, FormTab
from tests.apaas.conftest import Api, address
from tests.apaas.requests.test_terms import AMOUNT, WRONG_FILTERS, WRONG_SORTS
from tests.factories import add_field

RIGHT: list[tuple[Any, Any]] = [
    ([], []),
    ([AMOUNT] * 100, [{"amount": "asc"}, {"id": "desc"}]),
    ([{"or": [AMOUNT] * 99}], []),
    ([{"name": "title", "op": "starts_with", "value": "a"}, {"name": "due", "op": "empty"}], []),
    ([{"name": "id", "op": "in", "value": [1] * 1000}], [{"due": "desc"}]),
]
LARGE: list[tuple[Any, Any]] = [
    ([AMOUNT] * 101, []),
    ([{"or": [AMOUNT] * 60}] * 2, []),
    ([{"name": "id", "op": "in", "value": [1] * 1001}], []),
    ([], [{"id": "asc"}] * 11),
]


@pytest.fixture
def rich(form: CustomForm) -> CustomForm:
    add_field(form, "place", "geo_address")
    add_field(form, "now", ("formula_field", {"formula": "NOW()"}))
    add_field(form, "kind", ("select_field", {}, ()))
    return form


def saved(form: CustomForm, filters: Any, sort: Any) -> list[str]:
    """The codes of the faults that saving a tab meets."""
    again = CustomForm.objects.get(pk=form.pk)
    tab = {"name": "odd", "label": "单", "filters": filters, "sort": sort}
    try:
        form_design(form=again, design=design_of(again) | {"tabs": [tab]})
    except Refused as refused:
        assert all(fault.field.startswith("tabs[0].") for fault in refused.faults)
        return [fault.code for fault in refused.faults]
    return []


def test_what_a_list_refuses_is_refused_in_a_tab(rich: CustomForm) -> None:
    for filters, expected in WRONG_FILTERS:
        assert saved(rich, filters, []) == [code for _field, code, _index in expected], filters
    for sort, expected in WRONG_SORTS:
        assert saved(rich, [], sort) == [code for _field, code, _index in expected], sort
    for filters, sort in LARGE:
        assert set(saved(rich, filters, sort)) == {"too_many_items"}
    assert not FormTab.objects.filter(custom_form=rich).exists()


def test_what_a_tab_takes_is_taken_by_the_list(api: Api, rich: CustomForm) -> None:
    for filters, sort in RIGHT:
        assert saved(rich, filters, sort) == []
        api.ok("PUT", address(rich), {"filters": filters, "sort": sort})
        api.ok("GET", address(rich, scope="odd"))


def test_a_tab_that_was_saved_before_and_is_refused_now_is_a_fault_of_scope(api: Api, rich: CustomForm) -> None:
    """As it always was: `scope` where the shape is wrong, the field's name where a field is."""
    tab = FormTab.objects.create(custom_form=rich, name="old", label="旧")
    for filters, sort, expected in (
        ([], [{"amount": "asc"}, {"amount": "desc"}], [("amount", "repeated", 1)]),
        ([5], [], [("scope", "wrong_object", 0)]),
        ([{"or": []}], ["x"], [("scope.or", "wrong_list", 0), ("scope", "wrong_object", 0)]),
        ([{"name": "amount", "op": "eq", "value": "1"}], [], [("amount", "wrong_type", 0)]),
    ):
        tab.filters, tab.sort = filters, sort
        tab.save()
        assert api.faults("GET", address(rich, scope="old")) == expected
    for filters, sort in LARGE:
        tab.filters, tab.sort = filters, sort
        tab.save()
        answer = api.refused("GET", address(rich, scope="old"), status=413)
        assert {fault["code"] for fault in answer["errors"]} == {"too_many_items"}
