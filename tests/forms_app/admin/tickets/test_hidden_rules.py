"""What a ticket's pages tell of its flow to who may not see all that it reads."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from forms_app.caching import tagged
from forms_app.models import CustomForm, FlowVersion, Member, Ticket, TicketStep
from tests.accounts import administrator, linked, only
from tests.flows import definition, make_flow
from tests.forms_app.admin.tickets.ticket_pages import (
    ENGLISH,
    open_page,
    opened,
    stopping_flow,
    text_of,
    ticket_page,
)


@pytest.fixture
def stopped(form: CustomForm, alice: Member) -> Ticket:
    return opened(stopping_flow(form), alice, {"divisor": 0, "a_text": "<i>"}, amount=4)


@pytest.fixture
def reader(client: Client, bob: Member) -> Client:
    """Staff without a permission, who is the member 2."""
    return linked(client, bob)


def split(limit: int) -> dict[str, Any]:
    """A flow that reads `amount`: in a rule, in a stage's rule and button, and through a variable."""
    review = {
        "assignees": {"members": [1]},
        "validation": {"formula": f"{{amount}} > {limit}", "message": f"over {limit}"},
        "actions": [{"name": "ok", "values": [{"target": "amount", "value": limit}]}],
    }
    return definition(
        "start > set > condition",
        f"condition > review : {{amount}} > {limit}",
        f"condition > other : {{$rank}} > {limit}",
        "condition > end",
        "review > end",
        "other > end",
        start={"variables": [{"name": "rank", "kind": "number", "formula": "1"}]},
        set={"values": [{"target": "$rank", "formula": f"{{amount}} * {limit}"}]},
        review=review,
        other={"assignees": {"members": [1]}},
    )


def hide(form: CustomForm, member: Member) -> None:
    """From the member the field `amount`, and nothing else."""
    only(member, {"verbs": ["read", "create", "update"], "custom_form": form, "hidden": ["amount"]})


def test_what_a_flow_does_with_a_hidden_field_changes_no_byte(
    reader: Client, form: CustomForm, alice: Member, bob: Member
) -> None:
    """Two flows that lead the same way and differ in what they read, set and demand of a field that Bob may not see."""
    flow = make_flow(form, split(3))
    ticket = opened(flow, alice, amount=9)
    hide(form, bob)
    worlds = []
    for limit in (3, 5):
        FlowVersion.objects.filter(flow=flow).update(definition=split(limit))
        Ticket.objects.of_form(form.pk).filter(pk=ticket.pk).update(variables={"rank": 9 * limit})
        TicketStep.objects.of_form(form.pk).filter(action="set").update(changed={"$rank": [1, 9 * limit]})
        tagged.empty_all()
        shown = [reader.get(url, headers=ENGLISH) for url in (ticket_page(ticket), open_page(flow))]
        rules = {line["target"]: line.get("rule") for line in shown[0].context["diagram"]["definition"]["lines"]}
        assert (rules["review"], rules["other"], rules["end"]) == ("a condition", "a condition", None)
        worlds.append([SECRETS.sub("", text_of(response)) for response in shown])
        assert all("amount" not in page and f"over {limit}" not in page for page in worlds[-1])
    assert worlds[0] == worlds[1]


SECRETS = re.compile(r"""nonce="[^"]*"|[A-Za-z0-9]{64}""")
"""What differs from answer to answer: the nonces of scripts and of forms."""


def test_who_sees_the_field_or_designs_the_form_is_told_the_rule(
    client: Client, form: CustomForm, alice: Member, bob: Member
) -> None:
    ticket = opened(make_flow(form, split(3)), alice, amount=9)
    linked(client, bob)
    seen = client.get(ticket_page(ticket)).context["diagram"]
    assert {line.get("rule") for line in seen["definition"]["lines"]} == {None, "{amount} > 3", "{$rank} > 3"}
    assert "validation" not in str(seen["definition"]) and "amount" in seen["labels"]
    administrator(bob)
    whole = client.get(ticket_page(ticket)).context["diagram"]["definition"]
    assert whole == ticket.flow_version.definition


def test_why_it_was_stopped_is_told_to_who_sees_all_that_it_may_name(
    reader: Client, stopped: Ticket, form: CustomForm, bob: Member
) -> None:
    hide(form, bob)
    page = text_of(reader.get(ticket_page(stopped), headers=ENGLISH))
    assert "The flow could not go on." in page and "$divisor" not in page
