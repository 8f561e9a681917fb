"""A ticket's page: where it stands on its flow's diagram, its history, and help for one that was stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from forms_app.admin.enumerated import enumerated
from forms_app.admin.people.acting import actor_in
from forms_app.admin.tickets.frame import MOST_STEPS, Course, Sight, record_title, sight_of, ticket_url
from forms_app.admin.tickets.history import entries
from forms_app.admin.tickets.reassigning import PeopleField, reassign_fields, reassigned
from forms_app.admin.tickets.variables import posted_variables, variable_faults, variable_fields
from forms_app.exceptions import Conflict, Fault, NotFound, Refused
from forms_app.field_types import Text
from forms_app.flows.language import CALLING, JOINING, STOPPED, WAITING
from forms_app.models import Ticket, TicketToken, Verb
from forms_app.tickets.care import ticket_close, ticket_resume
from forms_app.tickets.history import OtherTicket, calling_ticket

View = Callable[..., HttpResponse]
ICONS = {WAITING: "hourglass_top", CALLING: "output", JOINING: "call_merge", STOPPED: "error"}
LONGEST_REASON = 1_000


@dataclass(frozen=True)
class ShownToken:
    """Where the ticket stands, as the page shows it. `push_url`: for who may push there."""

    token: TicketToken
    label: str
    icon: str
    message: str
    assignees: list[str]
    push_url: str
    called: OtherTicket | None
    called_url: str
    reassign: Sequence[PeopleField] = ()
    """The inputs by which it can be put to others."""

    @property
    def stopped(self) -> bool:
        return self.token.state == STOPPED


def ticket_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the tickets', view, last part of its name)."""

    @require_safe
    def page(request: HttpRequest, ticket_id: int) -> HttpResponse:
        return _ticket_page(model_admin, request, sight_of(request, ticket_id))

    @require_POST
    def resume(request: HttpRequest, ticket_id: int) -> HttpResponse:
        """Resume at the token `token`, with the variables that were changed."""
        sight = _cared(request, ticket_id)
        try:
            _resume(request, sight)
        except Refused as refused:
            return _ticket_page(model_admin, request, sight, refused.faults)
        except (Conflict, NotFound) as refused:
            messages.error(request, " ".join(fault.message for fault in refused.faults))
        else:
            _tell_standing(request, sight)
        return HttpResponseRedirect(ticket_url(ticket_id))

    @require_POST
    def close(request: HttpRequest, ticket_id: int) -> HttpResponse:
        sight = _cared(request, ticket_id)
        reason = request.POST.get("reason", "").strip().replace("\0", "")[:LONGEST_REASON]
        try:
            ticket_close(form_id=sight.form_id, ticket_id=ticket_id, reason=reason, uid=_uid(sight))
        except (Conflict, NotFound) as refused:
            messages.error(request, " ".join(fault.message for fault in refused.faults))
        else:
            messages.success(request, _("The ticket was closed."))
        return HttpResponseRedirect(ticket_url(ticket_id))

    @require_POST
    def reassign(request: HttpRequest, ticket_id: int) -> HttpResponse:
        """Put the stage `token` to the members and departments that were chosen."""
        sight = _cared(request, ticket_id)
        try:
            names = reassigned(request, sight)
        except (Refused, Conflict, NotFound) as refused:
            messages.error(request, " ".join(fault.message for fault in refused.faults))
        else:
            messages.success(request, _("The stage now waits for: {names}.").format(names=enumerated(names)))
        return HttpResponseRedirect(ticket_url(ticket_id))

    return (
        ("<int:ticket_id>/", page, "page"),
        ("<int:ticket_id>/reassign/", reassign, "reassign"),
        ("<int:ticket_id>/resume/", resume, "resume"),
        ("<int:ticket_id>/close/", close, "close"),
    )


def _cared(request: HttpRequest, ticket_id: int) -> Sight:
    """The ticket, for who may resume and close. Raises Http404, PermissionDenied."""
    sight = sight_of(request, ticket_id)
    if not sight.cares:
        raise PermissionDenied
    return sight


def _uid(sight: Sight) -> int | None:
    return sight.member.uid if sight.member else None


