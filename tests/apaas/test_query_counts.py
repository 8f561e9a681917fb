"""How many SQL statements each call may send: the same on a large form and a full page as on small ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from forms_app.models import CustomApp, CustomForm, Member
from tests.apaas.conftest import Api, address
from tests.apaas.query_count import hold, statements
from tests.factories import actor_of, add_field, make_entity, make_form, schema_of

MOST = {"list": 1, "ids": 1, "simple": 1, "detail": 1, "create": 5, "update": 5, "transfer": 5, "mass_destroy": 5}
MOST |= {"mass_create": 4, "mass_update": 5}


@pytest.fixture(autouse=True)
def _versions_are_remembered(settings: Settings) -> None:
    settings.VERSION_CHECK_SECONDS = 3600


def calls(api: Api, form: CustomForm, ids: list[int], values: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    only = {"form_entity": values, "only_field_names": ["id"]}
    changed = {name: "changed" if value == "t" else value for name, value in values.items()}
    changes = [{"id": record_id, "form_entity": changed} for record_id in ids[1:]]
    return {
        "list": lambda: api.ok("GET", address(form, per_page=1000)),
        "ids": lambda: api.ok("GET", address(form, "ids")),
        "simple": lambda: api.ok("GET", address(form, "simple", query="t")),
        "detail": lambda: api.ok("GET", address(form, str(ids[0]))),
        "create": lambda: api.ok("POST", address(form), {"form_entity": values}),
        "create, id only": lambda: api.ok("POST", address(form), only),
        "update": lambda: api.ok("PUT", address(form, str(ids[0])), {"form_entity": changed}),
        "update, the same again": lambda: api.ok("PUT", address(form, str(ids[0])), {"form_entity": changed}),
        "mass_create": lambda: api.ok("POST", address(form, "mass_create"), {"form_entities": [values] * 20}),
        "mass_update": lambda: api.ok("PUT", address(form, "mass_update"), {"form_entities": changes}),
        "transfer": lambda: api.ok("PUT", address(form, "transfer"), {"ids": ids[1:], "to_user_uid": 2}),
        "mass_destroy": lambda: api.ok("DELETE", address(form, "mass_destroy"), {"ids": ids[1:]}),
    }


def measured(api: Api, form: CustomForm, ids: list[int], values: dict[str, Any]) -> dict[str, dict[str, int]]:
    api.ok("GET", address(form, scope="department"))  # token, form, people and names are remembered from here on
    return {name: statements(call) for name, call in calls(api, form, ids, values).items()}


def test_a_plain_form(api: Api, form: CustomForm, record: Callable[..., int], bob: Member) -> None:
    found = measured(api, form, [record(title=f"t{n}") for n in range(3)], {"title": "new", "amount": 1})
    for name, counts in found.items():
        hold(f"plain: {name}", counts)
        assert sum(counts.values()) <= MOST[name.partition(",")[0]], (name, counts)


def test_sixty_fields_and_a_hundred_records_cost_no_statement_more(
    api: Api, custom_app: CustomApp, alice: Member, bob: Member
) -> None:
    counted = []
    for fields, records in ((3, 2), (60, 100)):
        names = {f"f{n}": ("text_field", "float_field", "datetime_field", "user_field")[n % 4] for n in range(fields)}
        form = make_form(custom_app, names)
        values = {"f0": "t", "f1": 1.5, "f2": "2023-01-01"} | ({"f3": [{"uid": 1}]} if fields > 3 else {})
        ids = [make_entity(form, alice, f0=f"t{n}") for n in range(records)]
        counted.append(measured(api, form, ids, {k: v for k, v in values.items() if k != "f3"}))
    assert counted[0] == counted[1]


def test_every_type_in_one_form(api: Api, wide: CustomForm, alice: Member, bob: Member) -> None:
    values = {"title": "t", "a_user_field": [{"uid": 1}, {"uid": 2}], "a_department_field": [{"did": 1}]}
    relation = schema_of(wide).by_field["a_relation_field"]
    related = schema_of(CustomForm.objects.get(pk=relation.setting["form"]))
    hit = api.ok("GET", f"form_entities/ids?custom_form_id={related.id}")["ids"][0]
    values["a_relation_field"] = {"value": hit}
    values["a_address_select"] = {"country_id": "4", "province_id": "9"}
    values["a_file_field"] = [{"name": "a", "file_url": "https://a.example/b"}]
    assert actor_of(alice).uid == 1
    ids = [make_entity(wide, alice, **values) for _ in range(3)]
    found = measured(api, wide, ids, values)
    for name, counts in found.items():
        hold(f"every type: {name}", counts)
    assert sum(found["list"].values()) <= 2
    assert sum(found["detail"].values()) <= 2


def test_what_surrounds_the_records(api: Api, form: CustomForm, other_form: CustomForm, alice: Member) -> None:
    add_field(form, "partner", ("relation_field", {"form": other_form.pk}))
    add_field(form, "total", ("formula_field", {"formula": "{amount} * 2"}))
    body = {"custom_form_id": form.pk, "field_name": "total", "form_entity": {"amount": 1}}
    api.ok("PUT", "form_entities/evaluate", body)
    api.ok("GET", address(form, scope="department"))
    for name, call in {
        "custom_apps": lambda: api.ok("GET", "custom_apps"),
        "custom_forms": lambda: api.ok("GET", "custom_forms"),
        "custom_form": lambda: api.ok("GET", f"custom_forms/{form.pk}"),
        "evaluate": lambda: api.ok("PUT", "form_entities/evaluate", body),
        "no token": lambda: Api(None).refused("GET", "custom_apps", status=401),
        "another's form": lambda: api.refused("GET", "form_entities?custom_form_id=987654321", status=404),
        "refused": lambda: api.faults("PUT", address(form), {"page": 0}),
    }.items():
        hold(name, statements(call))


def test_the_list_costs_the_same_for_two_related_forms_as_one_each(
    api: Api, form: CustomForm, other_form: CustomForm, custom_app: CustomApp, alice: Member
) -> None:
    third = make_form(custom_app, {"title": "text_field"}, name="third")
    add_field(form, "first", ("relation_field", {"form": other_form.pk}))
    add_field(form, "second", ("relation_field", {"form": third.pk}))
    add_field(form, "again", ("relation_field", {"form": third.pk}))
    a, b, c = make_entity(other_form, alice), make_entity(third, alice), make_entity(third, alice)
    for _ in range(5):
        make_entity(form, alice, first={"value": a}, second={"value": b}, again={"value": c})
    api.ok("GET", address(form))
    counts = statements(lambda: api.ok("GET", address(form)))
    assert sum(counts.values()) == 1 + 2, counts
