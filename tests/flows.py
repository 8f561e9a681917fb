"""Flows for tests: definitions in a few words, and what a ticket's tables say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from forms_app.flows.language import replayed
from forms_app.flows.publishing import flow_create, flow_publish, flow_save
from forms_app.models import CustomForm, Flow, Ticket, TicketStep, TicketToken
from forms_app.models.flow import new_api_path
from tests.recordings import recorded

SHORT = {"human": "human_input", "set": "set_field", "call": "call_flow"}


def definition(*lines: str, **components: Any) -> dict[str, Any]:
    """A definition of lines such as "start > review > end"; a component's type is what its name begins with, and
    `components` give what it holds besides. Out of a condition "check > yes : {amount} > 1" is a rule, "check > no"
    the default."""
    found: dict[str, dict[str, Any]] = {}
    drawn: list[dict[str, Any]] = []
    for line in lines:
        way, _colon, rule = line.partition(" : ")
        names = [name.strip() for name in way.split(">")]
        for name in names:
            found.setdefault(name, component(name, components.get(name, {})))
        for source, target in pairwise(names):
            one: dict[str, Any] = {"source": source, "target": target}
            if found[source]["type"] == "condition":
                one.update({"rule": rule} if rule else {"default": True})
            drawn.append(one)
    return {"components": list(found.values()), "lines": drawn}


def component(name: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    kind = name.split("_")[0]
    known = ("start", "condition", "parallel", "collection", "end")
    return {"id": name, "type": SHORT.get(kind, kind if kind in known else "human_input"), "name": name, **parts}


def make_flow(form: CustomForm, source: Mapping[str, Any], name: str = "flow", **settings: Any) -> Flow:
    """A published flow."""

    def build() -> Flow:
        # A path of its own: one that is proposed by the form would come again with the recording.
        flow = flow_create(custom_form=form, name=name, **{"api_path": new_api_path(), **settings})
        flow_save(flow=flow, design={"definition": source})
        flow_publish(flow=flow)
        return flow

    return recorded(("flow", name, repr(source), repr(settings)), build, form)


def standing(ticket_id: int) -> dict[str, str]:
    """Where the ticket stands: name → state of each open token."""
    rows = TicketToken.objects.filter(ticket_id=ticket_id).exclude(state="done")
    return dict(rows.order_by("id").values_list("name", "state"))


def data_id(ticket_id: int, name: str) -> int:
    """The open token at the component of that name."""
    return TicketToken.objects.exclude(state="done").get(ticket_id=ticket_id, name=name).pk


def history(ticket_id: int) -> list[tuple[str, str]]:
    """(action, component) of each step, in order."""
    return list(TicketStep.objects.filter(ticket_id=ticket_id).values_list("action", "component"))


def replayed_tokens(ticket_id: int) -> set[int]:
    """The tokens that are open when the history is played from its beginning."""
    steps: Sequence[TicketStep] = list(TicketStep.objects.filter(ticket_id=ticket_id))
    return replayed((step.closed, [opened[0] for opened in step.opened]) for step in steps)


def open_tokens(ticket_id: int) -> set[int]:
    return set(TicketToken.objects.filter(ticket_id=ticket_id).exclude(state="done").values_list("pk", flat=True))


def consistent(ticket_id: int) -> None:
    """The ticket's history tells where it stands, and an ended one stands nowhere."""
    assert replayed_tokens(ticket_id) == open_tokens(ticket_id)
    ticket = Ticket.objects.get(pk=ticket_id)
    assert (ticket.state == Ticket.State.RUNNING) == bool(open_tokens(ticket_id))
