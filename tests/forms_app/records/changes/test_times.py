"""A change that waited for its record has a time from after the wait, whichever way it came: at no moment of the wait
was it done (`as_of`)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from forms_app.database.cursor import fetch
from forms_app.exact_json import reads
from forms_app.models import CustomApp, CustomForm, Member, Ticket
from forms_app.records.changes.as_of import entity_as_of
from forms_app.records.mass_rows import Change
from forms_app.records.mass_writes import entity_mass_update
from forms_app.records.trash import entity_restore
from forms_app.records.writes import entity_create, entity_mass_destroy, entity_transfer, entity_update
from forms_app.tickets.pushing import ticket_open, ticket_push
from tests.factories import actor_of, add_field, make_form, schema_of
from tests.flows import data_id, definition, make_flow
from tests.forms_app.worlds import Other

pytestmark = pytest.mark.django_db(transaction=True)
AT = "SELECT min(at) FROM form_entity_change WHERE custom_form_id = %s AND entity_id = %s AND at > %s AND action = %s"
LIVE, TRASH = "form_entity", "form_entity_trash"
Given = dict[str, Any]


def moment() -> datetime:
    """A moment after what was done and before what comes, by PostgreSQL's clock."""
    time.sleep(0.002)
    ((now,),) = fetch("SELECT clock_timestamp()", [])
    time.sleep(0.002)
    assert isinstance(now, datetime)
    return now


def held(form: CustomForm, record: int, table: str = LIVE) -> None:
    """Lock the row to the end of the transaction."""
    sql = f"SELECT id FROM {table} WHERE custom_form_id = %s AND id = %s FOR UPDATE"
    assert fetch(sql, [form.pk, record]) == [(record,)]


def while_held(form: CustomForm, record: int, write: Callable[[], Any], table: str = LIVE) -> datetime:
    """Write beside somebody who holds the row and leaves it as it is; a moment of the wait."""
    other = Other(write)
    with transaction.atomic():
        held(form, record, table)
        other.starts()
        assert other.is_alive()
        between = moment()
    other.join(60)
    assert not other.is_alive() and not isinstance(other.outcome, Exception)
    return between


def update(record: int, given: Given) -> None:
    entity_update(record_id=record, values={"amount": 2}, **given)


def mass_update(record: int, given: Given) -> None:
    entity_mass_update(changes=[Change(record, None, {"amount": 2})], **given)


def transfer(record: int, given: Given) -> None:
    entity_transfer(ids=[record], to_user_uid=2, **given)


def destroy(record: int, given: Given) -> None:
    entity_mass_destroy(ids=[record], **given)


@pytest.mark.parametrize("write", [update, mass_update, transfer, destroy])
def test_what_waited_was_not_yet_done_while_it_waited(
    form: CustomForm, alice: Member, bob: Member, write: Callable[[int, Given], None]
) -> None:
    given: Given = {"schema": schema_of(form), "actor": actor_of(alice)}
    row = entity_create(values={"amount": 1}, **given)
    between = while_held(form, row.id, lambda: write(row.id, given))
    was = entity_as_of(record_id=row.id, moment=between, **given)
    assert was._replace(data=reads(was.data)) == row._replace(data=reads(row.data))
    ((at,),) = fetch(
        "SELECT max(at) FROM form_entity_change WHERE custom_form_id = %s AND entity_id = %s", [form.pk, row.id]
    )
    assert at > between


@pytest.mark.parametrize("keeps", [True, False])
def test_an_updates_own_time_is_from_after_its_wait(form: CustomForm, alice: Member, keeps: bool) -> None:
    if not keeps:
        CustomForm.objects.filter(pk=form.pk).update(history_since=None)
        form.refresh_from_db()
    given: Given = {"schema": schema_of(form), "actor": actor_of(alice)}
    record = entity_create(values={"amount": 1}, **given).id
    between = while_held(form, record, lambda: update(record, given))
    ((updated_at,),) = fetch(
        "SELECT updated_at FROM form_entity WHERE custom_form_id = %s AND id = %s", [form.pk, record]
    )
    assert updated_at > between


@pytest.mark.parametrize("commits", [True, False])
def test_it_is_also_behind_who_changed_the_record_or_gave_up(form: CustomForm, alice: Member, commits: bool) -> None:
    given: Given = {"schema": schema_of(form), "actor": actor_of(alice)}
    record = entity_create(values={"amount": 1}, **given).id
    other = Other(lambda: update(record, given))
    with transaction.atomic():
        entity_update(record_id=record, values={"title": "first"}, **given)
        other.starts()
        between = moment()
        transaction.set_rollback(not commits)
    other.join(60)
    was = entity_as_of(record_id=record, moment=between, **given)
    assert (was.version, reads(was.data)["amount"]) == (2 if commits else 1, 1)


def test_a_record_that_waited_in_the_trash_was_not_yet_back(form: CustomForm, alice: Member) -> None:
    given: Given = {"schema": schema_of(form), "actor": actor_of(alice)}
    record = entity_create(values={"amount": 1}, **given).id
    destroy(record, given)
    between = while_held(form, record, lambda: entity_restore(ids=[record], **given), TRASH)
    assert fetch(AT, [form.pk, record, between, "restored"]) != [(None,)]


def test_what_is_computed_late_was_not_yet_computed(custom_app: CustomApp, form: CustomForm, alice: Member) -> None:
    reader = make_form(custom_app, {"to": ("relation_field", {"form": form.pk})}, name="reader")
    add_field(reader, "twice", ("formula_field", {"formula": "{to.amount} * 2"}))
    given: Given = {"schema": schema_of(form), "actor": actor_of(alice)}
    source = entity_create(values={"amount": 1}, **given).id
    given_reader = {"schema": schema_of(reader), "actor": actor_of(alice)}
    one = entity_create(values={"to": {"value": source}}, **given_reader)
    between = while_held(reader, one.id, lambda: update(source, given))
    assert reads(entity_as_of(record_id=one.id, moment=between, **given_reader).data)["twice"] == 2
    assert fetch(AT, [reader.pk, one.id, between, "computed"]) != [(None,)]


def test_a_ticket_that_waited_for_its_record_moved_afterwards(form: CustomForm, alice: Member) -> None:
    flow, actor = make_flow(form, definition("start > review > end")), actor_of(alice)
    ticket = ticket_open(flow=flow, values={"amount": 1}, actor=actor)
    push = {"flow": flow, "data_id": data_id(ticket.id, "review"), "actor": actor}
    between = while_held(form, ticket.entity_id, lambda: ticket_push(values={"amount": 2}, **push))
    assert fetch(AT, [form.pk, ticket.entity_id, between, "updated"]) != [(None,)]
    moved = Ticket.objects.of_form(form.pk).get(pk=ticket.id)
    assert moved.updated_at > between
