"""A push and an update of its record at once: whichever comes first, no value changes beside a running ticket."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from forms_app.exceptions import Conflict, DomainError
from forms_app.models import CustomForm, Flow, FormEntity, Member, Ticket
from forms_app.records.writes import entity_update
from forms_app.tickets.pushing import ticket_open, ticket_push
from tests.factories import CustomAppFactory, MemberFactory, OrganizationFactory, actor_of, make_form, schema_of
from tests.flows import consistent, data_id, definition, make_flow

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice() -> Member:
    member: Member = MemberFactory(organization=OrganizationFactory(), uid=1)
    return member


@pytest.fixture
def form(alice: Member) -> CustomForm:
    fields = {"amount": "float_field", "double": ("formula_field", {"formula": "{amount} * 2"}), "title": "text_field"}
    return make_form(CustomAppFactory(organization=alice.organization), fields)


class Beside:
    """Work in a thread with a connection of its own; what it raised is kept."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.raised: DomainError | None = None
        self.work = work
        self.thread = Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        try:
            self.work()
        except DomainError as error:
            self.raised = error
        finally:
            connection.close()

    def join(self) -> DomainError | None:
        self.thread.join(30)
        assert not self.thread.is_alive()
        return self.raised


def until_somebody_waits() -> None:
    """Come back when a connection waits for a lock that another holds."""
    for _ in range(100_000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")


def write(form: CustomForm, ticket: Ticket, alice: Member, values: dict[str, Any]) -> Callable[[], Any]:
    return lambda: entity_update(
        schema=schema_of(form), record_id=ticket.entity_id, values=values, actor=actor_of(alice)
    )


def after(go: Event, work: Callable[[], Any]) -> Callable[[], Any]:
    """The work, begun with all others."""

    def begin() -> None:
        go.wait()
        work()

    return begin


def pushed(flow: Flow, ticket: Ticket, stage: str, alice: Member) -> None:
    waiting = data_id(ticket.id, stage)
    ticket_push(flow=flow, data_id=waiting, values={"amount": 1}, actor=actor_of(alice))


@pytest.mark.parametrize("values", [{"title": "beside"}, {"amount": 50}])
def test_an_update_waits_for_the_push_and_is_judged_after_it(
    form: CustomForm, alice: Member, values: dict[str, Any]
) -> None:
    flow = make_flow(form, definition("start > review > approve > end"))
    ticket = ticket_open(flow=flow, values={"amount": 1}, actor=actor_of(alice))
    with transaction.atomic():
        pushed(flow, ticket, "review", alice)
        beside = Beside(write(form, ticket, alice, values))
        until_somebody_waits()
    assert isinstance(beside.join(), Conflict)  # the ticket runs on
    with transaction.atomic():
        pushed(flow, ticket, "approve", alice)
        beside = Beside(write(form, ticket, alice, values))
        until_somebody_waits()
    assert beside.join() is None  # it has ended
    assert FormEntity.objects.get(custom_form=form).data.items() >= values.items()
    consistent(ticket.id)


def test_a_push_waits_for_an_update_of_an_open_record_and_keeps_it(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > review > end"), locks_record=False)
    ticket = ticket_open(flow=flow, values={"amount": 1}, actor=actor_of(alice))
    with transaction.atomic():
        write(form, ticket, alice, {"title": "beside"})()
        beside = Beside(lambda: pushed(flow, ticket, "review", alice))
        until_somebody_waits()
    assert beside.join() is None
    assert FormEntity.objects.get(custom_form=form).data["title"] == "beside"
    actions = [step.action for step in ticket.steps.order_by("id")]
    assert actions == ["open", "arrive", "edit", "push", "end"]
    consistent(ticket.id)


def test_of_many_at_once_none_slips_between(form: CustomForm, alice: Member) -> None:
    flow = make_flow(form, definition("start > review > approve > end"))
    for _ in range(10):
        ticket = ticket_open(flow=flow, values={"amount": 1}, actor=actor_of(alice))
        go = Event()
        push = Beside(after(go, partial(pushed, flow, ticket, "review", alice)))
        writers = [Beside(after(go, write(form, ticket, alice, values))) for values in ({"title": "x"}, {"amount": 7})]
        go.set()
        assert push.join() is None
        assert all(isinstance(writer.join(), Conflict) for writer in writers)
        record = FormEntity.objects.get(custom_form=form, id=ticket.entity_id)
        assert record.data == {"amount": 1, "double": 2}
        consistent(ticket.id)
