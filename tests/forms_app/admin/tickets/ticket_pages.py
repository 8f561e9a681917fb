"""What the tests of the tickets' pages share: flows, tickets on their way, the pages' addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_app.models import CustomForm, Flow, Member, Ticket
from forms_app.tickets.pushing import ticket_open
from tests.factories import actor_of
from tests.flows import definition, make_flow

WORKLIST = reverse("admin:forms_app_ticket_worklist")
FILES = "ticket:files"
LIST = reverse("admin:forms_app_ticket_changelist")
ENGLISH = {"accept-language": "en"}
REVIEW = {
    "name": "审核",
    "fields": [
        {"name": "title", "access": "read"},
        {"name": "amount", "access": "write", "required": True},
        {"name": "papers", "access": "write"},
    ],
    "actions": [
        {"name": "同意", "values": [{"target": "amount", "value": 1}]},
        {"name": "退回", "values": [{"target": "amount", "value": 0}]},
    ],
}


def review_flow(form: CustomForm, name: str = "请假", assignees: Any = None, **settings: Any) -> Flow:
    """start > review > end; the review shows the title, asks for the amount and takes papers."""
    review = {**REVIEW, "assignees": assignees or {}}
    return make_flow(form, definition("start > review > end", review=review), name=name, **settings)


def stopping_flow(form: CustomForm, name: str = "会停") -> Flow:
    """Stopped at its condition while the variable `divisor` is 0."""
    kinds = ("text", "number", "boolean", "date", "datetime")
    variables = [{"name": f"a_{kind}", "kind": kind} for kind in kinds]
    source = definition(
        "start > condition",
        "condition > review : {amount} / {$divisor} > 1",
        "condition > end",
        "review > end",
        start={"variables": [{"name": "divisor", "kind": "number", "required": True}, *variables]},
    )
    return make_flow(form, source, name=name)


def opened(flow: Flow, member: Member, start_input: Any = None, **values: Any) -> Ticket:
    """A ticket that the member opened."""
    row = ticket_open(flow=flow, values={"title": "甲", **values}, actor=actor_of(member), start_input=start_input)
    return Ticket.objects.get(pk=row.id)


def ticket_page(ticket: Ticket, page: str = "page", *args: Any) -> str:
    return reverse(f"admin:forms_app_ticket_{page}", args=[ticket.pk, *args])


def stage_page(ticket: Ticket) -> str:
    """The page of the one stage where the ticket waits."""
    return ticket_page(ticket, "stage", ticket.tokens.get(state="waiting").pk)


def open_page(flow: Flow) -> str:
    return reverse("admin:forms_app_ticket_open", args=[flow.pk])


def text_of(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:500]
    found: str = response.content.decode()
    return found


@contextmanager
def counted(counts: list[int]) -> Iterator[None]:
    """Note how many statements were made."""
    with CaptureQueriesContext(connection) as found:
        yield
    counts.append(len(found))


def statements(client: Client, url: str) -> int:
    """How many statements the page takes, caches warm."""
    counts: list[int] = []
    for _time in range(2):
        with counted(counts):
            assert client.get(url).status_code == 200
    return counts[-1]


def upload(name: str = "a.txt", content: bytes = b"hello") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/plain")


def on_disk(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def entries(client: Client, ticket: Ticket) -> list[Any]:
    """The history as its page shows it."""
    found: list[Any] = client.get(ticket_page(ticket), headers=ENGLISH).context["entries"]
    return found


def changes(entry: Any) -> dict[str, tuple[str, str]]:
    """What an entry says was changed: label → (before, after)."""
    return {
        change.label: (" ".join(part.text for part in change.before), " ".join(part.text for part in change.after))
        for change in entry.changes
    }
