"""The worklist: the stages that the signed-in member may push, the tickets that they opened, the flows to begin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forms_app.admin.people.acting import acting, own_member
from forms_app.admin.tickets.frame import ticket_url
from forms_app.admin.tickets.opening import no_member, openable_flows
from forms_app.models import Member, Ticket
from forms_app.people.actor import Actor
from forms_app.tickets.worklist import (
    OpenedTicket,
    opened_count,
    opened_tickets,
    record_titles,
    standing,
    waiting_flows,
    waiting_stages,
)

View = Callable[..., HttpResponse]
PER_PAGE = 25


def worklist_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the tickets', view, last part of its name)."""

    @require_safe
    def worklist(request: HttpRequest) -> HttpResponse:
        """Parameters: `tab` ("" for stages, `running`, `ended`, `new`), `flow`, `p`."""
        member = own_member(request)
        if member is None:
            return no_member(model_admin, request)
        tab = request.GET.get("tab", "")
        tab = tab if tab in TABS else ""
        context = {
            **model_admin.admin_site.each_context(request),
            "title": _("My stages"),
            "is_fullwidth": "1",
            "member": member,
            "tab": tab,
            "tabs": [
                (name, label(), "?" + urlencode({"tab": name}))
                for name, (label, _list) in TABS.items()
                if name != "new" or tab == name
            ],
            "new_url": "?tab=new",
            **TABS[tab][1](member, request.GET),
        }
        return TemplateResponse(request, "admin/forms_app/ticket/worklist.html", context)

    return (("worklist/", worklist, "worklist"),)


def waiting_count(actor: Actor) -> int:
    """How many stages wait for the actor."""
    return sum(flow.stages for flow in waiting_flows(actor))


def _stages(member: Member, given: Mapping[str, str]) -> dict[str, Any]:
    """A page of the stages, and the flows to narrow it to."""
    actor = acting(member)
    flows = waiting_flows(actor)
    chosen = next((flow for flow in flows if str(flow.flow_id) == given.get("flow")), None)
    total = chosen.stages if chosen else sum(flow.stages for flow in flows)
    page = _page_number(given, total)
    stages = waiting_stages(
        actor, flow_id=chosen.flow_id if chosen else None, limit=PER_PAGE, offset=(page - 1) * PER_PAGE
    )
    titles = record_titles([stage.record for stage in stages], actor, at_stages=True)
    rows = [
        {
            "stage": stage,
            "title": titles.get(stage.record, ""),
            "url": ticket_url(stage.ticket_id, "stage", stage.data_id),
            "ticket_url": ticket_url(stage.ticket_id),
        }
        for stage in stages
    ]
    narrowing = {"flow": chosen.flow_id} if chosen else {}
    return {"rows": rows, "flows": flows, "chosen": chosen, **_paging(page, total, narrowing)}


def _opened(running: bool) -> Callable[[Member, Mapping[str, str]], dict[str, Any]]:
    """Lists the tickets that the member opened and that run, or run no more."""

    def opened(member: Member, given: Mapping[str, str]) -> dict[str, Any]:
        actor = acting(member)
        total = opened_count(actor, running=running)
        page = _page_number(given, total)
        tickets = opened_tickets(actor, running=running, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
        titles = record_titles([ticket.record for ticket in tickets], actor)
        places = standing(ticket.key for ticket in tickets) if running and tickets else {}
        rows = [
            {
                "ticket": ticket,
                "title": titles.get(ticket.record, ""),
                "url": ticket_url(ticket.ticket_id),
                "places": places.get(ticket.key, []),
                "state": _state(ticket),
            }
            for ticket in tickets
        ]
        return {"rows": rows, **_paging(page, total, {"tab": "running" if running else "ended"})}

    return opened


def _state(ticket: OpenedTicket) -> str:
    return str(Ticket.State(ticket.state).label)


def _flows(member: Member, given: Mapping[str, str]) -> dict[str, Any]:
    flows = openable_flows(acting(member))
    return {"flows": [(flow, reverse("admin:forms_app_ticket_open", args=[flow.pk])) for flow in flows]}


TABS: dict[str, tuple[Callable[[], str], Callable[[Member, Mapping[str, str]], dict[str, Any]]]] = {
    "": (lambda: _("My stages"), _stages),
    "running": (lambda: _("Opened by me, running"), _opened(True)),
    "ended": (lambda: _("Opened by me, ended"), _opened(False)),
    "new": (lambda: _("New ticket"), _flows),
}


def _page_number(given: Mapping[str, str], total: int) -> int:
    text = given.get("p", "")
    wanted = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1
    return min(max(1, wanted), max(1, -(-total // PER_PAGE)))


def _paging(page: int, total: int, kept: Mapping[str, Any]) -> dict[str, Any]:
    pages = max(1, -(-total // PER_PAGE))
    return {
        "total": total,
        "page": page,
        "pages": pages,
        "previous_url": "?" + urlencode({**kept, "p": page - 1}) if page > 1 else "",
        "next_url": "?" + urlencode({**kept, "p": page + 1}) if page < pages else "",
    }
