"""The events that a webhook may ask for, and of which entry of the log or step of a ticket each is made."""

from __future__ import annotations

from collections.abc import Mapping

from forms_app.records.changes.entries import ACTIONS

RECORD, TICKET = "record", "ticket"
STREAMS = (RECORD, TICKET)
"""What is read in order: the change log, and the steps of tickets."""

OF_ACTIONS: Mapping[str, str] = {action: f"form_entity.{action}" for action in ACTIONS}
OF_STEPS: Mapping[str, str] = {
    "open": "ticket.opened",
    "arrive": "ticket.arrived",
    "push": "ticket.pushed",
    "stop": "ticket.stopped",
    "end": "ticket.ended",
    "close": "ticket.ended",
}
"""A closed ticket has ended too: `step.action` tells which."""
OF_STREAMS: Mapping[str, Mapping[str, str]] = {RECORD: OF_ACTIONS, TICKET: OF_STEPS}

EVENTS = (*OF_ACTIONS.values(), *dict.fromkeys(OF_STEPS.values()))
PLANNED = ("ticket.returned", "ticket.withdrawn")
"""In the contract, but no ticket can be returned or withdrawn yet: they are refused by name."""
TEST = "webhook.test"
"""Sent from the page alone."""


def actions_of(stream: str, events: list[str]) -> list[str]:
    """The actions of a stream that these events are made of."""
    wanted = set(events)
    return [action for action, event in OF_STREAMS[stream].items() if event in wanted]
