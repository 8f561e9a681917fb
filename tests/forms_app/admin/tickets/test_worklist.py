"""The worklist: whose stages it lists, in how many statements, and who is told why it is empty."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from forms_app.flows.publishing import flow_unpublish
from forms_app.models import CustomForm, Member, Status
from forms_app.tickets.care import ticket_close
from forms_app.tickets.pushing import ticket_push
from forms_app.tickets.rows import open_tokens
from forms_app.tickets.sight import may_push
from forms_app.tickets.worklist import waiting_stages
from tests.accounts import linked
from tests.factories import CustomAppFactory, actor_of, make_form
from tests.forms_app.admin.tickets.ticket_pages import (
    WORKLIST,
    open_page,
    opened,
    review_flow,
    stage_page,
    statements,
    text_of,
)


@pytest.fixture
def worker(client: Client, people: dict[int, Member]) -> Client:
    """Staff without a permission, who is the member 3: in department 3, which stands below 1 and holds 4."""
    return linked(client, people[3])


def rows(client: Client, **given: Any) -> list[Any]:
    response = client.get(WORKLIST, given)
    assert response.status_code == 200
    found: list[Any] = response.context["rows"]
    return found


@pytest.mark.parametrize(
    ("assignees", "whose"),
    [
        ({}, {1, 2, 3, 4}),
        ({"members": [2, 4]}, {2, 4}),
        ({"departments": [1]}, {1, 3, 4}),
        ({"departments": [3]}, {3, 4}),
        ({"departments": [4]}, {4}),
        ({"departments": [4], "members": [2]}, {2, 4}),
        ({"creator": True}, {1}),
        ({"fields": ["people"]}, {3}),
    ],
)
def test_it_lists_to_each_what_each_may_push(
    form: CustomForm, people: dict[int, Member], assignees: Any, whose: set[int]
) -> None:
    flow = review_flow(form, assignees=assignees)
    ticket = opened(flow, people[1], people=[{"uid": 3}])
    found = {uid for uid, member in people.items() if waiting_stages(actor_of(member), limit=9)}
    assert found == whose
    (stage,) = open_tokens(form.pk, ticket.pk)
    assert {uid for uid, member in people.items() if may_push(stage, actor_of(member))} == whose


def test_nothing_of_another_organization_is_listed(form: CustomForm, alice: Member, charlie: Member) -> None:
    fields = {"title": "text_field", "amount": "float_field", "papers": "file_field"}
    theirs = make_form(CustomAppFactory(organization=charlie.organization), fields)
    opened(review_flow(form), alice)
    opened(review_flow(theirs), charlie)
    for member, form_id in ((alice, form.pk), (charlie, theirs.pk)):
        assert [stage.form_id for stage in waiting_stages(actor_of(member), limit=9)] == [form_id]


def test_a_row_says_what_waits_since_when_and_who_opened_it(
    worker: Client, form: CustomForm, people: dict[int, Member]
) -> None:
    ticket = opened(review_flow(form), people[2], title="<b>病假</b>")
    (row,) = rows(worker)
    assert (row["stage"].name, row["stage"].flow_name, row["stage"].data_no) == ("审核", "请假", 1)
    assert (row["title"], row["stage"].opened_by) == ("<b>病假</b>", "member 2")
    assert row["stage"].since == ticket.created_at
    page = text_of(worker.get(WORKLIST))
    assert stage_page(ticket) in page
    assert "<b>病假" not in page and "&lt;b&gt;病假" in page


def test_the_newest_come_first_page_by_page_and_by_flow(
    worker: Client, form: CustomForm, people: dict[int, Member]
) -> None:
    leave, travel = review_flow(form), review_flow(form, "出差")
    for _number in range(26):
        opened(leave, people[1])
    opened(travel, people[1])
    found = rows(worker)
    assert [(row["stage"].flow_name, row["stage"].data_no) for row in found[:2]] == [("出差", 1), ("请假", 26)]
    assert len(found) == 25
    assert [row["stage"].data_no for row in rows(worker, p=2)] == [2, 1]
    assert [row["stage"].data_no for row in rows(worker, p=99)] == [2, 1]
    assert [row["stage"].flow_name for row in rows(worker, flow=travel.pk)] == ["出差"]
    assert rows(worker, flow=leave.pk, p=2)[0]["stage"].data_no == 1
    assert len(rows(worker, flow="x", p="-1")) == 25
    assert f"?flow={leave.pk}&amp;p=2" in text_of(worker.get(WORKLIST, {"flow": leave.pk}))


def test_it_takes_as_many_statements_for_many_stages(
    worker: Client, form: CustomForm, people: dict[int, Member], settings: Any
) -> None:
    settings.VERSION_CHECK_SECONDS = 60  # at 0 each look at the tags is a statement
    flow = review_flow(form)
    opened(flow, people[1])
    first = statements(worker, WORKLIST)
    for _number in range(29):
        opened(flow, people[2])
    assert statements(worker, WORKLIST) == first
    linked(worker, people[2], username="other")
    for tab in ("running", "ended"):
        counts = [statements(worker, f"{WORKLIST}?tab={tab}")]
        opened(flow, people[2])
        assert statements(worker, f"{WORKLIST}?tab={tab}") == counts[0]


def test_pushed_stages_and_disabled_forms_are_gone(worker: Client, form: CustomForm, people: dict[int, Member]) -> None:
    flow = review_flow(form)
    ticket = opened(flow, people[1], amount=1)
    ticket_push(flow=flow, data_id=ticket.tokens.get().pk, values={}, actor=actor_of(people[3]))
    opened(flow, people[1])
    assert len(rows(worker)) == 1
    form.status = Status.DISABLE
    form.save()
    assert rows(worker) == []
    assert "Nothing waits for you" in text_of(worker.get(WORKLIST, headers={"accept-language": "en"}))


def test_who_opened_tickets_finds_them_running_and_ended(
    worker: Client, form: CustomForm, people: dict[int, Member]
) -> None:
    flow = review_flow(form, assignees={"members": [1]})
    running, ended, closed = (opened(flow, people[3], amount=1) for _number in range(3))
    opened(flow, people[1])
    ticket_push(flow=flow, data_id=ended.tokens.get().pk, values={}, actor=actor_of(people[1]))
    ticket_close(form_id=form.pk, ticket_id=closed.pk, uid=None)
    (row,) = rows(worker, tab="running")
    assert row["ticket"].ticket_id == running.pk
    assert [(place.name, place.state) for place in row["places"]] == [("审核", "waiting")]
    found = rows(worker, tab="ended")
    assert [(row["ticket"].ticket_id, row["ticket"].state) for row in found] == [
        (closed.pk, "closed"),
        (ended.pk, "ended"),
    ]
    assert found[1]["ticket"].outcome == "end"


def test_a_ticket_of_any_published_flow_can_be_opened(
    worker: Client, form: CustomForm, people: dict[int, Member]
) -> None:
    leave, old = review_flow(form, description="几天都行"), review_flow(form, "旧的")
    flow_unpublish(flow=old)
    page = text_of(worker.get(WORKLIST, {"tab": "new"}))
    assert open_page(leave) in page and "几天都行" in page
    assert open_page(old) not in page


def test_an_account_without_a_member_is_told_why(clerk: Client, admin: Client, alice: Member, client: Client) -> None:
    page = text_of(admin.get(WORKLIST, headers={"accept-language": "en"}), 403)
    assert "linked to no active member" in page
    assert clerk.get(WORKLIST).status_code == 302
    members = reverse("admin:forms_app_member_changelist")
    assert members in text_of(admin.get(WORKLIST), 403)
    linked(client, alice)
    alice.is_active = False
    alice.save()
    assert client.get(WORKLIST).status_code == 302
    assert Client().get(WORKLIST).status_code == 302
    assert admin.post(WORKLIST).status_code == 405


def test_the_sidebar_and_the_first_page_lead_members_to_it(
    worker: Client, clerk: Client, form: CustomForm, people: dict[int, Member]
) -> None:
    opened(review_flow(form), people[1])
    start = reverse("admin:index")
    page = text_of(worker.get(start, headers={"accept-language": "en"}))
    assert page.count(WORKLIST) >= 2 and "1 waits for you" in page
    assert "From nothing to the first record" not in page
    assert clerk.get(start).status_code == 302
