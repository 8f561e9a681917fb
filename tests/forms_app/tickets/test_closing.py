"""Closing a ticket closes those that it called and waits for."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.models import CustomApp, Flow, Member, Ticket, TicketStep
from forms_app.tickets import calls
from forms_app.tickets.care import ticket_close
from forms_app.tickets.pushing import ticket_open, ticket_push
from tests.factories import actor_of, make_form
from tests.flows import consistent, data_id, definition, make_flow
from tests.jobs import run_jobs


@pytest.fixture
def chain(custom_app: CustomApp) -> list[Flow]:
    """Three flows, each on a form of its own; the first calls the second, that the third, which asks a person."""
    forms = [make_form(custom_app, {"title": "text_field"}, name=f"form {n}") for n in range(3)]
    sources = [definition("start > review > end")]
    sources += [definition("start > call > end", call={"flow": f"flow-{n}"}) for n in (2, 1)]
    flows = [
        make_flow(form, source, name=f"flow {n}", api_path=f"flow-{n}")
        for n, form, source in zip((2, 1, 0), reversed(forms), sources, strict=True)
    ]
    return flows[::-1]


def opened(chain: list[Flow], alice: Member) -> list[Ticket]:
    ticket_open(flow=chain[0], values={}, actor=actor_of(alice))
    for _ in range(3):
        run_jobs()
    return [Ticket.objects.get(flow=flow) for flow in chain]


def close(ticket: Ticket, alice: Member) -> None:
    ticket_close(form_id=ticket.custom_form_id, ticket_id=ticket.pk, reason="no need", uid=alice.uid)
    for _ in range(4):
        run_jobs(times=2)


def states(tickets: list[Ticket]) -> list[str]:
    return [Ticket.objects.get(pk=ticket.pk).state for ticket in tickets]


def test_all_the_way_down_and_the_histories_say_why(chain: list[Flow], alice: Member) -> None:
    tickets = opened(chain, alice)
    close(tickets[0], alice)
    assert states(tickets) == ["closed", "closed", "closed"]
    notes = [TicketStep.objects.get(ticket_id=ticket.pk, action="close") for ticket in tickets]
    assert [note.uid for note in notes] == [alice.uid] * 3
    assert all(note.message.endswith("no need") for note in notes)
    assert "flow 0" in notes[1].message
    assert "flow 1" in notes[2].message
    for ticket in tickets:
        consistent(ticket.pk)


def test_from_the_middle_the_caller_is_stopped_and_the_called_one_closed(chain: list[Flow], alice: Member) -> None:
    tickets = opened(chain, alice)
    close(tickets[1], alice)
    assert states(tickets) == ["running", "closed", "closed"]
    assert tickets[0].tokens.get(state="stopped").name == "call"


def test_what_has_ended_stays_ended(chain: list[Flow], alice: Member) -> None:
    tickets = opened(chain, alice)
    waiting = data_id(tickets[2].pk, "review")
    ticket_push(flow=chain[2], data_id=waiting, values={}, actor=actor_of(alice))
    ticket_close(form_id=tickets[1].custom_form_id, ticket_id=tickets[1].pk, uid=None)
    run_jobs()
    assert states(tickets)[1:] == ["closed", "ended"]


def test_one_that_is_opened_while_its_caller_is_closed_is_closed_too(
    chain: list[Flow], alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = ticket_open(flow=chain[1], values={}, actor=actor_of(alice))
    open_now = calls.ticket_open

    def closed_first(**given: Any) -> Any:
        ticket_close(form_id=caller.custom_form_id, ticket_id=caller.id, uid=None)
        run_jobs()  # finds nothing to close
        return open_now(**given)

    job = {"form_id": caller.custom_form_id, "token_id": data_id(caller.id, "call"), "flow_id": chain[2].pk}
    monkeypatch.setattr(calls, "ticket_open", closed_first)
    calls.called_ticket_open(**job, values={}, start_input={})
    assert [ticket.state for ticket in Ticket.objects.filter(flow=chain[2])] == ["closed"]
