"""Rules of a field at the ticket API: its exact limits, what must be unique and what is required."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forms_app.exact_json import dumps
from forms_app.field_types import registry
from forms_app.models import CustomApp, FormEntity, Member, Ticket
from tests.apaas.tickets.conftest import EDIT, Desk, reason, value
from tests.factories import make_form, make_token
from tests.flows import definition, make_flow
from tests.forms_app.field_types.edges import OF_EACH_FAULT, Edge
from tests.forms_app.field_types.every_type import EXAMPLE, world
from tests.seeds import ticket_document as document


def desk_at(form: Any, member: Member) -> Desk:
    make_flow(form, definition("start > review > end"), api_path="limits")
    return Desk(make_token(member)[1], "limits")


def codes(desk: Desk, failed: str, **body: Any) -> list[str]:
    """The codes of the faults of a call that fails."""
    response = desk.send(EDIT + desk.api_path, dumps({"security": desk.security, **body}))
    assert reason(response.content, failed)
    return response["X-Fault-Codes"].split(", ")


@pytest.mark.parametrize("edge", OF_EACH_FAULT, ids=str)
def test_formdata_is_held_to_the_exact_limit(edge: Edge, alice: Member, custom_app: CustomApp) -> None:
    form = world(registry.get(edge.field_type), alice, custom_app, **edge.values)
    desk = desk_at(form, alice)
    number = desk.create([value(EXAMPLE, edge.taken)])
    before = FormEntity.objects.get(custom_form=form).data
    assert EXAMPLE in before
    assert codes(desk, document.CREATE_FAILED, action="create", formdata=[value(EXAMPLE, edge.beyond)]) == [edge.code]
    stage = desk.stages(number)["review"]
    wrong = [value(EXAMPLE, edge.beyond), value("other", "x")]
    assert codes(desk, document.PUSH_FAILED, action="update", data_id=stage, formdata=wrong) == [edge.code]
    assert Ticket.objects.count() == 1
    assert FormEntity.objects.get(custom_form=form).data == before
    assert json.loads(desk.push(stage, [value(EXAMPLE, edge.taken)]))["status"] == "200"


@pytest.mark.parametrize("kind", ["text_field", "float_field", "date_field"])
def test_a_unique_value_is_taken_once(kind: str, alice: Member, custom_app: CustomApp) -> None:
    form = world(registry.get(kind), alice, custom_app, unique=True)
    desk, one = desk_at(form, alice), registry.get(kind).accepts[0][0]
    desk.create([value(EXAMPLE, one)])
    assert codes(desk, document.CREATE_FAILED, action="create", formdata=[value(EXAMPLE, one)]) == ["not_unique"]
    other = desk.stages(desk.create([]))["review"]
    push = {"action": "update", "data_id": other, "formdata": [value(EXAMPLE, one)]}
    assert codes(desk, document.PUSH_FAILED, **push) == ["not_unique"]
    assert (Ticket.objects.count(), FormEntity.objects.filter(custom_form=form).count()) == (2, 2)


@pytest.mark.parametrize("kind", ["text_field", "float_field", "multi_select", "user_field"])
def test_a_required_value_is_neither_left_out_nor_cleared(kind: str, alice: Member, custom_app: CustomApp) -> None:
    form = world(registry.get(kind), alice, custom_app, required=True)
    desk, one = desk_at(form, alice), registry.get(kind).accepts[0][0]
    for sent in ([], [value(EXAMPLE, "")], [value(EXAMPLE, None)]):
        assert codes(desk, document.CREATE_FAILED, action="create", formdata=sent) == ["required"]
    assert not Ticket.objects.exists()
    stage = desk.stages(desk.create([value(EXAMPLE, one)]))["review"]
    cleared = {"action": "update", "data_id": stage, "formdata": [value(EXAMPLE, "")]}
    assert codes(desk, document.PUSH_FAILED, **cleared) == ["required"]
    assert EXAMPLE in FormEntity.objects.get(custom_form=form).data


def test_a_field_that_a_flow_only_shows_is_not_written(alice: Member, custom_app: CustomApp) -> None:
    form = make_form(custom_app, {"title": "text_field", "hidden": "text_field"})
    shown = [{"name": "title", "access": "write"}, {"name": "hidden", "access": "read"}]
    source = definition("start > review > end", start={"fields": shown}, review={"fields": shown})
    make_flow(form, source, api_path="limits")
    desk = Desk(make_token(alice)[1], "limits")
    sent = [value("title", "x"), value("hidden", "y")]
    refused = codes(desk, document.CREATE_FAILED, action="create", formdata=sent)
    assert refused == ["read_only_field"]
    assert not Ticket.objects.exists()
    stage = desk.stages(desk.create([value("title", "x")]))["review"]
    assert codes(desk, document.PUSH_FAILED, action="update", data_id=stage, formdata=sent) == refused
    assert FormEntity.objects.get(custom_form=form).data == {"title": "x"}
