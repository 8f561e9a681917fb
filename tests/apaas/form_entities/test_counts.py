"""Totals over HTTP: exact after every write, and remembered between them."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from forms_app.models import CustomForm, FormTab, Member, RememberedAnswer
from forms_app.records.query import totals as counting
from tests.apaas.conftest import Api, address
from tests.apaas.query_count import statements
from tests.factories import make_entity

pytestmark = pytest.mark.django_db(transaction=True)

SELECTIONS: dict[str, dict[str, Any]] = {
    "filter": {"filters": [{"name": "amount", "op": "gte", "value": 3}]},
    "search": {"search_column_name": "title", "query": "PUMP"},
    "mine": {"scope": "mine"},
    "department": {"scope": "department"},
    "tab": {"scope": "large"},
}


@pytest.fixture
def filled(form: CustomForm, alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch) -> CustomForm:
    monkeypatch.setattr(counting, "WORTH_SECONDS", 0)
    FormTab.objects.create(
        custom_form=form, name="large", label="large", filters=[{"name": "amount", "op": "gte", "value": 3}]
    )
    for n in range(6):
        make_entity(form, bob if n % 3 == 2 else alice, title=f"pump {n}", amount=n)
    return form


@pytest.mark.parametrize("name", SELECTIONS)
def test_a_total_is_remembered_until_the_form_changes(api: Api, filled: CustomForm, name: str) -> None:
    def total() -> int:
        return int(api.ok("PUT", address(filled), SELECTIONS[name])["total_count"])

    def all_ids() -> int:
        return len(api.ok("PUT", address(filled, "ids"), SELECTIONS[name])["ids"])

    before = total()
    assert before == all_ids() == total()
    totals = RememberedAnswer.objects.filter(custom_form_id=filled.pk).exclude(answer__contains=[])
    assert totals.update(answer=77) == 1
    assert total() == 77
    hit = api.ok("POST", address(filled), {"form_entity": {"title": "pump", "amount": 5}})["id"]
    assert total() == before + 1 == all_ids()
    api.ok("PUT", address(filled, str(hit)), {"form_entity": {"title": "valve", "amount": None}})
    assert total() == all_ids()
    api.ok("PUT", address(filled, "transfer"), {"ids": [hit], "to_user_uid": 2})
    assert total() == all_ids()
    api.ok("DELETE", address(filled, "mass_destroy"), {"ids": [hit]})
    assert total() == before == all_ids()


def test_a_remembered_total_costs_no_statement_and_none_is_none(
    api: Api, filled: CustomForm, settings: Settings
) -> None:
    settings.VERSION_CHECK_SECONDS = 3600
    body = {**SELECTIONS["filter"], "only_field_names": ["id"]}
    api.ok("PUT", address(filled), body)
    counts = statements(lambda: api.ok("PUT", address(filled), body))
    assert counts == {"form_remembered": 1}  # it stands in the select list of the page
    counts = statements(lambda: api.ok("PUT", address(filled), {**body, "without_count": True}))
    assert counts == {"form_entity": 1}