def _resume(request: HttpRequest, sight: Sight) -> None:
    """Raises Refused, Conflict, NotFound."""
    given = request.POST.get("token", "")
    token_id = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
    variables = posted_variables(sight.compiled.variables.values(), request.POST)
    ticket_resume(
        form_id=sight.form_id,
        ticket_id=sight.ticket.pk,
        token_id=token_id,
        variables={name: Text(text) for name, text in variables.items()},
        uid=_uid(sight),
    )


def _tell_standing(request: HttpRequest, sight: Sight) -> None:
    """A message about how it went: the component that was tried again may have failed again."""
    tokens = TicketToken.objects.of_ticket(sight.form_id, sight.ticket.pk)
    if tokens.stopped().exists():
        messages.warning(request, _("The ticket was resumed, and is still stopped by an error."))
    else:
        messages.success(request, _("The ticket was resumed."))


def _ticket_page(model_admin: Any, request: HttpRequest, sight: Sight, faults: Sequence[Fault] = ()) -> HttpResponse:
    ticket = sight.ticket
    course = Course(sight, all_steps="all" in request.GET)
    shown_tokens = [_shown_token(course, token) for token in course.tokens]
    title = record_title(sight)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Ticket"),
        "is_fullwidth": "1",
        "sight": sight,
        "ticket": ticket,
        "state": Ticket.State(ticket.state).label,
        "record_title": title,
        "record_gone": title is None,
        "record_url": _record_url(request, sight) if title is not None else "",
        "list_url": _list_url(request, sight),
        "opened_by": course.member(ticket.creator_uid),
        "caller": _caller(ticket),
        "course": course,
        "places": shown_tokens,
        "diagram": course.diagram(),
        "entries": entries(course),
        "hidden_steps": max(0, course.count - len(course.steps)),
        "most_steps": MOST_STEPS,
        "files": [(file, course.member(file.uid)) for file in course.attachments],
        "file_links": sight.member is not None,
        **_care(request, sight, shown_tokens, faults),
    }
    return TemplateResponse(request, "admin/forms_app/ticket/page.html", context, status=422 if faults else 200)


def _care(
    request: HttpRequest, sight: Sight, shown_tokens: Sequence[ShownToken], faults: Sequence[Fault]
) -> Mapping[str, Any]:
    """The variables to mend and the buttons, for who may help the ticket on."""
    stopped = [token for token in shown_tokens if token.stopped]
    variables = list(sight.compiled.variables.values())
    beside, others = variable_faults(variables, faults)
    return {
        "stopped": stopped,
        "cares": sight.cares and sight.ticket.state == Ticket.State.RUNNING,
        "variables": variable_fields(
            variables, values=sight.ticket.variables, faults=beside, post=request.POST if faults else None, mending=True
        ),
        "faults": [fault.message for fault in others],
    }


def _shown_token(course: Course, token: TicketToken) -> ShownToken:
    called = course.called.get(token.id)
    return ShownToken(
        token=token,
        label=str(TicketToken.State(token.state).label),
        icon=ICONS[token.state],
        message=course.reason(token.message) if token.message else "",
        assignees=course.assignees(token) if token.state == WAITING else [],
        push_url=ticket_url(course.sight.ticket.pk, "stage", token.id) if course.sight.may_push(token) else "",
        called=called,
        called_url=ticket_url(called.id) if called else "",
        reassign=reassign_fields(course, token),
    )


def _caller(ticket: Ticket) -> dict[str, Any] | None:
    """The ticket that called this one, and its page."""
    if ticket.caller_form_id is None or ticket.caller_token_id is None:
        return None
    calling = calling_ticket(ticket.caller_form_id, ticket.caller_token_id)
    return {"ticket": calling, "url": ticket_url(calling.id)} if calling else None


def _record_url(request: HttpRequest, sight: Sight) -> str:
    if not sight.schema.rights(actor_in(request, sight.ticket.organization_id)).may(Verb.READ):
        return ""
    return reverse("admin:forms_app_customform_record", args=[sight.form_id, sight.ticket.entity_id])


def _list_url(request: HttpRequest, sight: Sight) -> str:
    """Where the page's arrow leads back."""
    mine = reverse("admin:forms_app_ticket_worklist")
    if not sight.cares:
        return mine
    return reverse("admin:forms_app_ticket_changelist") + f"?flow__id__exact={sight.ticket.flow_id}"
