"""Flows are made, saved as drafts and published in versions."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.design.fields import field_remove
from forms_app.exact_json import fingerprint
from forms_app.exceptions import Conflict, Refused
from forms_app.flows.field_uses import flows_using
from forms_app.flows.publishing import (
    flow_create,
    flow_design_of,
    flow_faults,
    flow_publish,
    flow_save,
    flow_unpublish,
)
from forms_app.models import CustomApp, CustomForm, Flow, FlowCounter, Member
from forms_app.tickets.pushing import ticket_open, ticket_push
from tests.factories import actor_of, make_form
from tests.flows import data_id, definition, make_flow, standing


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(
        custom_app,
        {
            "title": "text_field",
            "amount": "float_field",
            "number": "auto_number_field",
            "reviewer": "user_field",
            "day": "date_field",
        },
    )


def test_a_new_flow_can_be_published_as_it_is(form: CustomForm, alice: Member) -> None:
    flow = flow_create(custom_form=form, name="新", by=alice)
    assert (flow.published, flow.creator, flow.api_enabled) == (None, alice, True)
    assert flow.api_path == f"form-{form.pk}"
    assert FlowCounter.objects.get(flow_id=flow.pk).last_no == 0
    version = flow_publish(flow=flow, by=alice)
    assert (version.number, version.published_by, flow.published) == (1, alice, version)
    with pytest.raises(Refused, match="not_published"):
        flow_unpublish(flow=flow)
        ticket_open(flow=flow, values={}, actor=actor_of(alice))


def test_running_tickets_finish_on_the_version_they_began_with(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > review > old > end"))
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(alice))
    flow_save(flow=flow, design={"definition": definition("start > review > new > end")})
    assert flow_publish(flow=flow).number == 2
    other = ticket_open(flow=flow, values={}, actor=actor_of(alice))
    for row, stage in ((ticket, "old"), (other, "new")):
        ticket_push(flow=flow, data_id=data_id(row.id, "review"), values={}, actor=actor_of(alice))
        assert standing(row.id) == {stage: "waiting"}
    flow_unpublish(flow=flow)
    ticket_push(flow=flow, data_id=data_id(ticket.id, "old"), values={}, actor=actor_of(alice))
    assert standing(ticket.id) == {}


def test_a_draft_changes_no_version(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > review > end"))
    flow_save(flow=flow, design={"definition": {"components": [], "lines": []}}, by=alice)
    assert flow.published is not None
    assert len(flow.published.definition["components"]) == 3
    with pytest.raises(Refused, match="one_start"):
        flow_publish(flow=flow)
    assert flow.versions.count() == 1


def refusals(flow: Flow, **design: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        flow_save(flow=flow, design=design)
    return [(fault.field, fault.code) for fault in caught.value.faults]


def test_settings_are_checked_all_at_once(form: CustomForm) -> None:
    make_flow(form, definition("start > review > end"), name="taken", api_path="taken")
    flow = flow_create(custom_form=form, name="mine")
    assert refusals(flow, name="", api_path="A/b", api_enabled=1, other=1) == [
        ("other", "unknown_setting"),
        ("name", "required"),
        ("api_path", "wrong_api_path"),
        ("api_enabled", "wrong_type"),
    ]
    assert refusals(flow, name="taken", api_path="taken") == [("name", "not_unique"), ("api_path", "not_unique")]
    assert refusals(flow, definition={"components": [{"id": "x", "type": "magic"}]}) == [
        ("x", "unknown_component_type")
    ]


def test_a_published_api_path_stays(form: CustomForm) -> None:
    flow = flow_create(custom_form=form, name="mine")
    flow_save(flow=flow, design={"api_path": "my-path"})
    flow_publish(flow=flow)
    assert refusals(flow, api_path="other") == [("api_path", "fixed_api_path")]


def test_two_designers_do_not_overwrite_one_another(form: CustomForm) -> None:
    flow = flow_create(custom_form=form, name="mine")
    base = fingerprint(flow_design_of(flow))
    flow_save(flow=flow, design={"description": "a"}, base=base)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        flow_save(flow=flow, design={"description": "b"}, base=base)


def found(form: CustomForm, *lines: str, **components: Any) -> list[tuple[str, str]]:
    flow = flow_create(custom_form=form, name="checked")
    faults = flow_faults(flow=flow, definition=definition(*(lines or ("start > review > end",)), **components))
    assert all(fault.message for fault in faults)
    return [(fault.field, fault.code) for fault in faults]


CASES: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({"fields": [{"name": "nothing"}, {"name": "nothing"}]}, ["repeated_field", "unknown_field", "unknown_field"]),
    ({"fields": [{"name": "number"}]}, ["field_not_writable"]),
    ({"fields": [{"name": "number", "access": "read"}]}, []),
    ({"fields": [{"name": "title", "access": "read", "required": True}]}, ["read_and_required"]),
    ({"validation": {"formula": "{nothing} > 1", "message": "m"}}, ["formula"]),
    ({"validation": {"formula": "{amount}", "message": ""}}, ["not_boolean", "message_needed"]),
    ({"validation": {"formula": "", "message": "m"}}, ["formula"]),
    ({"assignees": {"members": [1, 99], "departments": [98]}}, ["unknown_member", "unknown_department"]),
    ({"assignees": {"fields": ["reviewer", "title", "gone"]}}, ["no_person_field", "unknown_field"]),
    ({"actions": [{"name": "a"}, {"name": ""}, {"name": "c"}]}, ["too_many_actions", "name_needed"]),
    ({"actions": [{"name": "a", "values": [{"target": "amount", "value": "x"}]}]}, ["wrong_value"]),
    ({"actions": [{"name": "a", "values": [{"target": "amount", "formula": '"x"'}]}]}, ["wrong_result"]),
    ({"actions": [{"name": "a", "values": [{"target": "title", "formula": "{amount}"}]}]}, []),
    ({"actions": [{"name": "a", "values": [{"target": "reviewer", "formula": "{$creator}"}]}]}, []),
    ({"actions": [{"name": "a", "values": [{"target": "day", "formula": "TODAY()"}]}]}, []),
    ({"actions": [{"name": "a", "values": [{"target": "$x", "value": 1}]}]}, ["unknown_variable"]),
    ({"actions": [{"name": "a", "values": [{"target": "amount"}]}]}, ["wrong_assignment"]),
    (
        {"actions": [{"name": "a", "values": [{"target": "amount", "value": 1, "formula": "1"}]}]},
        ["wrong_assignment"],
    ),
    (
        {"actions": [{"name": "a", "values": [{"target": "amount", "value": 1}, {"target": "amount", "value": 2}]}]},
        ["repeated_target"],
    ),
    ({"actions": [{"name": "a", "values": [{"target": "number", "value": "1"}]}]}, ["field_not_writable"]),
)


@pytest.mark.parametrize(("stage", "expected"), CASES, ids=range(len(CASES)))
def test_a_stage_is_checked_against_its_form(
    form: CustomForm, alice: Member, stage: dict[str, Any], expected: list[str]
) -> None:
    assert found(form, review=stage) == [("review", code) for code in expected]


START: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({"variables": [{"name": "a", "kind": "number", "formula": "{amount} + 1"}]}, []),
    ({"variables": [{"name": "1a"}, {"name": "creator"}, {"name": "变量"}]}, ["wrong_variable"] * 3),
    ({"variables": [{"name": "a"}, {"name": "a"}]}, ["repeated_variable"]),
    ({"variables": [{"name": "a", "kind": "money"}]}, ["wrong_kind"]),
    ({"variables": [{"name": "a", "kind": "number", "formula": "{title}"}]}, ["wrong_result"]),
    ({"variables": [{"name": "a", "formula": "{b}"}]}, ["formula"]),
)


@pytest.mark.parametrize(("start", "expected"), START, ids=range(len(START)))
def test_the_start_is_checked(form: CustomForm, start: dict[str, Any], expected: list[str]) -> None:
    assert found(form, start=start) == [("start", code) for code in expected]


def test_what_the_form_requires_must_be_asked_at_the_start(custom_app: CustomApp) -> None:
    form = make_form(custom_app, {"title": ("text_field", {"required": True}), "note": "text_field"})
    assert found(form, start={"fields": [{"name": "note"}]}) == [("start", "required_hidden")]


def test_rules_set_fields_and_calls_are_checked(form: CustomForm) -> None:
    assert found(
        form,
        "start > condition",
        "condition > set : {amount}",
        "condition > call",
        "set > end",
        "call > end",
        condition={"match": "best"},
        call={"flow": "nowhere"},
    ) == [
        ("condition", "wrong_match"),
        ("condition", "not_boolean"),
        ("set", "nothing_set"),
        ("call", "unknown_flow"),
    ]


def test_a_call_is_checked_against_both_forms(form: CustomForm, custom_app: CustomApp) -> None:
    other = make_form(custom_app, {"item": "text_field"}, name="other")
    make_flow(
        other, definition("start > buy > end", start={"variables": [{"name": "limit"}]}), name="other", api_path="other"
    )
    call = {
        "flow": "other",
        "inputs": [{"target": "item", "formula": "{title}"}, {"target": "title", "formula": "{title}"}],
        "outputs": [
            {"target": "title", "formula": "{item} & {$limit}"},
            {"target": "amount", "formula": "{title}"},
        ],
    }
    assert found(form, "start > call > end", call=call) == [("call", "unknown_field"), ("call", "formula")]


def test_a_field_that_a_published_flow_uses_stays(form: CustomForm, custom_app: CustomApp) -> None:
    other = make_form(
        custom_app,
        {"item": "text_field", "spare": "text_field", "from": ("relation_field", {"form": form.pk})},
        name="o",
    )
    read = {"formula": "{from.title} <> {item}", "message": "m"}
    make_flow(other, definition("start > buy > end", start={"validation": read}), name="buy", api_path="buy")
    call = {
        "flow": "buy",
        "inputs": [{"target": "spare", "formula": "{amount}"}],
        "outputs": [{"target": "day", "formula": "TODAY()"}],
    }
    stage = {"fields": [{"name": "number", "access": "read"}], "assignees": {"fields": ["reviewer"]}}
    flow = make_flow(form, definition("start > review > call > end", review=stage, call=call), name="ask")
    organization_id = form.organization_id
    found = {
        (used.name, name): flows_using(organization_id, used.pk, name)
        for used in (form, other)
        for name in used.custom_fields.values_list("name", flat=True)
    }
    assert found == {
        ("form", "title"): ["buy"],
        ("form", "amount"): ["ask"],
        ("form", "number"): ["ask"],
        ("form", "reviewer"): ["ask"],
        ("form", "day"): ["ask"],
        ("o", "item"): ["buy"],
        ("o", "spare"): ["ask"],
        ("o", "from"): ["buy"],
    }
    field = form.custom_fields.get(name="amount")
    with pytest.raises(Refused, match="used_by_flow"):
        field_remove(field=field)
    flow_unpublish(flow=flow)
    field_remove(field=field)
