"""Values as the original's own samples write them: assignees as an object, options by label."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forms_app.field_types import Option
from forms_app.models import CustomApp, CustomForm, FormEntity, Member
from tests.apaas.tickets.conftest import Desk, reason, value
from tests.factories import make_form, make_token
from tests.flows import definition, make_flow
from tests.seeds import ticket_document as document

EAST, SOUTH, CITY, TWIN, OFF = (f"AAAAAAAAAAAAAAAAAAAA{letter}A==" for letter in "BCDEF")
FLAT = [
    Option(EAST, "东"),
    Option(SOUTH, "南"),
    Option(TWIN, "双"),
    Option(CITY, "双"),
    Option(OFF, "旧", enabled=False),
]
TREE = [Option(EAST, "东"), Option(SOUTH, "南"), Option(CITY, "城", parent=EAST), Option(TWIN, "城", parent=SOUTH)]


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    fields: dict[str, Any] = {
        "person": "user_field",
        "unit": "department_field",
        "one": ("select_field", {}, FLAT),
        "some": ("multi_select", {}, FLAT),
        "place": ("nested_select", {}, TREE),
        "note": "text_field",
    }
    return make_form(custom_app, fields)


@pytest.fixture
def desk(alice: Member, form: CustomForm) -> Desk:
    make_flow(form, definition("start > review > end"), api_path="values")
    return Desk(make_token(alice)[1], "values")


TAKEN = [
    ("person", {"group": "3", "user": "1"}, [1]),
    ("person", {"group": 3, "user": 2}, [2]),
    ("person", {"group": "", "user": "1"}, [1]),
    ("person", '{"group": "3", "user": "1"}', [1]),
    ("person", [{"uid": 2}], [2]),
    ("unit", {"group": "3", "user": "1"}, [3]),
    ("unit", {"group": "3"}, [3]),
    ("unit", '{"user": "", "group": "1"}', [1]),
    ("one", "南", SOUTH),
    ("one", SOUTH, SOUTH),
    ("one", ["南"], SOUTH),
    ("one", '["南"]', SOUTH),
    ("some", ["东", SOUTH], [EAST, SOUTH]),
    ("some", '["东", "南"]', [EAST, SOUTH]),
    ("some", "[东,南]", [EAST, SOUTH]),
    ("some", "[东]", [EAST]),
    ("some", "东", [EAST]),
    ("place", {"level_0": "南", "level_1": "城"}, {"level_0": SOUTH, "level_1": TWIN}),
    ("place", '{"level_0": "东", "level_1": "城"}', {"level_0": EAST, "level_1": CITY}),
    ("place", ["东", "城"], {"level_0": EAST, "level_1": CITY}),
    ("place", {"level_0": EAST, "level_1": "城"}, {"level_0": EAST, "level_1": CITY}),
    ("place", "南", {"level_0": SOUTH}),
    ("note", "东", "东"),
    ("note", '{"group": "3", "user": "1"}', '{"group": "3", "user": "1"}'),
]


@pytest.mark.parametrize(("name", "sent", "stored"), TAKEN)
def test_it_is_read(desk: Desk, form: CustomForm, name: str, sent: Any, stored: Any) -> None:
    desk.create([value(name, sent)])
    assert FormEntity.objects.get(custom_form=form).data == {name: stored}


@pytest.mark.parametrize(("name", "sent"), [("some", "[东,南]"), ("one", "南"), ("person", '{"group":"3","user":"1"}')])
def test_a_form_post_and_a_push_say_it_alike(desk: Desk, form: CustomForm, name: str, sent: str) -> None:
    desk.form({"action": "create", "formdata": json.dumps([value(name, sent)])})
    number = desk.create()
    desk.push(desk.stages(number)["review"], [value(name, sent)])
    first, second = (record.data[name] for record in FormEntity.objects.filter(custom_form=form))
    assert first == second


REFUSED = [
    ("one", "西", "unknown_option"),
    ("one", "双", "ambiguous_option"),
    ("one", "旧", "disabled_option"),
    ("one", ["东", "南"], "wrong_type"),
    ("some", ["东", "双"], "ambiguous_option"),
    ("some", "[东,西]", "unknown_option"),
    ("place", {"level_0": "东", "level_1": "东"}, "unknown_option, wrong_parent"),
    ("place", ["西"], "unknown_option"),
    ("person", {"group": "3", "user": ""}, "wrong_type"),
    ("person", {"group": "3", "user": "999"}, "unknown_member"),
    ("person", {"group": "3", "user": "1", "name": "x"}, "wrong_type"),
    ("unit", {"group": "", "user": "1"}, "wrong_type"),
    ("unit", {"group": "no", "user": "1"}, "wrong_id"),
]


@pytest.mark.parametrize(("name", "sent", "codes"), REFUSED)
def test_it_is_refused_with_its_code(desk: Desk, form: CustomForm, name: str, sent: Any, codes: str) -> None:
    response = desk.send(
        f"/rest/flowmanage/api/omdata/edit/{desk.api_path}",
        json.dumps({"security": desk.security, "action": "create", "formdata": [value(name, sent)]}).encode(),
    )
    assert f"{name} (" in reason(response.content, document.CREATE_FAILED)
    assert response["X-Fault-Codes"] in codes.split(", ")
    assert not FormEntity.objects.exists()
