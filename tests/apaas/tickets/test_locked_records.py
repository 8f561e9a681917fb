"""A record whose ticket is running, by the form-entity API: what it holds changes only through the ticket."""

from __future__ import annotations

import pytest
from django.test import Client

from forms_app.models import CustomForm, Flow, FormEntity, Member, Ticket
from tests.apaas.tickets.conftest import HANDLER, Desk, value
from tests.factories import make_token
from tests.flows import definition, make_flow


def sent(alice: Member, form: CustomForm, record_id: int, method: str = "PUT") -> tuple[int, dict[str, object]]:
    """The status and the body of an update of the record's title."""
    client = Client()
    client.handler = HANDLER
    response = client.generic(
        method,
        f"/apaas/api/v2/form_entities/{record_id}?custom_form_id={form.pk}",
        b'{"form_entity":{"title":"other"}}',
        content_type="application/json",
        headers={"ACCESS-TOKEN": make_token(alice)[1]},
    )
    return response.status_code, response.json()


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_an_update_is_409_until_the_ticket_has_ended(
    desk: Desk, flow: Flow, form: CustomForm, alice: Member, method: str
) -> None:
    number = desk.create([value("title", "t"), value("note", "n")])
    record_id = Ticket.objects.get().entity_id
    status, body = sent(alice, form, record_id, method)
    assert (status, body["code"]) == (409, 100409)
    (fault,) = body["errors"]  # type: ignore[misc]
    assert (fault["code"], fault["field"], fault["got"]) == ("ticket_running", "id", record_id)
    for stage in ("review", "approve"):
        desk.push(desk.stages(number)[stage])
    assert sent(alice, form, record_id, method)[0] == 200
    assert FormEntity.objects.get(custom_form=form).data["title"] == "other"


def test_where_the_flow_leaves_records_open_it_is_200(alice: Member, form: CustomForm) -> None:
    make_flow(form, definition("start > review > end"), name="open", api_path="open", locks_record=False)
    Desk(make_token(alice)[1], "open").create([value("title", "t")])
    assert sent(alice, form, Ticket.objects.get().entity_id)[0] == 200
