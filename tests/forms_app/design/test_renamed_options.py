"""New labels of fields and options change no result of a formula and no way of a flow."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from forms_app.design.fields import field_change
from forms_app.design.forms import design_of, form_design
from forms_app.exceptions import Refused
from forms_app.field_types import Option
from forms_app.flows.publishing import flow_faults, flow_publish, flow_save
from forms_app.models import CustomField, CustomForm, Flow, FlowVersion, FormEntity, Member
from forms_app.tickets.pushing import ticket_open, ticket_push
from tests.factories import actor_of, add_field, make_entity, make_form
from tests.flows import data_id, definition, make_flow, standing
from tests.forms_app.worlds import shown_of
from tests.jobs import run_jobs

WON, LOST = "H6Qq/ojoIFNyICUXzx3UOw==", "qxjjDA3ECTzu2olh+sPR9A=="
OPTIONS = (Option(WON, "Won"), Option(LOST, "Lost"))


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(
        custom_app, {"n": "float_field", "stage": ("select_field", {}, OPTIONS), "tags": ("multi_select", {}, OPTIONS)}
    )


def formula_of(form: CustomForm, name: str) -> str:
    return str(CustomField.objects.get(custom_form=form, name=name).setting["formula"])


def rename(form: CustomForm, name: str, label: str) -> None:
    """Give the option Won of a field another label, as the designer does: the whole form is sent."""
    design = design_of(form)
    for group in design["groups"]:
        for field in group["fields"]:
            if field["name"] == name:
                next(o for o in field["options"] if o["value"] == WON)["label"] = label
    form_design(form=form, design=design)


def make_old(form: CustomForm, name: str, text: str) -> None:
    """A formula as it was stored before tokens were kept."""
    field = CustomField.objects.get(custom_form=form, name=name)
    CustomField.objects.filter(pk=field.pk).update(setting={**field.setting, "formula": text})


FORMULAS = {
    "same": ('IF({stage} = "Won", 1, 0)', 1),
    "one": ('IN({stage}, "Lost", "Won")', True),
    "chosen": ('SWITCH({stage}, "Won", "good", "bad")', "good"),
    "within": ('INCLUDES({tags}, "Won")', True),
    "listed": ('IN({stage}, LIST("Lost", "Won"))', True),
    "counted": ('COUNTIF({tags}, "Won")', 1),
    "others": ('COUNTIF({tags}, "<>Won")', 0),
    "branch": ('IF({n} > 1, "Lost", {stage}) = "Won"', True),
}


@pytest.mark.parametrize("old", [False, True])
def test_a_new_label_of_an_option_changes_no_result(form: CustomForm, alice: Member, old: bool) -> None:
    for name, (text, _value) in FORMULAS.items():
        add_field(form, name, ("formula_field", {"formula": text}))
        if old:
            make_old(form, name, text)
    record_id = make_entity(form, alice, stage=WON, tags=[WON])
    for label in ("Signed", "Done", "Lost"):
        rename(form, "stage", label)
        rename(form, "tags", label)
        shown = shown_of(form, record_id, alice, [*FORMULAS])
        if label != "Lost":
            assert shown == {name: value for name, (_text, value) in FORMULAS.items()}
    assert all("#" in formula_of(form, name) for name in FORMULAS)


def test_a_formula_of_another_form_is_kept_too(custom_app: Any, form: CustomForm, alice: Member) -> None:
    other = make_form(custom_app, {"deal": ("relation_field", {"form": form.pk})}, name="other")
    text = 'IF({deal.stage} = "Won", 1, 0)'
    add_field(other, "won", ("formula_field", {"formula": text}))
    make_old(other, "won", text)
    record_id = make_entity(other, alice, deal={"value": make_entity(form, alice, stage=WON)})
    rename(form, "stage", "Signed")
    assert shown_of(other, record_id, alice, ["won"]) == {"won": 1}
    assert formula_of(other, "won") == f"IF({{deal.stage}} = {{deal.stage#{WON}}}, 1, 0)"


def test_a_text_that_is_no_label_is_left_alone(form: CustomForm) -> None:
    text = 'IF({stage} & "" = "Won", "Won", "Lost") & " Won"'
    add_field(form, "told", ("formula_field", {"formula": text}))
    rename(form, "stage", "Signed")
    assert formula_of(form, "told") == text


@pytest.mark.parametrize("text", ['{stage} = "Wonn"', 'IN({stage}, "won")', 'INCLUDES({tags}, "W")'])
def test_a_label_that_does_not_exist_is_refused(form: CustomForm, text: str) -> None:
    with pytest.raises(Refused) as caught:
        add_field(form, "wrong", ("formula_field", {"formula": text}))
    assert [fault.code for fault in caught.value.faults] == ["formula_unknown_option"]


# --- Flows -------------------------------------------------------------------------------------------------------

WAYS = definition(
    "start > first > condition",
    'condition > good : {stage} = "Won"',
    "condition > bad",
    "good > end",
    "bad > end",
    first={"actions": [{"name": "lose", "values": [{"target": "stage", "formula": '"Lost"'}]}]},
)


@pytest.mark.parametrize("old", [False, True])
def test_a_new_label_changes_no_way_of_a_ticket(form: CustomForm, alice: Member, old: bool) -> None:
    flow = make_flow(form, WAYS)
    if old:
        FlowVersion.objects.filter(flow=flow).update(definition=WAYS)
        Flow.objects.filter(pk=flow.pk).update(draft=WAYS)
    ticket = ticket_open(flow=flow, values={"stage": WON}, actor=actor_of(alice))
    rename(form, "stage", "Signed")
    ticket_push(flow=flow, data_id=data_id(ticket.id, "first"), values={}, actor=actor_of(alice))
    assert standing(ticket.id) == {"good": "waiting"}
    flow.refresh_from_db()
    assert f"{{stage#{WON}}}" in str(flow.draft)
    assert f"{{stage#{LOST}}}" in str(flow.draft)
    assert flow_faults(flow=flow, definition=flow.draft) == []


def test_what_an_action_sets_follows_its_option(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, WAYS)
    ticket = ticket_open(flow=flow, values={"stage": WON}, actor=actor_of(alice))
    field = CustomField.objects.get(custom_form=form, name="stage")
    options = [{"value": WON, "label": "Won"}, {"value": LOST, "label": "Gone"}]
    field_change(field=field, options=options)
    ticket_push(
        flow=flow, data_id=data_id(ticket.id, "first"), values={}, actor=actor_of(alice), quick_action="action1"
    )
    assert standing(ticket.id) == {"bad": "waiting"}


def test_a_rule_of_a_label_that_does_not_exist_is_refused(form: CustomForm) -> None:
    flow = make_flow(form, WAYS)
    wrong = definition("start > condition", 'condition > good : {stage} = "Wonn"', "condition > end", "good > end")
    flow_save(flow=flow, design={"definition": wrong})
    with pytest.raises(Refused) as caught:
        flow_publish(flow=flow)
    assert ["Wonn" in fault.message for fault in caught.value.faults] == [True]


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("stage", '"Wonn"'),
        ("stage", 'IF({n} > 1, "Won", "x")'),
        ("tags", 'LIST("Won", "x")'),
        ("tags", '"Wonn"'),
        ("stage", 'SWITCH({n}, 1, "Won", "none")'),
    ],
)
@pytest.mark.parametrize("place", ["set", "action", "call"])
def test_what_sets_a_choice_to_a_label_that_does_not_exist_is_refused(
    form: CustomForm, place: str, target: str, text: str
) -> None:
    values = [{"target": target, "formula": text}]
    make_flow(form, definition("start > end"), name="called", api_path="called")
    sources = {
        "set": definition("start > set > end", set={"values": values}),
        "action": definition("start > first > end", first={"actions": [{"name": "a", "values": values}]}),
        "call": definition("start > call > end", call={"flow": "called", "inputs": values}),
    }
    flow = make_flow(form, definition("start > end"))
    flow_save(flow=flow, design={"definition": sources[place]})
    with translation.override("en"), pytest.raises(Refused) as caught:
        flow_publish(flow=flow)
    assert [fault.code for fault in caught.value.faults] == ["formula"]
    assert "has no option" in caught.value.faults[0].message


def test_a_rule_that_reads_through_a_relation_follows_too(custom_app: Any, form: CustomForm, alice: Member) -> None:
    other = make_form(custom_app, {"deal": ("relation_field", {"form": form.pk})}, name="other")
    ways = definition(
        "start > first > condition",
        'condition > good : {deal.stage} = "Won"',
        "condition > bad",
        "good > end",
        "bad > end",
    )
    flow = make_flow(other, ways)
    deal = {"value": make_entity(form, alice, stage=WON)}
    for label in ("Signed", "Done"):
        ticket = ticket_open(flow=flow, values={"deal": deal}, actor=actor_of(alice))
        rename(form, "stage", label)
        ticket_push(flow=flow, data_id=data_id(ticket.id, "first"), values={}, actor=actor_of(alice))
        assert standing(ticket.id) == {"good": "waiting"}


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize(
    "text", ['IF({stage} = "Won", "good", "bad")', 'IF(INCLUDES({tags}, "Won"), "good", "bad")',
             'SWITCH({stage}, "Won", "good", "bad")'],
)  # fmt: skip
def test_what_a_called_flow_gives_back_follows_too(
    custom_app: Any, form: CustomForm, alice: Member, text: str, old: bool
) -> None:
    make_flow(form, definition("start > set > end", set={"values": [{"target": "stage", "value": WON}]}),
              name="called", api_path="called")  # fmt: skip
    other = make_form(custom_app, {"said": "text_field"}, name="other")
    outputs = [{"target": "said", "formula": text}]
    inputs = [{"target": "tags", "value": [WON]}]
    ways = definition("start > call > end", call={"flow": "called", "inputs": inputs, "outputs": outputs})
    flow = make_flow(other, ways, name="calling")
    if old:
        FlowVersion.objects.filter(flow=flow).update(definition=ways)
        Flow.objects.filter(pk=flow.pk).update(draft=ways)
    for label in ("Signed", "Done"):
        rename(form, "stage", label)
        rename(form, "tags", label)
        ticket = ticket_open(flow=flow, values={}, actor=actor_of(alice))
        for _ in range(3):
            run_jobs()
        assert FormEntity.objects.get(custom_form=other, id=ticket.entity_id).data == {"said": "good"}
    flow.refresh_from_db()
    assert flow_faults(flow=flow, definition=flow.draft) == []
