"""Every statement on a table of tickets or records names the form."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from forms_app.models import CustomApp, Flow, Member, StoredFile, Ticket, TicketAttachment, TicketStep, TicketToken
from forms_app.models.ticket import TicketPartQuerySet
from forms_app.tickets import history, worklist
from forms_app.tickets.care import ticket_close, ticket_resume
from forms_app.tickets.pushing import ticket_open, ticket_push, ticket_stages
from tests.accounts import administrator, linked
from tests.factories import actor_of, make_form
from tests.flows import data_id, definition, make_flow, standing
from tests.forms_app.admin.tickets.ticket_pages import WORKLIST, stage_page, ticket_page
from tests.jobs import run_jobs
from tests.scoped_statements import form_is_named, unscoped


@pytest.fixture
def called(custom_app: CustomApp) -> Flow:
    form = make_form(custom_app, {"item": "text_field", "price": "float_field"}, name="orders")
    return make_flow(form, definition("start > buy > end"), name="orders", api_path="orders")


@pytest.fixture
def calling(custom_app: CustomApp, called: Flow) -> Flow:
    form = make_form(custom_app, {"title": "text_field", "cost": "float_field"}, name="requests")
    call = {
        "flow": "orders",
        "inputs": [{"target": "item", "formula": "{title}"}],
        "outputs": [{"target": "cost", "formula": "1 / {price}"}],
    }
    lines = ("start > parallel > review > collection > end", "parallel > call > collection")
    return make_flow(form, definition(*lines, call=call), name="requests", attachments=True)


def test_a_ticket_from_its_opening_to_its_end(calling: Flow, called: Flow, alice: Member) -> None:
    actor = actor_of(alice)
    file = StoredFile.objects.create(organization_id=alice.organization_id, token="t", name="a.txt", size=1)
    with form_is_named():
        ticket = ticket_open(flow=calling, values={"title": "paper"}, actor=actor, files=[file])
        run_jobs()
        (stage,) = ticket_stages(flow=calling, data_no=ticket.data_no, actor=actor)
        ticket_push(flow=calling, data_id=stage.data_id, values={}, actor=actor, files=[file])
        (inner,) = ticket_stages(flow=called, data_no=1, actor=actor)
        ticket_push(flow=called, data_id=inner.data_id, values={"price": 0}, actor=actor)
        run_jobs()
    assert standing(ticket.id) == {"call": "stopped", "collection": "joining"}
    stopped = data_id(ticket.id, "call")
    with form_is_named():
        ticket_resume(form_id=calling.custom_form_id, ticket_id=ticket.id, token_id=stopped, variables={}, uid=1)
        ticket_close(form_id=calling.custom_form_id, ticket_id=ticket.id, uid=1)
    assert Ticket.objects.get(pk=ticket.id).state == "closed"
    assert TicketAttachment.objects.filter(ticket_id=ticket.id).count() == 2


def test_what_is_read_of_tickets(calling: Flow, called: Flow, alice: Member) -> None:
    actor = actor_of(alice)
    ticket = ticket_open(flow=calling, values={"title": "paper"}, actor=actor)
    run_jobs()
    key = (calling.custom_form_id, ticket.id)
    inner = Ticket.objects.get(flow=called)
    waiting = data_id(ticket.id, "call")
    with form_is_named():
        assert history.history_extent(*key) == (4, {"start", "parallel"})
        assert [step.action for step in history.history_steps(*key, most=2)] == ["arrive", "call"]
        assert history.called_tickets(key[0], [waiting])[waiting].id == inner.pk
        assert history.calling_ticket(key[0], waiting) == (waiting, ticket.id, "requests", 1, "running")
        assert history.attachments(*key) == []
        record_ticket = history.ticket_of_record(key[0], ticket.entity_id)
        assert record_ticket is not None and record_ticket.data_no == 1
        assert [flow.stages for flow in worklist.waiting_flows(actor)] == [1, 1]
        assert len(worklist.waiting_stages(actor, limit=9)) == 2
        assert worklist.opened_count(actor, running=True) == 2
        assert len(worklist.opened_tickets(actor, running=True, limit=9)) == 2
        assert [place.name for place in worklist.standing([key])[key]] == ["review", "call"]


def test_the_pages_of_a_ticket(client: Client, calling: Flow, alice: Member) -> None:
    ticket = ticket_open(flow=calling, values={"title": "paper"}, actor=actor_of(alice))
    run_jobs()
    client = linked(client, administrator(alice))
    row = Ticket.objects.get(pk=ticket.id)
    with form_is_named():
        for page in (WORKLIST, WORKLIST + "?tab=running", ticket_page(row), stage_page(row)):
            assert client.get(page).status_code == 200, page


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT id FROM ticket WHERE id = 1", ["ticket"]),
        ("SELECT id FROM ticket WHERE custom_form_id = 1 AND id = 1", []),
        ("SELECT custom_form_id FROM form_entity e WHERE e.id = 1", ["form_entity"]),
        ("SELECT id FROM form_entity_p01 WHERE custom_form_id = %s AND id = %s", []),
        ('UPDATE "ticket" SET "state" = 1 WHERE "ticket"."id" = 1', ["ticket"]),
        ("DELETE FROM form_counter WHERE slot = 1", ["form_counter"]),
        ("INSERT INTO ticket_step (id) VALUES (1)", ["ticket_step"]),
        ("INSERT INTO ticket_step (custom_form_id, id) VALUES (1, 1)", []),
        ("SELECT 1 FROM ticket_token t JOIN ticket ON ticket.id = t.ticket_id WHERE t.custom_form_id = 1", ["ticket"]),
        (
            "SELECT 1 FROM ticket_token AS t JOIN ticket ON t.custom_form_id = ticket.custom_form_id "
            "AND t.ticket_id = ticket.id WHERE t.custom_form_id = 1",
            [],
        ),
        ("SELECT 1 FROM ticket_step WHERE (ticket_step.custom_form_id, ticket_step.ticket_id) = (1, 2)", []),
        ("SELECT 1 FROM forms_app_customform", []),
    ],
)
def test_the_guard_sees_a_statement_without_a_form(sql: str, tables: list[str]) -> None:
    assert unscoped(sql) == tables


def test_a_parts_ticket_and_a_tickets_parts_are_found_by_both_columns(calling: Flow, alice: Member) -> None:
    ticket = ticket_open(flow=calling, values={}, actor=actor_of(alice))
    row = Ticket.objects.get(pk=ticket.id)
    with form_is_named():
        assert row.tokens.count() == 2
        assert row.steps.latest("id").ticket == row
        assert TicketToken.objects.of_form(row.custom_form_id).filter(ticket__data_no=1).count() == 2
        assert isinstance(row.attachments.all(), TicketPartQuerySet)


EXACT: dict[str, Any] = {
    "digits": Decimal("123456789123456.12345"),
    "tenth": Decimal("0.1"),
    "long": 2**80,
    "text": "é",
}


def test_variables_and_changes_keep_every_digit(calling: Flow, alice: Member) -> None:
    ticket = ticket_open(flow=calling, values={}, actor=actor_of(alice))
    of_form = Ticket.objects.of_form(calling.custom_form_id).filter(pk=ticket.id)
    of_form.update(variables=EXACT)
    steps = TicketStep.objects.of_ticket(calling.custom_form_id, ticket.id)
    steps.update(changed={name: (None, value) for name, value in EXACT.items()})
    assert of_form.get().variables == EXACT
    assert steps[0].changed == {name: [None, value] for name, value in EXACT.items()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT variables ->> 'digits', variables ->> 'tenth' FROM ticket WHERE id = %s", [ticket.id])
        assert cursor.fetchone() == ("123456789123456.12345", "0.1")
