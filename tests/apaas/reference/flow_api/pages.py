"""The API page of a flow as it is for a member, and tickets of that flow."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import translation

from apaas.reference.examples import FormExamples
from apaas.reference.pages.flow_examples import FlowExamples
from apaas.reference.pages.flow_tabs import FlowPage, flow_tabs
from apaas.reference.pages.flow_tickets import FlowTickets
from apaas.reference.pages.flow_views import compiled_for
from apaas.reference.pages.tabs import Sample, Tab
from forms_app.models import Flow, Member, Ticket
from forms_app.people.actor import Actor
from forms_app.tickets.pushing import ticket_open
from tests.apaas.tickets.conftest import Desk
from tests.factories import actor_of, schema_of, system_of

ORIGIN = "http://testserver"
NAMES = ("security", "open", "query", "push")
LANGUAGES = ("en", "zh-hans", "zh-hant")


def page_url(flow: Flow) -> str:
    return reverse("flow-api", args=[flow.pk])


def page_of(client: Client, flow: Flow, status: int = 200) -> str:
    response = client.get(page_url(flow))
    assert response.status_code == status, response.content[:500]
    return unescape(response.content.decode())


def tabs_of(flow: Flow, member: Member, reader: Actor | None = None, language: str = "en") -> dict[str, Tab]:
    """The tabs as they are for a member now."""
    with translation.override(language):
        return _tabs_of(flow, member, reader)


def _tabs_of(flow: Flow, member: Member, reader: Actor | None) -> dict[str, Tab]:
    flow = Flow.objects.select_related("custom_form", "published").get(pk=flow.pk)
    schema = schema_of(flow.custom_form)
    compiled = compiled_for(flow, schema)
    examples = FlowExamples(compiled, FormExamples(schema, actor_of(member), reader)) if compiled else None
    tickets = FlowTickets(flow, schema, system_of(schema.organization_id))
    page = FlowPage(flow, ORIGIN, examples, tickets, has_member=True)
    return {tab.name: tab for tab in flow_tabs(page)}


def variant(tab: Tab, name: str) -> Sample:
    return next(one for one in tab.variants if one.name == name)


def filled(sent: Any, security: str) -> Any:
    """The body of a sample with the secret in its place."""
    return {**sent, "security": security}


def answered(sample: Sample, security: str) -> dict[str, Any]:
    """What the API answers to a sample's body."""
    path = sample.request.url.removeprefix(ORIGIN)
    raw = json.dumps(filled(sample.request.body, security)).encode()
    found: dict[str, Any] = json.loads(Desk(security).send(path, raw).content)
    return found


def opened(flow: Flow, member: Member, amount: float = 50) -> Ticket:
    """A ticket that waits at review."""
    values = {"title": "secret deal", "amount": amount}
    flow = Flow.objects.select_related("published").get(pk=flow.pk)
    row = ticket_open(flow=flow, values=values, actor=actor_of(member), start_input={"limit": 1})
    return Ticket.objects.get(pk=row.id)
