"""The list of flows, adding and deleting them, and who may do what."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_app.flows.publishing import flow_create, flow_publish
from forms_app.models import CustomApp, CustomForm, Flow, Member
from forms_app.tickets.pushing import ticket_open
from tests.accounts import linked, only
from tests.factories import actor_of, make_form
from tests.forms_app.admin.flows.flow_pages import post, shown, url


def test_the_list_counts_running_tickets_in_as_many_statements_for_many_flows(
    admin: Client, flow: Flow, form: CustomForm, alice: Member
) -> None:
    flow_publish(flow=flow)
    ticket_open(flow=flow, values={"title": "一"}, actor=actor_of(alice))
    address = reverse("admin:forms_app_flow_changelist")
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as found:
            response = admin.get(address)
        counts.append(len(found))
        for place in range(4):
            flow_create(custom_form=form, name=f"流程 {number} {place}")
    assert counts[0] == counts[1]
    rows = {row.name: row.running_count for row in response.context["cl"].queryset}
    assert rows["请假"] == 1 and sum(rows.values()) == 1
    assert url(flow) in response.content.decode()


def test_a_new_flow_leads_to_its_designer(admin: Client, form: CustomForm) -> None:
    address = reverse("admin:forms_app_flow_add")
    sent = {"custom_form": form.pk, "name": "报销", "description": "钱"}
    response = admin.post(address, sent)
    flow = Flow.objects.get()
    assert response.headers["Location"] == url(flow)
    assert (flow.custom_form, flow.name, flow.description) == (form, "报销", "钱")
    again = admin.post(address, sent)
    assert "name" in again.context["adminform"].form.errors
    assert Flow.objects.count() == 1


def test_a_flow_with_tickets_is_not_deleted(admin: Client, flow: Flow, alice: Member) -> None:
    flow_publish(flow=flow)
    ticket_open(flow=flow, values={"title": "一"}, actor=actor_of(alice))
    response = admin.post(reverse("admin:forms_app_flow_delete", args=[flow.pk]), {"post": "yes"}, follow=True)
    assert "请假" in next(str(message) for message in response.context["messages"])
    assert Flow.objects.filter(pk=flow.pk).exists()


def test_a_flow_without_tickets_can_be_deleted(admin: Client, flow: Flow) -> None:
    flow_publish(flow=flow)
    admin.post(reverse("admin:forms_app_flow_delete", args=[flow.pk]), {"post": "yes"})
    assert not Flow.objects.exists()


CHANGING = ("design", "check", "formula", "publish", "unpublish")


def test_who_may_not_design_the_form_sees_none_of_its_flows(flow: Flow, alice: Member) -> None:
    client = linked(Client(), alice)
    for page in CHANGING:
        assert post(client, flow, page, {}).status_code == 403
    for page in ("design", "people", "called"):
        assert client.get(url(flow, page)).status_code == 403
    assert client.get(reverse("admin:forms_app_flow_changelist")).status_code == 403


def test_who_may_design_the_form_publishes_its_flows_and_sees_no_others(
    flow: Flow, alice: Member, custom_app: CustomApp
) -> None:
    other = flow_create(custom_form=make_form(custom_app, {"title": "text_field"}), name="别的流程")
    client = linked(Client(), alice)
    only(alice, {"verbs": ["read", "design"], "custom_form": flow.custom_form})
    assert post(client, flow, "publish", {"base": shown(client, flow)["base"]}).status_code == 200
    for page in CHANGING:
        assert post(client, other, page, {}).status_code == 404
    for page in ("design", "people", "called"):
        assert client.get(url(other, page)).status_code == 404
    listed = client.get(reverse("admin:forms_app_flow_changelist")).content.decode()
    assert flow.name in listed and other.name not in listed


def test_others_see_nothing(clerk: Client, flow: Flow) -> None:
    for page in CHANGING:
        assert post(clerk, flow, page, {}).status_code == 302
    for page in ("design", "people", "called"):
        assert clerk.get(url(flow, page)).status_code == 302
    assert Client().get(url(flow)).status_code == 302
