"""A field that a flow needs stays, and so does an option that it sets: of the published version and of every version on
which a ticket is running."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.utils import translation

from forms_app.design.fields import field_change, field_remove
from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Option
from forms_app.flows.publishing import flow_publish, flow_save, flow_unpublish
from forms_app.models import CustomApp, CustomField, CustomForm, Flow, Member
from forms_app.tickets.care import ticket_close
from forms_app.tickets.pushing import ticket_open
from tests.factories import actor_of, make_form
from tests.flows import definition, make_flow

LOW, HIGH, NEAR = "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAQ==", "AAAAAAAAAAAAAAAAAAAAAg=="
OPTIONS = [Option(LOW, "low"), Option(HIGH, "high"), Option(NEAR, "higher")]
NESTED = [Option(LOW, "low"), Option(HIGH, "high", parent=LOW)]
FIELDS: dict[str, Any] = {
    "title": "text_field",
    "amount": "float_field",
    "reviewer": "user_field",
    "level": ("select_field", {}, OPTIONS),
    "tags": ("multi_select", {}, OPTIONS),
    "place": ("nested_select", {}, NESTED),
}
PLAIN = definition("start > review > end")


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, FIELDS)


def field(form: CustomForm, name: str) -> CustomField:
    return form.custom_fields.get(name=name)


def republished(flow: Flow, source: dict[str, Any]) -> None:
    flow_save(flow=flow, design={"definition": source})
    flow_publish(flow=flow)


def kept(options: Iterable[Option], **change: Any) -> list[dict[str, Any]]:
    """The options as a designer saves them."""
    return [{"value": o.value, "label": o.label, "parent": o.parent, **change} for o in options]


def refused(act: Any) -> list[Fault]:
    """The faults of what a flow uses, in English."""
    with translation.override("en"), pytest.raises(Refused) as caught:
        act()
    return [fault for fault in caught.value.faults if fault.code == "used_by_flow"]


USES = {
    "title": {"validation": {"formula": "LEN({title}) > 0", "message": "m"}},
    "amount": {"fields": [{"name": "amount", "access": "read"}]},
    "reviewer": {"assignees": {"fields": ["reviewer"], "creator": True}},
    "level": {"actions": [{"name": "a", "values": [{"target": "level", "value": LOW}]}]},
}


@pytest.mark.parametrize("name", USES)
def test_a_field_stays_while_a_ticket_runs_on_a_version_that_uses_it(
    form: CustomForm, alice: Member, name: str
) -> None:
    flow = make_flow(form, definition("start > review > end", review=USES[name]), name="ask")
    ticket = ticket_open(flow=flow, values={}, actor=actor_of(alice))
    republished(flow, PLAIN)
    for act in (
        lambda: field_remove(field=field(form, name)),
        lambda: field_change(field=field(form, name), status="disable"),
        lambda: field_change(field=field(form, name), field_type="url_field"),
    ):
        messages = [fault.message for fault in refused(act)]
        assert messages == ["The flow ask uses this field in version 1, at: review."]
    flow_unpublish(flow=flow)
    assert refused(lambda: field_remove(field=field(form, name)))
    ticket_close(form_id=form.pk, ticket_id=ticket.id, uid=None)
    field_change(field=field(form, name), status="disable")


def test_each_version_is_named_with_its_components(form: CustomForm, alice: Member) -> None:
    rule = ("condition > end : {amount} > 1", "condition > end_2")
    flow = make_flow(form, definition("start > review > condition", *rule), name="ask")
    ticket_open(flow=flow, values={}, actor=actor_of(alice))
    shows = {"fields": [{"name": "amount", "access": "read"}]}
    republished(flow, definition("start > review > condition", *rule, review=shows))
    assert [fault.message for fault in refused(lambda: field_remove(field=field(form, "amount")))] == [
        "The flow ask uses this field in version 1, at: condition.",
        "The flow ask uses this field in version 2, at: condition, review.",
    ]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("level", {"value": HIGH}),
        ("level", {"formula": 'IF({amount} > 1, "high", "low")'}),
        ("tags", {"value": [LOW, HIGH]}),
        ("tags", {"formula": '"high"'}),
        ("place", {"value": {"level_0": LOW, "level_1": HIGH}}),
    ],
)
@pytest.mark.parametrize("running", [True, False])
def test_an_option_that_a_flow_sets_stays(
    form: CustomForm, alice: Member, name: str, given: dict[str, Any], running: bool
) -> None:
    flow = make_flow(
        form, definition("start > review > set > end", set={"values": [{"target": name, **given}]}), name="ask"
    )
    if running:
        ticket = ticket_open(flow=flow, values={}, actor=actor_of(alice))
        republished(flow, PLAIN)
    left = kept(option for option in FIELDS[name][2] if option.value != HIGH)
    (fault,) = refused(lambda: field_change(field=field(form, name), options=left))
    assert (fault.field, fault.got) == ("options", HIGH)
    assert fault.message == "The flow ask sets the option high in version 1, at: set."
    if running:
        ticket_close(form_id=form.pk, ticket_id=ticket.id, uid=None)
    flow_unpublish(flow=flow)
    field_change(field=field(form, name), options=left)


def test_an_option_that_no_flow_sets_goes(form: CustomForm) -> None:
    values = [{"target": "level", "value": HIGH}, {"target": "title", "value": NEAR}]
    make_flow(form, definition("start > set > end", set={"values": values}))
    field_change(field=field(form, "level"), options=kept(OPTIONS[:2]))
    field_change(field=field(form, "tags"), options=kept(OPTIONS[:1]))
    assert field(form, "level").options.count() == 2


def test_its_label_may_change_and_it_may_be_switched_off(form: CustomForm) -> None:
    make_flow(form, definition("start > set > end", set={"values": [{"target": "level", "value": HIGH}]}))
    renamed = [{**one, "label": one["label"].upper()} for one in kept(OPTIONS, status="disable")]
    field_change(field=field(form, "level"), options=renamed)
    assert set(field(form, "level").options.values_list("label", flat=True)) == {"LOW", "HIGH", "HIGHER"}
