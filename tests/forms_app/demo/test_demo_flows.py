"""The demo's flows do what quickstart tells of them."""

from __future__ import annotations

from typing import Any

from forms_app.demo.flows import flow_facts
from forms_app.exceptions import Refused
from forms_app.field_types import Text
from forms_app.models import Flow, FormEntity, Ticket
from forms_app.people.actor import Actor
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.pushing import ticket_open, ticket_push, ticket_stages
from tests.flows import consistent
from tests.seeds.copies import DemoTestCase

ALICE = Actor(organization_id=1, member_id=1, uid=1)


def values(flow: Flow, formdata: list[dict[str, Any]]) -> dict[str, Any]:
    schema = FormSchema.of(flow.custom_form_id, ALICE)
    return {schema.by_number[int(item["id"].split("_")[1])].name: Text(item["value"]) for item in formdata}


class DemoFlows(DemoTestCase):
    def test_each_flow_takes_what_is_told_and_comes_to_its_end(self) -> None:
        for told in flow_facts():
            flow = Flow.objects.get(api_path=told["api_path"])
            ticket = ticket_open(flow=flow, values=values(flow, told["create_formdata"]), actor=ALICE)
            pushes = 0
            while stages := ticket_stages(flow=flow, data_no=ticket.data_no, actor=ALICE):
                for stage in stages:
                    sent = values(flow, told["push_formdata"][stage.name])
                    ticket_push(flow=flow, data_id=stage.data_id, values=sent, actor=ALICE)
                    pushes += 1
            assert 1 <= pushes <= 12
            assert Ticket.objects.get(pk=ticket.id).state == "ended"
            consistent(ticket.id)

    def test_each_flow_refuses_what_is_told_to_be_bad(self) -> None:
        for told in flow_facts():
            flow = Flow.objects.get(api_path=told["api_path"])
            with self.assertRaises(Refused):
                ticket_open(flow=flow, values=values(flow, told["bad_formdata"]), actor=ALICE)
            assert not FormEntity.objects.filter(custom_form_id=flow.custom_form_id).exists()

    def test_one_validates_and_parts_at_once(self) -> None:
        told = {one["validating"]: one for one in flow_facts()}
        assert set(told) == {True, False}
        flow = Flow.objects.get(api_path=told[True]["api_path"])
        ticket = ticket_open(flow=flow, values=values(flow, told[True]["create_formdata"]), actor=ALICE)
        stages = ticket_stages(flow=flow, data_no=ticket.data_no, actor=ALICE)
        assert [stage.name for stage in stages] == ["法务评审", "财务评审"]

    def test_the_other_needs_its_second_field_alone(self) -> None:
        (told,) = (one for one in flow_facts() if not one["validating"])
        flow = Flow.objects.get(api_path=told["api_path"])
        assert flow.attachments
        schema = FormSchema.of(flow.custom_form_id, ALICE)
        assert [column.number for column in schema.required] == [2]
        ticket_open(flow=flow, values={schema.required[0].name: "<輸入>"}, actor=ALICE)
