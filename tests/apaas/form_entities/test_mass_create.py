"""POST form_entities/mass_create: many new records, all or those that are right."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.models import CustomApp, CustomForm, FormCounter, FormEntity
from tests.apaas.conftest import Api, address
from tests.factories import make_form


@pytest.fixture
def orders(custom_app: CustomApp) -> CustomForm:
    """A form with every kind of rule: unique, required, a default, a number, a formula, a reference."""
    return make_form(
        custom_app,
        {
            "no": ("text_field", {"unique": True}),
            "title": ("text_field", {"required": True}),
            "amount": "float_field",
            "double": ("formula_field", {"formula": "{amount} * 2"}),
            "number": "auto_number_field",
            "person": "user_field",
        },
    )


def rows(api: Api, form: CustomForm) -> list[dict[str, Any]]:
    return list(api.ok("PUT", address(form), {"sort": [{"id": "asc"}]})["models"])


def counted(form: CustomForm) -> int:
    return sum(FormCounter.objects.filter(custom_form_id=form.pk).values_list("live", flat=True))


def test_each_row_becomes_a_record_of_the_caller(api: Api, orders: CustomForm) -> None:
    sent = [{"no": f"n{place}", "title": "泵", "amount": place} for place in range(3)]
    answer = api.ok("POST", address(orders, "mass_create"), {"form_entities": sent})
    assert {name: answer[name] for name in ("created", "updated", "unchanged", "refused")} == {
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "refused": 0,
    }
    made = rows(api, orders)
    assert answer["results"] == [
        {"index": place, "status": "created", "id": record["id"], "version": 1} for place, record in enumerate(made)
    ]
    assert [(record["no"], record["double"]) for record in made] == [("n0", 0), ("n1", 2), ("n2", 4)]
    assert len({record["number"] for record in made}) == 3
    assert counted(orders) == 3


def test_the_records_are_answered_where_their_names_are_asked_for(api: Api, orders: CustomForm) -> None:
    body = {"form_entities": [{"title": "a", "amount": 4}], "only_field_names": ["double", "version"]}
    (result,) = api.ok("POST", address(orders, "mass_create"), body)["results"]
    assert result["record"] == {"double": 8, "version": 1}


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"title": "a", "amount": "x"}, "amount", "invalid_number"),
    ({"amount": 1}, "title", "required"),
    ({"title": "a", "nope": 1}, "nope", "unknown_field"),
    ({"title": "a", "person": {"uid": 987}}, "person", "unknown_member"),
    ({"title": "a", "double": 1}, "double", "read_only"),
]


@pytest.mark.parametrize(("wrong", "field", "code"), WRONG)
def test_one_wrong_row_and_nothing_is_written(
    api: Api, orders: CustomForm, wrong: dict[str, Any], field: str, code: str
) -> None:
    body = {"form_entities": [{"title": "right"}, wrong, {"title": "right"}, wrong]}
    errors = api.refused("POST", address(orders, "mass_create"), body)["errors"]
    assert [(error["row"], error["field"]) for error in errors] == [(1, field), (3, field)]
    single = api.refused("POST", address(orders), {"form_entity": wrong})["errors"]
    assert [{**error, "row": 1} for error in single] == errors[: len(single)]
    assert rows(api, orders) == [] and counted(orders) == 0


def test_with_partial_the_right_rows_are_written_and_each_other_says_why(api: Api, orders: CustomForm) -> None:
    sent = [{"title": "right", "no": "a"}, *(wrong for wrong, _field, _code in WRONG), {"title": "also", "no": "b"}]
    answer = api.ok("POST", address(orders, "mass_create"), {"form_entities": sent, "partial": True})
    assert (answer["created"], answer["refused"]) == (2, len(WRONG))
    refused = [result for result in answer["results"] if result["status"] == "refused"]
    assert [(r["index"], r["id"], r["errors"][0]["field"]) for r in refused] == [
        (place + 1, None, field) for place, (_wrong, field, _code) in enumerate(WRONG)
    ]
    assert [record["title"] for record in rows(api, orders)] == ["right", "also"]
    assert counted(orders) == 2


def test_a_unique_value_that_is_taken_or_stands_twice_is_refused(api: Api, orders: CustomForm) -> None:
    api.ok("POST", address(orders), {"form_entity": {"title": "a", "no": "taken"}})
    sent = [{"title": "a", "no": no} for no in ("taken", "new", "new", "taken", "other")]
    body = {"form_entities": sent}
    errors = api.refused("POST", address(orders, "mass_create"), body, status=409)["errors"]
    assert [(error["row"], error["code"]) for error in errors] == [(row, "not_unique") for row in (0, 2, 3)]
    answer = api.ok("POST", address(orders, "mass_create"), {**body, "partial": True})
    assert [result["status"] for result in answer["results"]] == ["refused", "created", "refused", "refused", "created"]


def test_the_limit_is_a_thousand_rows(api: Api, orders: CustomForm) -> None:
    sent = [{"title": "a"}] * 1_000
    assert api.ok("POST", address(orders, "mass_create"), {"form_entities": sent})["created"] == 1_000
    refused = api.refused("POST", address(orders, "mass_create"), {"form_entities": [*sent, sent[0]]}, status=413)
    assert [error["code"] for error in refused["errors"]] == ["too_many_items"]
    for nothing in ([], None):
        assert api.faults("POST", address(orders, "mass_create"), {"form_entities": nothing}) == [
            ("form_entities", "required", None)
        ]
    assert counted(orders) == 1_000


@pytest.mark.parametrize("wrong", [[1], ["x"], [[{"title": "a"}]], [None]])
def test_what_is_no_object_is_refused_by_its_place(api: Api, orders: CustomForm, wrong: Any) -> None:
    body = {"form_entities": [{"title": "a"}, *wrong]}
    faults = api.faults("POST", address(orders, "mass_create"), body)
    assert faults == [("form_entities", "wrong_object", 1)]


def test_the_key_of_a_call_covers_all_its_rows(api: Api, orders: CustomForm) -> None:
    body = {"form_entities": [{"title": "a"}, {"title": "b"}]}
    first, again = (
        api.call("POST", address(orders, "mass_create"), body, HTTP_IDEMPOTENCY_KEY="one") for _twice in range(2)
    )
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert counted(orders) == 2


def test_who_may_only_read_creates_nothing(reader: Api, orders: CustomForm) -> None:
    reader.refused("POST", address(orders, "mass_create"), {"form_entities": [{"title": "a"}]}, status=403)
    assert not FormEntity.objects.filter(custom_form=orders).exists()
