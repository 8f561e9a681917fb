"""PUT|POST form_entities/mass_upsert: change the records that have the key's value, make those that none has."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.indexes import building
from forms_app.models import CustomApp, CustomForm, FormEntity, Member
from forms_app.records.mass_writes import entity_mass_upsert
from tests.apaas.conftest import Api, address
from tests.factories import actor_of, make_form, schema_of
from tests.forms_app.worlds import at_once


@pytest.fixture(params=["built", "pending"])
def goods(request: pytest.FixtureRequest, custom_app: CustomApp, transactional_db: None) -> CustomForm:
    form = make_form(
        custom_app,
        {"sku": ("text_field", {"unique": True}), "title": ("text_field", {"required": True}), "stock": "float_field"},
    )
    if request.param == "built":
        for field in form.custom_fields.filter(name="sku"):
            building.build(form_id=form.pk, field_id=field.pk, kind=building.UNIQUE)
        assert schema_of(form).ready_unique
    return form


def stored(form: CustomForm) -> dict[str, dict[str, Any]]:
    return {row["sku"]: row for row in FormEntity.objects.filter(custom_form=form).values_list("data", flat=True)}


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_what_is_there_changes_and_what_is_not_is_made(api: Api, goods: CustomForm, method: str) -> None:
    old = api.ok("POST", address(goods), {"form_entity": {"sku": "a", "title": "A", "stock": 1}})["id"]
    sent = [{"sku": "b", "title": "B"}, {"sku": "a", "stock": 2}, {"sku": "c", "title": "C", "stock": 3}]
    body = {"key": "sku", "form_entities": sent}
    answer = api.ok(method, address(goods, "mass_upsert"), body)
    assert [answer[name] for name in ("created", "updated", "unchanged", "refused")] == [2, 1, 0, 0]
    assert [(r["status"], r["version"]) for r in answer["results"]] == [("created", 1), ("updated", 2), ("created", 1)]
    assert answer["results"][1]["id"] == old
    assert stored(goods) == {
        "a": {"sku": "a", "title": "A", "stock": 2},
        "b": {"sku": "b", "title": "B"},
        "c": {"sku": "c", "title": "C", "stock": 3},
    }
    again = api.ok(method, address(goods, "mass_upsert"), body)
    assert [again[name] for name in ("created", "updated", "unchanged", "refused")] == [0, 0, 3, 0]


def test_a_row_needs_the_key_once_and_a_new_one_what_is_required(api: Api, goods: CustomForm) -> None:
    sent = [
        {"title": "A"},
        {"sku": None, "title": "A"},
        {"sku": "a", "title": "A"},
        {"sku": "a", "title": "B"},
        {"sku": "b"},
    ]
    errors = api.refused("PUT", address(goods, "mass_upsert"), {"key": "sku", "form_entities": sent})["errors"]
    assert [(e["row"], e["field"], e["code"]) for e in errors] == [
        (0, "sku", "required"),
        (1, "sku", "required"),
        (3, "sku", "repeated"),
        (4, "title", "required"),
    ]
    assert stored(goods) == {}
    answer = api.ok("PUT", address(goods, "mass_upsert"), {"key": "sku", "form_entities": sent, "partial": True})
    assert (answer["created"], answer["refused"]) == (1, 4)


@pytest.mark.parametrize("key", ["title", "stock", "nope", "id"])
def test_the_key_is_a_unique_field(api: Api, goods: CustomForm, key: str) -> None:
    body = {"key": key, "form_entities": [{"sku": "a", "title": "A"}]}
    (error,) = api.refused("PUT", address(goods, "mass_upsert"), body)["errors"]
    assert (error["field"], error["code"], error["allowed"], error["got"]) == ("key", "unknown_key_field", ["sku"], key)


def test_who_upserts_the_same_key_at_the_same_time_makes_one_record(goods: CustomForm, alice: Member) -> None:
    schema, actor = schema_of(goods), actor_of(alice)

    def write(number: int) -> list[str]:
        rows = [{"sku": f"s{place}", "title": f"from {number}"} for place in range(5)]
        done = entity_mass_upsert(schema=schema, key="sku", rows=rows, actor=actor)
        return [row.status for row in done]

    outcomes = at_once([lambda number=number: write(number) for number in range(8)])
    assert all(isinstance(outcome, list) for outcome in outcomes), outcomes
    assert sum(outcome.count("created") for outcome in outcomes) == 5
    assert len(stored(goods)) == FormEntity.objects.filter(custom_form=goods).count() == 5
